"""Simulated time makes traces that could have happened."""

from collections import Counter

from tests.demo.played import START_NS, by_trace, named, play, service_of
from tracing_ui.demo.faults import MINUTE_NS, is_acme_slow
from tracing_ui.demo.schedule import LIVE_PER_MINUTE, live, moments

ASYNCHRONOUS = {"process orders.placed", "shop.cart.v1.CartService/EmptyCart"}


def test_every_trace_has_one_beginning():
    for spans in by_trace(play()).values():
        ids = {span.context.span_id for span in spans}
        assert sum(1 for span in spans if span.parent is None or span.parent.span_id not in ids) == 1


def test_no_span_ends_before_it_starts():
    assert all(span.start_time < span.end_time for span in play())


def test_children_stay_inside_their_parents_unless_they_are_asynchronous():
    for spans in by_trace(play()).values():
        known = {span.context.span_id: span for span in spans}
        for span in spans:
            parent = known.get(span.parent.span_id) if span.parent else None
            if parent and "shipping" not in (service_of(span), service_of(parent)):
                assert parent.start_time <= span.start_time
                assert span.end_time <= parent.end_time or span.name in ASYNCHRONOUS


def test_shipping_works_after_the_visitor_has_his_answer():
    late = 0
    for spans in by_trace(play()).values():
        for root in named(spans, "POST /checkout", "web-gateway"):
            late += any(span.start_time > root.end_time for span in spans if service_of(span) == "shipping")
    assert late > 0


def test_the_clock_of_shipping_is_some_milliseconds_slow():
    for spans in by_trace(play()).values():
        known = {span.context.span_id: span for span in spans}
        for span in named(spans, "process orders.placed", "shipping"):
            gap_ms = (span.start_time - known[span.parent.span_id].end_time) / 1e6
            assert -7.1 < gap_ms < 60


def test_traces_are_as_large_as_real_ones():
    sizes = [len(spans) for spans in by_trace(play(from_minute=1)).values()]
    assert 15 < sum(sizes) / len(sizes) < 60


def test_the_same_seed_makes_the_same_spans():
    def told(spans):
        return [(s.context.trace_id, s.context.span_id, s.name, s.start_time, s.end_time) for s in spans]

    first = told(play(minutes=1))
    play.cache_clear()
    assert told(play(minutes=1)) == first
    assert told(play(seed=2, minutes=1)) != first


def test_ids_are_not_repeated():
    spans = play()
    assert len({span.context.span_id for span in spans}) == len(spans)


def test_the_rate_is_three_to_four_traces_a_second():
    minutes = [len(moments(minute, seed=1, per_minute=LIVE_PER_MINUTE)) for minute in range(50)]
    assert 180 < sum(minutes) / 50 < 240


def test_live_traffic_goes_on_over_the_minute_in_order():
    traffic = live(seed=1, from_ns=START_NS + 59 * 10**9)
    starts = [next(traffic).start_ns for _ in range(300)]
    assert starts == sorted(starts)
    assert starts[0] >= START_NS + 59 * 10**9
    assert starts[-1] > START_NS + 2 * MINUTE_NS


def test_acme_is_slow_for_25_minutes_before_the_start_and_10_of_30_after():
    slow = Counter(
        (minute // 30, is_acme_slow(START_NS + minute * MINUTE_NS, began_ns=START_NS))
        for minute in range(-60, 90)
    )
    assert [slow[half_hour, True] for half_hour in (-2, -1, 0, 1, 2)] == [0, 25, 10, 10, 10]
