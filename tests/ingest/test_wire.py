"""Requests captured from real clients, replayed byte for byte."""

import gzip
import json
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.ingest.post import post
from tests.ingest.read_back import spans_of, stored
from tests.ingest.running import Running
from tests.shared_data import SHARED, needs_shared_data, shared_json

pytestmark = [pytest.mark.django_db(transaction=True), needs_shared_data]
METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def captures(endpoint: str, content_type: str) -> list[Any]:
    if not SHARED.is_dir():
        return []
    wanted = (endpoint, content_type)
    entries = shared_json("wire/INDEX.json")
    return [
        pytest.param(entry, id=entry["client"])
        for entry in entries
        if (entry["endpoint"], entry["contentType"]) == wanted
    ]


def content(entry: dict[str, Any]) -> bytes:
    return (SHARED / "wire" / entry["file"].split("/")[-1]).read_bytes()


def replay(receiver: Running, entry: dict[str, Any]) -> None:
    headers = {"content-type": entry["contentType"]}
    if entry["contentEncoding"]:
        headers["content-encoding"] = entry["contentEncoding"]
    assert post(receiver.traces_url, content(entry), headers).status == 200


def assert_stored(message: bytes) -> None:
    sent = spans_of(ExportTraceServiceRequest.FromString(message))
    assert sent
    found = stored([one.span.trace_id.hex() for one in sent])
    assert all(one in found for one in sent)


@pytest.mark.parametrize("entry", captures("/v1/traces", "application/x-protobuf"))
def test_protobuf_requests_are_stored_as_they_are(receiver: Running, entry: dict[str, Any]):
    replay(receiver, entry)
    body = content(entry)
    assert_stored(gzip.decompress(body) if entry["contentEncoding"] else body)


@pytest.mark.parametrize("entry", captures("TraceService/Export", "application/grpc"))
def test_grpc_messages_are_stored_as_they_are(receiver: Running, entry: dict[str, Any]):
    with grpc.insecure_channel(receiver.grpc_address) as channel:
        assert channel.unary_unary(METHOD)(content(entry)) == b""
    assert_stored(content(entry))


@pytest.mark.parametrize("entry", captures("/v1/traces", "application/json"))
def test_json_requests_are_stored_with_every_span(receiver: Running, entry: dict[str, Any]):
    replay(receiver, entry)
    sent = json.loads(content(entry))["resourceSpans"]
    spans = [span for of in sent for scoped in of["scopeSpans"] for span in scoped["spans"]]
    found = {one.span.span_id.hex(): one.span for one in stored([span["traceId"] for span in spans])}
    for span in spans:
        one = found[span["spanId"]]
        assert (one.name, one.kind) == (span["name"], span["kind"])
        assert one.start_time_unix_nano == int(span["startTimeUnixNano"])
        assert [attribute.key for attribute in one.attributes] == [
            a["key"] for a in span.get("attributes", [])
        ]
