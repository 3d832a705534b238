"""Windows, pages over data that changes, the time that ends, and what a line says."""

import time
from dataclasses import replace

import pytest

from spans.otel.clock import TimeWindow
from spans.search.cursor import BadCursor
from spans.search.find import Found, Order, Search, chart_points, find_traces
from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)
MS = 10**6


def asked(text: str, **changes: object) -> Search:
    return replace(Search(text, None, Order.NEWEST, 40, budget_ms=60_000), **changes)  # type: ignore[arg-type]


def ids(found: Found) -> list[str]:
    return [trace.trace_id for trace in found.traces]


def store_traces(service: str, starts_ns: list[int], **changes: object) -> list[str]:
    trace_ids = [fresh_trace_id() for _ in starts_ns]
    spans = [
        make_span(trace_id=trace_id, start_ns=start_ns, **changes)
        for trace_id, start_ns in zip(trace_ids, starts_ns, strict=True)
    ]
    store(request_of(*spans, service=service))
    return trace_ids


def test_a_window_is_half_open_on_the_start_of_the_matching_span():
    service, now_ns = fresh_service(), time.time_ns()
    trace_ids = store_traces(service, [now_ns - 1, now_ns, now_ns + 9, now_ns + 10])
    found = find_traces(asked(f"service={service}", window=TimeWindow(now_ns, now_ns + 10)))
    assert ids(found) == [trace_ids[2], trace_ids[1]]


def test_without_a_window_spans_of_any_age_are_found():
    service = fresh_service()
    trace_ids = store_traces(service, [1, 10**18, time.time_ns()])
    assert ids(find_traces(asked(f"service={service}"))) == trace_ids[::-1]


def test_newest_goes_by_the_matching_span_and_not_by_the_trace():
    service, now_ns = fresh_service(), time.time_ns()
    first, second = store_traces(service, [now_ns - 20 * MS, now_ns - 10 * MS], name="asked")
    store(request_of(make_span(trace_id=first, name="other", start_ns=now_ns), service=service))
    found = find_traces(asked(f"service={service} name=asked"))
    assert ids(found) == [second, first]
    assert found.traces[1].spans == 2


def test_slowest_goes_by_the_longest_matching_span():
    service, now_ns = fresh_service(), time.time_ns()
    slow, quick = fresh_trace_id(), fresh_trace_id()
    store(request_of(make_span(trace_id=slow, duration_ns=90 * MS, start_ns=now_ns), service=service))
    store(request_of(make_span(trace_id=quick, duration_ns=5 * MS, start_ns=now_ns + 1), service=service))
    store(
        request_of(make_span(trace_id=quick, duration_ns=10**9, start_ns=now_ns, status=2), service=service)
    )
    assert ids(find_traces(asked(f"service={service} status=unset", order=Order.SLOWEST))) == [slow, quick]
    assert ids(find_traces(asked(f"service={service}", order=Order.SLOWEST))) == [quick, slow]


def test_all_conditions_hold_on_one_span():
    service, trace_id = fresh_service(), fresh_trace_id()
    spans = [make_span(trace_id=trace_id, status=2), make_span(trace_id=trace_id, attributes={"user": "u1"})]
    store(request_of(*spans, service=service))
    assert find_traces(asked(f"service={service} user=u1")).traces
    assert not find_traces(asked(f"service={service} user=u1 status=error")).traces


def test_a_line_tells_of_the_trace_and_of_the_span_that_matched():
    service, trace_id, root_id, now_ns = fresh_service(), fresh_trace_id(), fresh_span_id(), time.time_ns()
    root = make_span(trace_id=trace_id, span_id=root_id, name="GET /", start_ns=now_ns, duration_ns=20 * MS)
    child = make_span(trace_id=trace_id, parent_id=root_id, name="SELECT", start_ns=now_ns + MS, status=2)
    store(request_of(root, service=service))
    store(request_of(child, service=f"{service}-db"))
    (line,) = find_traces(asked(f"service={service}-db")).traces
    assert (line.root_service, line.root_name, line.root_is_missing) == (service, "GET /", False)
    assert (line.spans, line.errors, line.matches) == (2, 1, 1)
    assert (line.start_ns, line.duration_ns) == (now_ns, 20 * MS)
    assert (line.matched.name, line.matched.is_error) == ("SELECT", True)
    assert {one.name for one in line.services} == {service, f"{service}-db"}


def test_traces_that_arrive_between_pages_move_nothing():
    service, now_ns = fresh_service(), time.time_ns()
    trace_ids = store_traces(service, [now_ns - number * MS for number in range(6)])
    first = find_traces(asked(f"service={service}", limit=3))
    store_traces(service, [now_ns + MS])
    second = find_traces(asked(f"service={service}", limit=3, cursor=first.next_cursor))
    assert ids(first) + ids(second) == trace_ids
    assert second.next_cursor is None
    assert first.total == second.total
    assert first.total.count == 6


@pytest.mark.parametrize("text", ["service={service}", "service={service} user=u1"])
def test_an_older_match_of_a_trace_on_an_earlier_page_does_not_bring_it_back(text: str):
    service, now_ns, user = fresh_service(), time.time_ns(), {"user": "u1"}
    newest, *others = store_traces(service, [now_ns - n * MS for n in range(4)], attributes=user)
    old = make_span(trace_id=newest, start_ns=now_ns - 90 * MS, attributes=user)
    store(request_of(old, service=service))
    query, seen, cursor = text.format(service=service), [], None
    for _ in range(4):
        page = find_traces(asked(query, limit=1, cursor=cursor))
        seen, cursor = seen + ids(page), page.next_cursor
    assert seen == [newest, *others]
    assert cursor is None


def test_a_cursor_of_another_query_or_a_broken_one_is_refused():
    service = fresh_service()
    store_traces(service, [time.time_ns(), time.time_ns() + 1])
    cursor = find_traces(asked(f"service={service}", limit=1)).next_cursor
    assert cursor
    for text, wrong in (
        (f"service={service}x", cursor),
        (f"service={service}", cursor[:-4]),
        ("", "é"),
        ("", "AAAA"),
    ):
        with pytest.raises(BadCursor):
            find_traces(asked(text, limit=1, cursor=wrong))


def test_when_the_time_ends_the_cursor_goes_on_to_the_same_result():
    service, now_ns = fresh_service(), time.time_ns()
    trace_ids = store_traces(service, [now_ns - n * MS for n in range(20)], attributes={"user": "u1"})
    seen, cursor, budget_ms = [], None, 1
    for _ in range(200):
        page = find_traces(asked(f"service={service} user=u1", limit=3, cursor=cursor, budget_ms=budget_ms))
        assert page.next_cursor or not page.is_partial
        seen, cursor, budget_ms = seen + ids(page), page.next_cursor, budget_ms + 5
        if cursor is None:
            break
    assert seen == trace_ids


def test_a_search_without_time_says_that_it_is_partial():
    page = find_traces(asked("", budget_ms=0))
    assert page.is_partial
    assert page.next_cursor
    assert (page.traces, page.total.is_exact) == ((), False)


def test_who_links_to_a_trace_is_found_by_its_id():
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    service, linked = fresh_service(), fresh_trace_id()
    link = Span.Link(trace_id=bytes.fromhex(linked), span_id=bytes.fromhex(fresh_span_id()))
    span = make_span(links=[link])
    store(request_of(span, service=service))
    assert ids(find_traces(asked(f"link:traceID={linked}"))) == [span.trace_id.hex()]


def test_the_chart_has_a_point_for_each_trace_of_the_list():
    service, now_ns = fresh_service(), time.time_ns()
    trace_ids = store_traces(service, [now_ns - n * MS for n in range(5)], status=2)
    points = chart_points(asked(f"service={service}", limit=2))
    assert sorted(points.trace_id) == sorted(trace_ids)
    assert set(points.service) == {service}
    assert points.is_error == (True,) * 5
    assert points.is_complete
