"""OTLP/HTTP, point by point of the specification."""

import gzip
import json
import zlib

import pytest
from google.rpc.status_pb2 import Status

from spans.formats.otlp_lite import length_delimited
from spans.limits import BODY_BYTES_MAX, MIB
from tests.builders import fresh_trace_id, make_span, request_of
from tests.ingest.post import JSON, PROTOBUF, post
from tests.ingest.read_back import stored, stored_bytes
from tests.ingest.running import Running

pytestmark = pytest.mark.django_db(transaction=True)
GZIP = {"content-encoding": "gzip"}


def json_request(trace_id: str, *, span_id: str = "00f067aa0ba902b7") -> bytes:
    span = {
        "traceId": trace_id,
        "spanId": span_id,
        "name": "GET /",
        "startTimeUnixNano": "1795393953123456789",
    }
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


@pytest.mark.parametrize("encoding", [{}, {"content-encoding": "identity"}, GZIP], ids=str)
def test_protobuf_is_stored_before_it_is_acknowledged(receiver: Running, encoding):
    trace_id = fresh_trace_id()
    body = request_of(make_span(trace_id=trace_id))
    reply = post(receiver.traces_url, gzip.compress(body) if encoding == GZIP else body, PROTOBUF | encoding)
    assert (reply.status, reply.content_type, reply.body) == (200, "application/x-protobuf", b"")
    assert len(stored([trace_id])) == 1


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_answered_in_json(receiver: Running, content_type):
    trace_id = fresh_trace_id()
    reply = post(receiver.traces_url, json_request(trace_id), {"content-type": content_type})
    assert (reply.status, reply.content_type, reply.body) == (200, "application/json", b"{}")
    [span] = stored([trace_id])
    assert span.span.start_time_unix_nano == 1795393953123456789


@pytest.mark.parametrize(("body", "headers"), [(b"", PROTOBUF), (b"{}", JSON)], ids=["protobuf", "json"])
def test_an_empty_request_is_a_success(receiver: Running, body, headers):
    assert post(receiver.traces_url, body, headers).status == 200


@pytest.mark.parametrize("headers", [PROTOBUF, JSON], ids=["protobuf", "json"])
def test_bad_data_is_400_with_a_status(receiver: Running, headers):
    reply = post(receiver.traces_url, b"\xff\xff\xff\xff", headers)
    assert (reply.status, reply.content_type) == (400, headers["content-type"])
    assert reply.reason


def test_bad_spans_are_counted_and_the_others_are_stored(receiver: Running):
    trace_id = fresh_trace_id()
    bad = make_span(name="cart")
    bad.span_id = b"abc"
    reply = post(receiver.traces_url, request_of(bad, make_span(trace_id=trace_id), bad), PROTOBUF)
    assert (reply.status, reply.rejected) == (200, 2)
    assert b"cart" in reply.body
    assert len(stored([trace_id])) == 1


def test_other_types_are_415_and_said_in_words(receiver: Running):
    reply = post(receiver.traces_url, b"{}", {"content-type": "text/plain"})
    assert reply.status == 415
    assert "application/x-protobuf" in reply.reason


def test_other_encodings_are_415(receiver: Running):
    assert post(receiver.traces_url, b"", PROTOBUF | {"content-encoding": "br"}).status == 415


@pytest.mark.parametrize("path", ["/v1/metrics", "/v1/logs", "/", "/v1/traces/more"])
def test_other_paths_are_404(receiver: Running, path):
    reply = post(receiver.url + path, b"", PROTOBUF)
    assert reply.status == 404
    assert "/v1/traces" in Status.FromString(reply.body).message


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_405(receiver: Running, method):
    reply = post(receiver.traces_url, b"", {}, method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_health_is_told(receiver: Running):
    reply = post(f"{receiver.url}/healthz", b"", {}, method="GET")
    assert (reply.status, json.loads(reply.body)["status"]) == (200, "ok")


# --- size


def test_a_length_above_the_limit_is_413_before_the_body_is_read(receiver: Running):
    headers = PROTOBUF | {"content-length": str(BODY_BYTES_MAX + 1)}
    assert post(receiver.traces_url, b"", headers).status == 413


def test_a_body_that_grows_past_the_limit_is_413(receiver: Running):
    pieces = (bytes(MIB) for _ in range(BODY_BYTES_MAX // MIB + 1))
    assert post(receiver.traces_url, pieces, PROTOBUF).status == 413


def test_a_gzip_bomb_is_413_and_nothing_stays_in_the_queue(receiver: Running):
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeeze.compress(bytes(MIB)) for _ in range(256)) + squeeze.flush()
    reply = post(receiver.traces_url, bomb, PROTOBUF | GZIP)
    assert (reply.status, reply.reason) == (413, "the body inflates to more than 64 MiB")
    assert receiver.receiver.gate.room.held_bytes == 0


def test_a_body_of_several_gzip_members_is_one_request(receiver: Running):
    trace_id = fresh_trace_id()
    body = request_of(make_span(trace_id=trace_id))
    members = gzip.compress(body[:50]) + gzip.compress(body[50:])
    assert post(receiver.traces_url, members, PROTOBUF | GZIP).status == 200
    assert len(stored([trace_id])) == 1


def test_a_large_body_is_stored_whole(receiver: Running):
    trace_id = fresh_trace_id()
    body = request_of(*(make_span(trace_id=trace_id, attributes={"text": "x" * 2000}) for _ in range(1500)))
    assert post(receiver.traces_url, body, PROTOBUF).status == 200
    assert len(stored([trace_id])) == 1500


# --- retries


@pytest.mark.parametrize("again", [{}, GZIP], ids=["as before", "compressed this time"])
def test_a_request_sent_again_is_acknowledged_and_stored_once(receiver: Running, again):
    trace_id = fresh_trace_id()
    body = request_of(make_span(trace_id=trace_id), make_span(trace_id=trace_id))
    assert post(receiver.traces_url, body, PROTOBUF).status == 200
    assert post(receiver.traces_url, gzip.compress(body) if again else body, PROTOBUF | again).status == 200
    assert len(stored([trace_id])) == 2


# --- browsers


def test_pages_of_other_origins_may_not_send_by_default(receiver: Running):
    reply = post(receiver.traces_url, b"", {"origin": "https://shop.example"}, method="OPTIONS")
    assert "access-control-allow-origin" not in reply.headers


def test_pages_of_an_allowed_origin_may_send(receiver: Running, allowed_origin: str):
    asked = {"origin": allowed_origin, "access-control-request-headers": "content-type,x-team"}
    preflight = post(receiver.traces_url, b"", asked, method="OPTIONS")
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, allowed_origin)
    assert preflight.headers["access-control-allow-headers"] == "content-type,x-team"
    reply = post(receiver.traces_url, b"{}", JSON | {"origin": allowed_origin})
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, allowed_origin)


# --- odd spans


def deep_attribute(depth: int) -> bytes:
    """A KeyValue whose value is `depth` arrays inside one another; the official library writes none."""
    value = b"\x0a\x04core"
    for _ in range(depth):
        value = length_delimited(5, length_delimited(1, value))
    return b"\x0a\x01k" + length_delimited(2, value)


@pytest.mark.parametrize("depth", [60, 5_000])
def test_a_value_nested_too_deep_to_be_read_does_not_lose_its_batch(receiver: Running, depth: int):
    trace_id = fresh_trace_id()
    odd = make_span(trace_id=trace_id).SerializeToString() + length_delimited(9, deep_attribute(depth))
    spans = length_delimited(2, odd) + length_delimited(2, make_span(trace_id=trace_id).SerializeToString())
    body = length_delimited(1, length_delimited(2, spans))
    assert post(receiver.traces_url, body, PROTOBUF).status == 200
    assert len(stored_bytes([trace_id])) == 2
    assert odd in stored_bytes([trace_id])


def test_three_million_empty_spans_are_413(receiver: Running):
    spans = b"\x12\x00" * 3_000_000
    reply = post(receiver.traces_url, length_delimited(1, length_delimited(2, spans)), PROTOBUF)
    assert (reply.status, "1,000,000" in reply.reason) == (413, True)
