import time

import pytest

from spans.trace import load
from spans.trace.load import current_rev, load_trace, load_traces
from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)


def test_spans_of_several_chunks_and_services_come_as_one_sorted_trace():
    trace_id, one, other = fresh_trace_id(), fresh_service("one"), fresh_service("other")
    store(request_of(make_span(trace_id=trace_id, start_ns=30, name="c"), service=one))
    store(request_of(make_span(trace_id=trace_id, start_ns=20, duration_ns=5, name="b"), service=other))
    store(request_of(make_span(trace_id=trace_id, start_ns=20, duration_ns=9, name="a"), make_span()))
    trace = load_trace(trace_id)
    assert trace.start_ns.tolist() == [20, 20, 30]
    assert trace.names == ("a", "b", "c")
    assert trace.services == ("shop", other, one)
    assert len(trace.cids) == len(set(trace.cids)) == 3


def test_times_are_exact_to_the_nanosecond():
    trace_id, start_ns = fresh_trace_id(), 1_795_393_953_123_456_789
    store(request_of(make_span(trace_id=trace_id, start_ns=start_ns, duration_ns=2**53 + 1)))
    trace = load_trace(trace_id)
    assert (trace.start_min_ns, int(trace.duration_ns[0])) == (start_ns, 2**53 + 1)


def test_traces_with_one_low_half_stay_apart():
    low = fresh_span_id()
    short, long = "0" * 16 + low, fresh_span_id() + low
    store(request_of(make_span(trace_id=short, name="short"), make_span(trace_id=long, name="long")))
    traces = load_traces([long, short])
    assert {trace_id: trace.names for trace_id, trace in traces.items()} == {
        long: ("long",),
        short: ("short",),
    }
    assert list(traces) == [long, short]


def test_unknown_ids_are_absent():
    assert load_traces([fresh_trace_id()]) == {}
    assert load_traces([]) == {}


def test_rev_changes_exactly_when_spans_arrive():
    trace_id = fresh_trace_id()
    store(request_of(make_span(trace_id=trace_id)))
    first = load_trace(trace_id).rev
    store(request_of(make_span()))
    assert current_rev(trace_id) == first
    store(request_of(make_span(trace_id=trace_id)))
    assert current_rev(trace_id) != first


def test_second_copies_are_dropped_and_different_spans_with_one_id_are_flagged():
    trace_id, span_id, start_ns = fresh_trace_id(), fresh_span_id(), time.time_ns()
    same = {"trace_id": trace_id, "span_id": span_id, "start_ns": start_ns, "name": "n"}
    span, twin = make_span(**same, attributes={"k": "a"}), make_span(**same, attributes={"k": "b"})
    for spans in ([span], [span, twin], [twin]):
        store(request_of(*spans))
    trace = load_trace(trace_id)
    assert trace.n == 2
    assert trace.duplicate.tolist() == [False, True]


def test_equal_bytes_of_two_resources_are_two_spans():
    span = make_span()
    store(request_of(span, resource={"host": "a"}))
    store(request_of(span, resource={"host": "b"}))
    assert load_trace(span.trace_id.hex()).n == 2


def test_trace_beyond_the_limit_is_cut_and_says_how_much_is_left_out(monkeypatch):
    trace_id = fresh_trace_id()
    for start_ns in (10, 20, 30):
        store(request_of(*[make_span(trace_id=trace_id, start_ns=start_ns + i) for i in range(4)]))
    monkeypatch.setattr(load, "TRACE_SPANS_MAX", 6)
    trace = load_trace(trace_id)
    assert trace.start_ns.tolist() == [10, 11, 12, 13, 20, 21]
    assert trace.left_out == 6
