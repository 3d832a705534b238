import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spans.trace.assemble import Flag, assemble
from spans.trace.critical_path import critical_path
from spans.trace.self_time import self_times_ns
from tests.trace.rows import Row, chain, trace_of


def names(trace, rows):
    return [trace.names[trace.name[row]] for row in rows]


def test_children_follow_their_parent_in_order_of_start():
    rows = [Row(1, 0, 0, 100, name="root"), Row(3, 1, 50, 10, name="b"), Row(2, 1, 10, 10, name="a")]
    trace = trace_of([*rows, Row(4, 2, 60, 5, name="late child of a")])
    tree = assemble(trace)
    assert names(trace, tree.order) == ["root", "a", "late child of a", "b"]
    assert [tree.depth[row] for row in tree.order] == [0, 1, 2, 1]


def test_orphan_becomes_a_root_and_is_flagged():
    tree = assemble(trace_of([Row(1, 0, 0, 10), Row(2, 99, 5, 5)]))
    assert tree.roots.tolist() == [0, 1]
    assert tree.flags[1] & Flag.ORPHAN
    assert not tree.flags[0] & Flag.ORPHAN


def test_span_that_names_itself_as_parent_becomes_a_root_and_is_flagged():
    tree = assemble(trace_of([Row(7, 7, 0, 10)]))
    assert tree.roots.tolist() == [0]
    assert tree.flags[0] & Flag.CYCLE


def test_cycle_is_cut_at_its_earliest_span():
    rows = [Row(1, 3, 20, 5), Row(2, 1, 10, 5), Row(3, 2, 30, 5), Row(4, 2, 5, 1), Row(5, 0, 40, 1)]
    trace = trace_of(rows)
    tree = assemble(trace)
    assert [int(trace.span_id[row]) for row in tree.order] == [5, 2, 4, 3, 1]
    assert [int(trace.span_id[row]) for row in np.flatnonzero(tree.flags & Flag.CYCLE)] == [2]


def test_first_of_two_spans_with_one_id_owns_the_children():
    trace = trace_of([Row(1, 0, 0, 100), Row(2, 1, 10, 50), Row(2, 1, 20, 50), Row(3, 2, 30, 5)])
    tree = assemble(trace)
    assert tree.parent.tolist() == [-1, 0, 0, 1]
    assert [bool(flag & Flag.DUPLICATE) for flag in tree.flags] == [False, False, True, False]


def test_child_outside_its_parent_is_flagged_and_stays_where_it_is():
    tree = assemble(trace_of([Row(1, 0, 10, 10), Row(2, 1, 5, 10), Row(3, 1, 15, 10)]))
    assert [int(flag & (Flag.SKEW | Flag.ASYNC)) for flag in tree.flags] == [Flag.SKEW, 0, Flag.ASYNC]


def test_chain_of_100_000_spans_needs_no_recursion():
    trace = trace_of(chain(100_000))
    tree = assemble(trace)
    assert tree.depth.max() == 99_999
    assert set(self_times_ns(trace, tree).tolist()) == {2, 3}
    assert len(critical_path(trace, tree).row) == 2 * 100_000 - 1


@st.composite
def tangled(draw):
    """Up to 12 spans whose parents are anything: unknown, themselves, each other; ids repeat."""
    numbers = st.integers(1, 8)
    count = draw(st.integers(1, 12))
    times = st.integers(0, 30)
    return [
        Row(draw(numbers), draw(st.integers(0, 9)), draw(times), draw(times), kind=draw(st.integers(0, 5)))
        for _ in range(count)
    ]


@given(tangled())
def test_every_span_appears_exactly_once(rows):
    tree = assemble(trace_of(rows))
    assert sorted(tree.order.tolist()) == list(range(len(rows)))


@given(tangled())
def test_self_time_is_the_time_no_child_covers(rows):
    trace = trace_of(rows)
    tree = assemble(trace)
    starts, durations = trace.start_ns.tolist(), trace.duration_ns.tolist()
    for row, self_ns in enumerate(self_times_ns(trace, tree).tolist()):
        own = set(range(starts[row], starts[row] + durations[row]))
        for child in tree.children_of(row):
            own -= set(range(starts[child], starts[child] + durations[child]))
        assert self_ns == len(own)


@given(tangled())
def test_stretches_of_the_critical_path_tile_each_root(rows):
    trace = trace_of(rows)
    tree = assemble(trace)
    path = critical_path(trace, tree)
    tiles = sorted(zip(path.from_ns, path.to_ns, strict=True))
    whole = sum(int(trace.duration_ns[root]) for root in tree.roots)
    assert sum(to_ns - from_ns for from_ns, to_ns in tiles) == whole
    for row, from_ns, to_ns in zip(path.row, path.from_ns, path.to_ns, strict=True):
        assert trace.start_ns[row] <= from_ns < to_ns <= trace.start_ns[row] + trace.duration_ns[row]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_cycle_of_any_length_is_cut_once(size):
    tree = assemble(trace_of([Row(i + 1, (i + 1) % size + 1, i, 1) for i in range(size)]))
    assert len(tree.roots) == 1
    assert len(tree.order) == size
