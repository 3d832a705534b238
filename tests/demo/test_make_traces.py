"""Spans written by hand are OTLP, have the mix that was asked for, and are stored as if received live."""

import json
import time
from functools import cache

import numpy as np
import pytest
from django.core.management import call_command
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from spans.management.commands.make_traces import shares_of
from spans.store.database import read
from spans.trace.load import load_trace
from tracing_ui.demo.bulk.arrivals import Flush
from tracing_ui.demo.bulk.part import Share, Traces

END_NS = 1_795_000_000 * 10**9
HOUR_NS = 3600 * 10**9
SPANS = 40_000


def share(seed: int = 42) -> Share:
    return Share(
        part=0, seed=seed, spans=SPANS, start_ns=END_NS - HOUR_NS, end_ns=END_NS, users=400, big_traces=1
    )


@cache
def flushes(seed: int = 42) -> list[Flush]:
    return list(Traces(share(seed)).flushes())


@cache
def made() -> list[tuple[str, Span]]:
    """(service, span) of everything, decoded with the stock classes."""
    requests = [ExportTraceServiceRequest.FromString(flush.body) for flush in flushes()]
    return [
        (in_resource.resource.attributes[0].value.string_value, span)
        for request in requests
        for in_resource in request.resource_spans
        for in_scope in in_resource.scope_spans
        for span in in_scope.spans
    ]


def test_exactly_as_many_spans_as_asked():
    assert len(made()) == sum(flush.spans for flush in flushes()) == SPANS


def test_thirty_services_have_about_three_hundred_operations():
    assert len({service for service, _ in made()}) == 30
    assert 280 <= len({(service, span.name) for service, span in made()}) <= 300


@pytest.mark.parametrize(
    ("low", "high", "count"),
    [
        pytest.param(10, 12, lambda span: len(span.attributes), id="attributes"),
        pytest.param(0.25, 0.35, lambda span: len(span.events), id="events"),
        pytest.param(0.04, 0.06, lambda span: span.status.code == 2, id="errors"),
        pytest.param(
            0.01, 0.3, lambda s: s.end_time_unix_nano - s.start_time_unix_nano > 2e8, id="over 200 ms"
        ),
        pytest.param(0, 0.05, lambda s: s.end_time_unix_nano - s.start_time_unix_nano > 5e9, id="over 5 s"),
    ],
)
def test_a_span_has_on_average(low, high, count):
    assert low <= np.mean([count(span) for _, span in made()]) <= high


def test_one_trace_has_eleven_thousand_spans():
    sizes = np.unique([span.trace_id for _, span in made()], return_counts=True)[1]
    assert sizes.max() == 11_000


def test_every_child_is_inside_its_parent():
    known = {(span.trace_id, span.span_id): span for _, span in made()}
    for _, span in made():
        parent = known[span.trace_id, span.parent_span_id] if span.parent_span_id else span
        assert parent.start_time_unix_nano <= span.start_time_unix_nano
        assert span.end_time_unix_nano <= parent.end_time_unix_nano + 100_000


def test_flushes_come_in_the_order_of_arrival_and_hold_what_has_ended():
    times = [flush.now_ns for flush in flushes()]
    assert times == sorted(times)
    for flush in flushes()[:-1]:
        request = ExportTraceServiceRequest.FromString(flush.body)
        spans = [s for r in request.resource_spans for c in r.scope_spans for s in c.spans]
        assert max(span.end_time_unix_nano for span in spans) <= flush.now_ns


def test_the_same_seed_makes_the_same_bytes():
    assert [flush.body for flush in Traces(share()).flushes()] == [flush.body for flush in flushes()]
    assert flushes(seed=7)[0].body != flushes()[0].body


def test_shares_cover_the_time_without_a_gap():
    shares = shares_of(5_000_001, hours=24, seed=1, processes=3, end_ns=END_NS)
    assert [one.end_ns for one in shares[:-1]] == [one.start_ns for one in shares[1:]]
    assert (shares[0].start_ns, shares[-1].end_ns) == (END_NS - 24 * HOUR_NS, END_NS)
    assert sum(one.spans for one in shares) == 5_000_001
    assert sum(one.big_traces for one in shares) == 4


@pytest.mark.django_db(transaction=True)
def test_the_command_stores_them_and_tells_what_to_look_for(tmp_path, database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    report = tmp_path / "report.json"
    before, seed = stored(), time.time_ns()  # other ids than an earlier run on this database
    call_command("make_traces", spans=30_000, hours=1, seed=seed, processes=2, report=report)
    told = json.loads(report.read_text())
    assert told["spans"] == stored() - before == 30_000
    trace = load_trace(told["big_trace_id"])
    assert trace is not None
    assert trace.n == 11_000


def stored() -> int:
    return int(read("SELECT coalesce(sum(spans), 0)::bigint FROM spans_trace_chunk")[0][0])
