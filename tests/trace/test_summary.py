import pytest

from spans.trace.summary import summarise
from tests.trace.rows import Row, trace_of


def test_services_are_ranked_by_their_share_of_the_critical_path():
    rows = [Row(1, 0, 0, 100, "gateway"), Row(2, 1, 10, 70, "shop", status=2), Row(3, 2, 20, 50, "db")]
    summary = summarise(trace_of(rows))
    assert [(s.name, s.share, s.errors) for s in summary.services] == [
        ("db", 0.5, 0), ("gateway", 0.3, 0), ("shop", 0.2, 1),
    ]  # fmt: skip
    assert (summary.spans, summary.errors, summary.depth) == (3, 1, 3)


def test_duration_is_that_of_all_spans_not_of_the_root():
    summary = summarise(trace_of([Row(1, 0, 100, 10), Row(2, 1, 90, 50)]))
    assert (summary.start_ns, summary.duration_ns) == (90, 50)


@pytest.mark.parametrize(
    ("rows", "name", "is_missing"),
    [
        ([Row(2, 9, 0, 9, name="orphan"), Row(1, 0, 5, 9, name="root")], "root", False),
        ([Row(3, 9, 5, 9, name="later"), Row(2, 9, 0, 9, name="orphan")], "orphan", True),
        ([Row(1, 2, 5, 9, name="a"), Row(2, 1, 0, 9, name="cut")], "cut", True),
    ],
    ids=["the earliest span without parent", "else the earliest orphan", "else where a cycle is cut"],
)
def test_root_is(rows, name, is_missing):
    summary = summarise(trace_of(rows))
    assert (summary.root_name, summary.root_is_missing) == (name, is_missing)


def test_trace_without_any_time_has_shares_of_nothing():
    summary = summarise(trace_of([Row(1, 0, 5, 0)]))
    assert (summary.duration_ns, summary.services[0].share) == (0, 0)
