"""Everything that a trace UI has to show happens in the shop."""

from collections import Counter

import numpy as np
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from tests.demo.played import by_trace, duration_ms, named, play, service_of


def test_there_are_at_least_eight_services_and_each_says_where_it_runs():
    resources = {service_of(span): span.resource.attributes for span in play()}
    assert len(resources) >= 8
    for name, attributes in resources.items():
        wanted = (
            "service.version",
            "service.instance.id",
            "host.name",
            "k8s.pod.name",
            "telemetry.sdk.language",
        )
        assert [key for key in wanted if not attributes.get(key)] == [], name


@pytest.mark.parametrize(
    "key",
    [
        "http.request.method", "http.route", "url.full", "http.response.status_code", "rpc.system.name",
        "rpc.method", "db.system.name", "db.query.text", "db.namespace", "messaging.system",
        "messaging.destination.name", "network.protocol.version", "user.id", "order.id",
        "feature_flag.checkout-one-page", "fraud.provider",
    ],
)  # fmt: skip
def test_attribute_is_used(key):
    assert any(key in (span.attributes or {}) for span in play())


@pytest.mark.parametrize("kind", list(SpanKind))
def test_kind_of_span_is_used(kind):
    assert any(span.kind == kind for span in play())


def test_sql_and_redis_are_asked():
    systems = {(span.attributes or {}).get("db.system.name") for span in play()}
    assert systems >= {"postgresql", "redis"}


def test_a_batch_of_mails_links_to_the_producer_of_every_order():
    spans = play()
    producers = {(span.context.trace_id, span.context.span_id) for span in named(spans, "send orders.placed")}
    batches = named(spans, "process orders.placed", "notifications")
    assert batches
    for batch in batches:
        linked = {(link.context.trace_id, link.context.span_id) for link in batch.links}
        assert len(linked) == batch.attributes["messaging.batch.message_count"] > 1
        assert linked <= producers


def test_some_card_charges_need_three_tries_with_growing_pauses():
    tries = [s for s in named(play(), "POST /v1/charges") if "http.request.resend_count" in s.attributes]
    assert {span.attributes["http.request.resend_count"] for span in tries} == {1, 2}
    retries = [e for span in play() for e in span.events if e.name == "retry"]
    assert {event.attributes["retry.backoff_ms"] for event in retries} == {60.0, 120.0}


def test_exceptions_have_stack_traces_of_several_languages():
    traces = [
        str(event.attributes["exception.stacktrace"])
        for span in play()
        for event in span.events
        if event.name == "exception"
    ]
    assert any("\tat " in text for text in traces)
    assert any("Traceback (most recent call last)" in text for text in traces)


def test_the_order_history_repeats_one_query_for_every_order():
    histories = [spans for spans in by_trace(play()).values() if named(spans, "GET /account/orders")]
    assert histories
    for spans in histories:
        texts = Counter(s.attributes["db.query.text"] for s in spans if "db.query.text" in s.attributes)
        assert 30 <= texts.most_common(1)[0][1] <= 40


def test_errors_are_few():
    spans = play()
    errors = [span for span in spans if span.status.status_code == StatusCode.ERROR]
    assert 0 < len(errors) < len(spans) / 50


def test_a_large_trace_comes_along():
    assert any(1_000 < len(spans) < 2_000 for spans in by_trace(play()).values())


def test_a_job_and_health_checks_run_without_a_visitor():
    roots = {span.name for span in play() if span.parent is None}
    assert roots >= {"cron renew-subscriptions", "cron import-prices", "GET /healthz"}


def test_some_spans_have_a_parent_that_is_never_sent():
    ids = {span.context.span_id for span in play()}
    assert {span.name for span in play() if span.parent and span.parent.span_id not in ids} == {
        "POST /api/legacy/stock"
    }


def test_checkout_is_quick_while_the_fraud_provider_is_well():
    times_ms = [duration_ms(span) for span in named(play(from_minute=-50), "POST /api/orders")]
    assert 80 < np.percentile(times_ms, 99) < 200


def test_checkout_is_slow_while_the_fraud_provider_is_degraded():
    times_ms = [duration_ms(span) for span in named(play(from_minute=-5), "POST /api/orders")]
    assert np.percentile(times_ms, 99) > 400
    assert np.mean(np.array(times_ms) > 200) > 0.5


def test_the_call_to_acme_takes_most_of_a_slow_checkout():
    for spans in by_trace(play(from_minute=-5)).values():
        for order in named(spans, "POST /api/orders"):
            if duration_ms(order) > 200 and not any(e.name == "retry" for s in spans for e in s.events):
                (call,) = [s for s in spans if s.kind == SpanKind.CLIENT and "fraud.provider" in s.attributes]
                assert service_of(call) == "fraud-check"
                assert call.attributes["fraud.provider"] == "acme-fraud-api"
                assert duration_ms(call) > duration_ms(order) / 2


def test_the_other_fraud_provider_stays_quick():
    asked = [s for s in play(from_minute=-5) if (s.attributes or {}).get("fraud.provider") == "sift-eu"]
    calls = [span for span in asked if span.kind == SpanKind.CLIENT]
    assert calls
    assert max(duration_ms(span) for span in calls) < 60
