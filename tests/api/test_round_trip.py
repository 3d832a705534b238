"""What real senders sent comes back equal from the API."""

import secrets
from base64 import b64encode
from collections import Counter, defaultdict
from itertools import islice

import pytest
from django.test import Client
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest as Request
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from spans.formats.detect import requests_in
from tests.builders import make_span, request_of, store
from tests.shared_data import SHARED, needs_shared_data, otlp_files

pytestmark = pytest.mark.django_db(transaction=True)
TRACES_MAX = 15  # of one capture: reading JSON with protobuf's own library takes half a millisecond a span
SMALL_FILES = [name for name in otlp_files() if not name.startswith("scale")]


def under_fresh_ids(body: bytes, mask: int) -> bytes:
    """The request with other trace ids: captures repeat each other's."""
    request = Request.FromString(body)
    for span in (s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans):
        span.trace_id = (int.from_bytes(span.trace_id, "big") ^ mask).to_bytes(16, "big")
    return request.SerializeToString()


def spans_of(resource_spans) -> dict[str, Counter[bytes]]:
    """Trace id → every span with its resource and scope, and how often."""
    found: defaultdict[str, Counter[bytes]] = defaultdict(Counter)
    for resource in resource_spans:
        for scope in resource.scope_spans:
            place = (resource.resource, scope.scope)
            around = b"|".join(part.SerializeToString(deterministic=True) for part in place)
            urls = f"|{resource.schema_url}|{scope.schema_url}|".encode()
            for span in scope.spans:
                found[span.trace_id.hex()][around + urls + span.SerializeToString(deterministic=True)] = 1
    return found


def answered(trace_id: str):
    document = Client().get(f"/api/v1/traces/{trace_id}").json()
    for span in (s for r in document["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]):
        for part in (span, *span.get("links", ())):
            for key in {"traceId", "spanId", "parentSpanId"} & part.keys():
                part[key] = b64encode(bytes.fromhex(part[key])).decode()
    return json_format.ParseDict(document, TracesData()).resource_spans


@needs_shared_data
@pytest.mark.parametrize("name", SMALL_FILES)
def test_capture_comes_back_as_it_was_sent(name):
    mask = int.from_bytes(secrets.token_bytes(16), "big")
    sent: defaultdict[str, Counter[bytes]] = defaultdict(Counter)
    for body in requests_in((SHARED / name).read_bytes()):
        own = under_fresh_ids(body, mask)
        store(own)
        for trace_id, spans in spans_of(Request.FromString(own).resource_spans).items():
            sent[trace_id].update(spans)
    for trace_id, spans in islice(sent.items(), TRACES_MAX):
        assert spans_of(answered(trace_id))[trace_id].keys() == spans.keys()


def test_every_kind_of_value_comes_back():
    values = {
        "text": "é\u202e\0", "int": -(2**63), "double": 0.1, "nan": float("nan"), "inf": float("-inf"),
        "yes": True, "bytes": b"\xff\0", "none": None, "list": [1, "a", [2.5]],
        "kvlist": {"a": {"b": [None]}}, "": "no key",
    }  # fmt: skip
    span = make_span(attributes=values, trace_state="a=1", flags=257, message="", status=1)
    span.events.add(name="e", time_unix_nano=2**63).attributes.add(key="k").value.int_value = 0
    span.links.add(trace_id=b"\1" * 16, span_id=b"\2" * 8, flags=1, dropped_attributes_count=3)
    body = request_of(span, resource={"host": "h"}, scope="s", scope_version="1", schema_url="https://u")
    store(body)
    trace_id = span.trace_id.hex()
    assert spans_of(answered(trace_id)) == spans_of(Request.FromString(body).resource_spans)


def test_second_copy_of_a_span_is_left_out():
    span, body = make_span(), None
    body = request_of(span)
    store(body)
    store(body)
    (resource,) = answered(span.trace_id.hex())
    assert len(resource.scope_spans[0].spans) == 1


def test_different_spans_with_one_id_are_both_kept():
    first = make_span(name="one")
    trace_id, span_id = first.trace_id.hex(), first.span_id.hex()
    store(request_of(first, make_span(trace_id=trace_id, span_id=span_id, name="two")))
    (resource,) = answered(trace_id)
    assert {span.name for span in resource.scope_spans[0].spans} == {"one", "two"}
