"""Hostile requests: what is answered, and what is stored of them."""

import json
from typing import Any

import pytest

from spans.ingest.reply import Wire
from spans.ingest.submit import batch_of
from spans.store.chunk_reader import fetch_heads
from spans.store.trace_map import chunks_of
from tests.ingest.post import Reply, post
from tests.ingest.read_back import Sent, stored, stored_bytes
from tests.ingest.running import Running
from tests.shared_data import needs_shared_data, shared_bytes, shared_json

pytestmark = [pytest.mark.django_db(transaction=True), needs_shared_data]
# File → status, different spans stored, spans rejected.
EXPECTED = {
    "h01-otlp-base64-ids.json": (200, 1, 0),
    "h02-otlp-snake-case.json": (200, 1, 0),
    "h04-otlp-enum-strings.json": (200, 1, 0),
    "h06-otlp-uppercase-hex.json": (200, 1, 0),
    "h07-otlp-short-ids.json": (200, 1, 1),
    "h09-otlp-end-before-start.json": (200, 2, 0),
    "h11-otlp-end-zero.json": (200, 1, 0),
    "h12-otlp-ms-timestamps.json": (200, 1, 0),
    "h14-otlp-year-long-span.json": (200, 2, 0),
    "h16-otlp-cycle-2.json": (200, 2, 0),
    "h17-otlp-cycle-5-plus-root.json": (200, 6, 0),
    "h19-otlp-dup-span-ids.json": (200, 3, 0),
    "h21-otlp-wide-5000.json": (200, 5001, 0),
    "h22-otlp-missing-parents.json": (200, 8, 0),
    "h23-otlp-mixed-64-128.json": (200, 1, 0),
    "h26-otlp-10k-attributes.json": (200, 1, 0),
    "h27-otlp-duplicate-keys.json": (200, 1, 0),
    "h29-otlp-unicode-rtl-zalgo.json": (200, 1, 0),
    "h31-otlp-sqli.json": (200, 1, 0),
    "h32-otlp-no-service.json": (200, 3, 0),
    "h34-otlp-empty.json": (200, 0, 0),
    "h36-otlp-array-root.json": (400, 0, 0),
    "h37-otlp-truncated.json": (400, 0, 0),
    "h39-otlp-deep-nesting.json": (400, 0, 0),
    "h41-otlp-bad-utf8.json": (400, 0, 0),
    "h42-otlp-lone-surrogate.json": (200, 1, 0),
    "h44-otlp-wrong-ctype.json": (415, 0, 0),
    "h46-pb-bad-utf8.pb": (200, 2, 0),
    "h47-pb-hex-text-ids.pb": (200, 0, 1),
    "h49-pb-unknown-fields.pb": (200, 1, 0),
    "h51-pb-length-bomb.pb": (400, 0, 0),
    "h52-pb-random.pb": (400, 0, 0),
    "h54-gzip-not-gzip.json": (400, 0, 0),
}


def cases() -> dict[str, dict[str, Any]]:
    return {entry["file"].split("/")[-1]: entry for entry in shared_json("hostile/INDEX.json")}


def send(receiver: Running, name: str) -> Reply:
    case = cases()[name]
    headers = {"content-type": case["contentType"]}
    if case["contentEncoding"]:
        headers["content-encoding"] = case["contentEncoding"]
    return post(receiver.traces_url, shared_bytes(f"hostile/{name}"), headers)


def trace_ids_in(name: str) -> list[str]:
    batch = batch_of(shared_bytes(f"hostile/{name}"), wire=Wire(cases()[name]["contentType"]), is_keyed=False)
    pairs = set(batch.header[["trace_high", "trace_low"]].tolist())
    return [f"{high:016x}{low:016x}" for high, low in pairs]


def stored_of(receiver: Running, name: str) -> list[Sent]:
    assert send(receiver, name).status == 200
    return stored(trace_ids_in(name))


def test_every_hostile_otlp_file_is_in_the_table():
    assert set(EXPECTED) == {name for name, case in cases().items() if case["endpoint"] == "/v1/traces"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_request_is_answered_and_stored_as_documented(receiver: Running, name: str):
    status, stored_count, rejected = EXPECTED[name]
    reply = send(receiver, name)
    assert (reply.status, reply.rejected if status == 200 else 0) == (status, rejected)
    if status == 200:
        assert len(set(stored_bytes(trace_ids_in(name)))) == stored_count
    else:
        assert reply.reason


def test_ids_in_base64_become_the_ids_they_mean(receiver: Running):
    [sent, *_] = stored_of(receiver, "h01-otlp-base64-ids.json")
    assert sent.span.trace_id.hex() == "67acfc2ea56f108fa4535fc28ba99705"
    assert sent.span.span_id.hex() == "80c1200c94be1178"


def test_enums_by_name_are_understood(receiver: Running):
    [sent, *_] = stored_of(receiver, "h04-otlp-enum-strings.json")
    assert (sent.span.kind, sent.span.status.code) == (2, 2)


def test_a_service_without_a_proper_name_gets_one(receiver: Running):
    assert send(receiver, "h32-otlp-no-service.json").status == 200
    [chunks] = chunks_of(trace_ids_in("h32-otlp-no-service.json")).values()
    services = {name for head in fetch_heads([chunk.cid for chunk in chunks]) for name in head.services}
    assert services == {"5", "unknown_service"}


@pytest.mark.parametrize("name", ["h09-otlp-end-before-start.json", "h11-otlp-end-zero.json"])
def test_a_duration_never_wraps(receiver: Running, name: str):
    assert send(receiver, name).status == 200
    cids = [chunk.cid for chunks in chunks_of(trace_ids_in(name)).values() for chunk in chunks]
    assert all((head.duration_ns == 0).all() for head in fetch_heads(cids))


def test_a_reason_names_the_span(receiver: Running):
    partial = json.loads(send(receiver, "h07-otlp-short-ids.json").body)["partialSuccess"]
    assert "traceId is 'abc'" in partial["errorMessage"]
