"""Files in the formats that spans are kept in."""

import gzip
import json

import pytest

from spans.formats.detect import requests_in
from spans.formats.otlp import BadBatch, Rejected, parse_batch
from tests.builders import make_span, request_of
from tests.shared_data import SHARED, needs_shared_data, otlp_files, shared_bytes

SPAN = {"traceId": "ab" * 16, "spanId": "cd" * 8}
DOCUMENT = {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}
JSON = json.dumps(DOCUMENT).encode()
# Spans of each capture beside the project; DESIGN's rules reject none of them.
SPANS = {
    "data-prepper-mixed-library-scope.otlp.json": 3, "data-prepper-no-spans.otlp.json": 0,
    "flask-shop-autoinstrumented.otlp.pb": 209, "github-actions-cancelled.otlp.json": 7,
    "github-actions-success.otlp.json": 6, "hotrod-40spans.otlp.json": 40,
    "llm-beeai-2025-08-01.otlp.json.gz": 29,
    "llm-claude-agent-2025-12-22.otlp.json": 7, "llm-crewai-2025-07-11.otlp.json": 6,
    "llm-google-adk-2025-08-28.otlp.json": 5, "llm-koog-2025-08-26.otlp.json": 11,
    "llm-langgraph-js-2025-10-30.otlp.json.gz": 20, "llm-llamaindex-2025-06-05.otlp.json": 2,
    "llm-openai-agents-2025-09-30.otlp.json": 5, "llm-pydantic-ai-2025-06-06.otlp.json": 3,
    "llm-pydantic-ai-tools-2025-06-06.otlp.json": 3, "llm-pydantic-ai-tools-2025-12-04.otlp.json.gz": 12,
    "llm-vercel-aisdk-2025-11-17.otlp.json": 3, "mcp-hotrod-full-serial.otlp.json": 40,
    "mcp-n-plus-one-positive.otlp.json": 16, "mcp-sibling-errors.otlp.json": 6,
    "nezha-boutique-20220822-0354.otlp.pb.gz": 22_586,
    "nezha-boutique-20220822-0520-slow36s.otlp.json.gz": 5_321,
    "nezha-trainticket-20230129-0850-baseline.otlp.json.gz": 4_890,
    "nezha-trainticket-20230129-0852.otlp.json.gz": 10_243, "otel-proto-example.otlp.json": 1,
    "otlp-jsonl-multi.otlp.jsonl": 4, "otlp-multi-combined.otlp.json": 4,
    "scale-boutique-20220822-10min.otlp.pb.gz": 175_794,
    "sdk-async-links.otlp.json": 146, "tempo-servicegraph-failed.otlp.json": 15,
    "tempo-servicegraph-virtualnodes.otlp.json": 3, "tracetest-server-selftrace.otlp.json.gz": 138,
}  # fmt: skip


def spans_in(content: bytes) -> list[int]:
    return [parse_batch(body, arrival_ns=1).spans for body in requests_in(content)]


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        pytest.param(JSON, [1], id="JSON"),
        pytest.param(b"\xef\xbb\xbf \n" + JSON, [1], id="a byte order mark before it"),
        pytest.param(json.dumps(DOCUMENT, indent=2).encode(), [1], id="over many lines"),
        pytest.param(JSON + b"\n\n" + JSON + b"\n", [1, 1], id="JSON lines"),
        pytest.param(b"[" + JSON + b"," + JSON + b"]", [1, 1], id="an array"),
        pytest.param(b'{"result":' + JSON + b"}", [1], id="Jaeger's wrapper"),
        pytest.param(b'{"trace":' + JSON + b"}", [1], id="Tempo's wrapper"),
        pytest.param(JSON.replace(b"resourceSpans", b"batches"), [1], id="Tempo's older name"),
        pytest.param(b"{}", [0], id="an empty request"),
        pytest.param(gzip.compress(JSON), [1], id="gzip"),
        pytest.param(gzip.compress(JSON + b"\n") + gzip.compress(JSON), [1, 1], id="gzip behind gzip"),
        pytest.param(request_of(make_span()), [1], id="protobuf"),
        pytest.param(request_of(make_span()) + request_of(make_span()), [2], id="protobuf behind protobuf"),
        pytest.param(gzip.compress(request_of(make_span())), [1], id="gzipped protobuf"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_a_file_is_known_by_its_content(content, spans):
    assert spans_in(content) == spans


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "neither JSON nor OTLP protobuf: byte 0 is 0x68"),
        (request_of(make_span())[:-3], "ends in the middle of a message"),
        (b"\x0a\xff", "a length in it can't be read"),
        (b"\x1f\x8bnot gzip", "begins like gzip"),
        (gzip.compress(JSON)[:-10], "begins like gzip"),
        (b'{"data":[{"traceID":"1"}]}', "looks like Jaeger's"),
        (b'[{"traceId":"1","id":"2"}]', "looks like Zipkin's"),
        (b'{"hello":1}', "its fields are hello"),
        (b"[1]", "no object with resourceSpans"),
        (JSON + b"\n{broken\n", "not JSON"),
        (JSON[:-2], "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_a_file_is_not_is_said(content, reason):
    with pytest.raises(BadBatch) as refused:
        list(requests_in(content))
    assert reason in refused.value.reason


def test_large_protobuf_is_cut_into_several_requests():
    part = request_of(make_span(attributes={"a": "x" * 3_000_000}))
    assert spans_in(part * 5) == [2, 2, 1]


def test_spans_that_json_cannot_carry_over_are_counted():
    rejects = Rejected()
    list(requests_in(JSON.replace(b"ab" * 16, b"wrong") * 1, rejects))
    assert rejects.count == 1


@needs_shared_data
@pytest.mark.parametrize("name", otlp_files())
def test_every_capture_is_read(name):
    rejects = Rejected()
    batches = [parse_batch(body, arrival_ns=1) for body in requests_in((SHARED / name).read_bytes(), rejects)]
    found = sum(batch.spans for batch in batches)
    assert (found, rejects.count, sum(batch.rejected for batch in batches)) == (SPANS[name], 0, 0)


@needs_shared_data
def test_a_zipkin_capture_is_refused_by_name():
    with pytest.raises(BadBatch, match="Zipkin"):
        list(requests_in(shared_bytes("zipkin-netflix.zipkin2.json")))
