"""What goes in comes out: every capture through a flush and back. The stock OTLP classes are the oracle."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from spans.formats.detect import requests_in
from spans.formats.otlp_decode import decode_resource, decode_scope, decode_span
from spans.otel.span import Repair
from spans.store.chunk_reader import fetch_chunks, fetch_heads
from spans.store.database import connect
from spans.store.flush import FlushWriter
from spans.store.trace_map import chunks_of, twins_of
from tests.builders import batch_of, fresh_service, fresh_trace_id, make_span, request_of, store
from tests.shared_data import SHARED, needs_shared_data, otlp_files

pytestmark = pytest.mark.django_db(transaction=True)
Row = tuple[object, ...]
FILES = [name for name in otlp_files() if not name.startswith("scale")]


def sent(bodies: list[bytes]) -> Iterator[Row]:
    """By the stock classes: resource, scope and span of each."""
    for body in bodies:
        for in_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = in_resource.resource.SerializeToString(deterministic=True), in_resource.schema_url
            for in_scope in in_resource.scope_spans:
                scope = in_scope.scope.SerializeToString(deterministic=True), in_scope.schema_url
                for span in in_scope.spans:
                    yield *resource, *scope, span.SerializeToString(deterministic=True)


def stored(trace_ids: list[str]) -> Iterator[Row]:
    """The same out of the chunks; a span of another trace in them is left out."""
    wanted = {bytes.fromhex(trace_id) for trace_id in trace_ids}
    cids = sorted({part.cid for parts in chunks_of(trace_ids).values() for part in parts})
    for head, body in fetch_chunks(cids):
        resources = [ResourceSpans.FromString(raw) for raw in body.resources]
        scopes = [ScopeSpans.FromString(raw) for raw in body.scopes]
        for place, raw in enumerate(body.spans):
            if head.trace_id[place].tobytes() in wanted:
                resource, scope = resources[head.resource[place]], scopes[head.scope[place]]
                span = Span.FromString(raw).SerializeToString(deterministic=True)
                of_resource = resource.resource.SerializeToString(deterministic=True), resource.schema_url
                yield *of_resource, scope.scope.SerializeToString(deterministic=True), scope.schema_url, span


@lru_cache(1)
def fresh_copy(name: str) -> tuple[bytes, ...]:
    """A capture's requests; its trace ids are made fresh, so that it can be stored again."""
    salt = int(fresh_trace_id(), 16)
    bodies = []
    for body in requests_in((SHARED / name).read_bytes()):
        request = ExportTraceServiceRequest.FromString(body)
        for in_resource in request.resource_spans:
            for in_scope in in_resource.scope_spans:
                for span in in_scope.spans:
                    span.trace_id = (int.from_bytes(span.trace_id, "big") ^ salt).to_bytes(16, "big")
        bodies.append(request.SerializeToString())
    return tuple(bodies)


@needs_shared_data
@pytest.mark.parametrize("name", FILES)
def test_every_capture_comes_back_equal(name):
    bodies = list(fresh_copy(name))
    with connect() as connection:
        outcomes = FlushWriter(connection).write([batch_of(body) for body in bodies])
    expected = Counter(sent(bodies))
    trace_ids = {Span.FromString(row[-1]).trace_id.hex() for row in expected}
    assert sum(outcome.spans for outcome in outcomes) == expected.total()
    assert Counter(stored(sorted(trace_ids))) == expected


def test_a_span_decodes_whole_with_its_resource_and_scope():
    trace_id = fresh_trace_id()
    span = make_span(trace_id=trace_id, name="work", attributes={"a": [1, {"b": None}]}, end_ns=0, start_ns=5)
    store(request_of(span, service="s", scope="lib", scope_version="2", schema_url="https://x"))
    ((head, body),) = fetch_chunks([part.cid for part in chunks_of([trace_id])[trace_id]])
    repairs = Repair(int(head.flags[0]))
    resource, scope = decode_resource(body.resources[0]), decode_scope(body.scopes[0])
    found = decode_span(body.spans[0], resource, scope, start_ns=5, duration_ns=0, repairs=repairs)
    assert (found.trace_id, found.name, found.repairs) == (trace_id, "work", Repair.NO_DURATION)
    assert (found.service, found.resource.schema_url) == ("s", "https://x")
    assert (found.scope.name, found.scope.version) == ("lib", "2")


def test_partial_sums_of_a_trace_add_up_over_its_chunks():
    trace_id, service = fresh_trace_id(), fresh_service()
    for start_ns, status in ((1_000, 2), (5_000, 0), (3_000, 2)):
        spans = [make_span(trace_id=trace_id, start_ns=start_ns, duration_ns=100, status=status), make_span()]
        store(request_of(*spans, service=service))
    parts = chunks_of([trace_id])[trace_id]
    assert [part.cid for part in parts] == sorted(part.cid for part in parts)
    assert [(part.spans, part.errors) for part in parts] == [(1, 1), (1, 0), (1, 1)]
    assert [(part.start_min_ns, part.end_max_ns) for part in parts] == [
        (1_000, 1_100),
        (5_000, 5_100),
        (3_000, 3_100),
    ]


def test_ids_that_share_their_low_half_stay_apart():
    low = fresh_trace_id()[16:]
    long, short = f"{'ab' * 8}{low}", f"{'00' * 8}{low}"
    store(request_of(make_span(trace_id=long), make_span(trace_id=short), make_span(trace_id=short)))
    assert [part.spans for part in chunks_of([long])[long]] == [1]
    assert [part.spans for part in chunks_of([short])[short]] == [2]
    assert (twins_of(long), twins_of(short)) == ([short], [long])


def test_unknown_ids_and_cids_are_absent():
    assert chunks_of([fresh_trace_id()]) == {}
    assert fetch_heads([1, 2]) == []
    assert twins_of(fresh_trace_id()) == []


def test_a_trace_larger_than_a_chunk_is_cut_and_read_in_order():
    trace_id = fresh_trace_id()
    store(request_of(*[make_span(trace_id=trace_id, start_ns=number + 1) for number in range(1_100)]))
    heads = fetch_heads([part.cid for part in chunks_of([trace_id])[trace_id]])
    assert [head.n for head in heads] == [367, 367, 366]
    assert [start for head in heads for start in head.start_ns.tolist()] == list(range(1, 1_101))
