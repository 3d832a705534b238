"""Attribute tokens: whoever holds an attribute is found, however it was encoded."""

from collections import defaultdict
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from spans.formats.detect import requests_in
from spans.formats.otlp_lite import length_delimited
from spans.store import tokens
from spans.store.chunk_reader import fetch_chunks
from spans.store.database import connect, read
from spans.store.flush import FlushWriter
from spans.store.trace_map import chunks_of
from tests.builders import any_value, batch_of, fresh_service, fresh_trace_id, make_span, request_of, store
from tests.shared_data import SHARED, needs_shared_data

HOLDERS = """
SELECT r.cid, u.chunk, (SELECT max(c.cid) FROM spans_chunk c WHERE c.cid >= r.cid AND c.cid < r.cid + 4096)
  FROM spans_token_run r, unnest(r.tokens, r.chunks) u (token, chunk)
 WHERE r.project_id = 1
   AND r.prefix = ANY (%(prefixes)s)
   AND r.tokens @> ARRAY[%(token)s::int]
   AND u.token = %(token)s
"""


def holders(token: int) -> set[int]:
    """cids of the chunks that may hold a token, as the runs say."""
    found: set[int] = set()
    for cid, chunk, last in read(HOLDERS, {"prefixes": tokens.prefixes(token), "token": token}):
        found.update(range(cid, last + 1) if chunk == tokens.EVERY_CHUNK else [cid + chunk])
    return found


def find(key: str, text: str) -> set[int]:
    return set().union(*[holders(token) for token in tokens.candidates(key, text)])


def cids_of(trace_id: str) -> set[int]:
    return {part.cid for part in chunks_of([trace_id])[trace_id]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("shop", "shop"), (5, "5"), (-7, "-7"), (2**63 - 1, str(2**63 - 1)), (1.5, "1.5"), (0.0, "0.0"),
        (True, "true"), (False, "false"), ("", ""), ("x" * 500, "x" * 500),
        (["a", "b"], "b"), ([1, [2, 3]], "3"),
        ("服务", "服务"), (5.0, "5"),
    ],
)  # fmt: skip
def test_an_attribute_is_found_by_key_and_text(value, text):
    trace_id, key = fresh_trace_id(), fresh_service("key")
    store(request_of(make_span(trace_id=trace_id, attributes={key: value})))
    assert find(key, text) == cids_of(trace_id)
    assert holders(tokens.key_token(key)) == cids_of(trace_id)
    assert find(key, "something else") == set()


@pytest.mark.django_db(transaction=True)
def test_members_of_a_kvlist_are_found_by_key_dot_name():
    trace_id, key = fresh_trace_id(), fresh_service("key")
    store(request_of(make_span(trace_id=trace_id, attributes={key: {"a": 1, "b": {"c": ["x"]}}})))
    assert find(f"{key}.a", "1") == find(f"{key}.b.c", "x") == cids_of(trace_id)


@pytest.mark.django_db(transaction=True)
def test_attributes_of_resource_scope_events_and_links_are_found():
    trace_id, other, key = fresh_trace_id(), fresh_trace_id(), fresh_service("key")
    span = make_span(trace_id=trace_id)
    span.events.add(name="e").attributes.append(KeyValue(key=key, value=any_value("event")))
    link = span.links.add(trace_id=bytes.fromhex(other), span_id=b"12345678")
    link.attributes.append(KeyValue(key=key, value=any_value("link")))
    store(request_of(span, resource={key: "resource"}, scope_attributes={key: "scope"}))
    for text in ("event", "link", "resource", "scope"):
        assert find(key, text) == cids_of(trace_id)
    assert find("link:traceID", other) == cids_of(trace_id)


@pytest.mark.django_db(transaction=True)
def test_an_attribute_encoded_in_another_order_is_found():
    trace_id, key = fresh_trace_id(), fresh_service("key")
    value = length_delimited(2, any_value("odd").SerializeToString())
    span = make_span(trace_id=trace_id).SerializeToString()
    raw = span + length_delimited(9, value + length_delimited(1, key.encode()))
    store(length_delimited(1, length_delimited(2, length_delimited(2, raw))))
    assert find(key, "odd") == cids_of(trace_id)


scalars = (
    st.text(max_size=200)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(max_size=99)
)


@given(st.lists(st.tuples(st.text(max_size=130), scalars), min_size=1, max_size=20))
@settings(deadline=None)
def test_what_the_stock_library_writes_needs_no_parser_or_gets_one(pairs):
    raws = [tokens.key_value(key, value) for key, value in pairs]
    found = tokens.token_pairs(raws, np.zeros(len(raws), np.int64), np.arange(len(raws)), chunk_count=1)
    held = set((found >> tokens.CHUNK_BITS).tolist())
    assert {crc32(raw) for raw in raws} <= held
    assert {tokens.key_token(key) & 0xFFFFFFFF for key, _ in pairs} <= held


def test_a_lone_surrogate_is_looked_for_as_it_is_stored():
    assert tokens.candidates("k\ud800", "v\udfff") == tokens.candidates("k\ufffd", "v\ufffd")
    assert tokens.key_token("k\ud800") == tokens.key_token("k\ufffd")


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_no_bytes_at_all_raise(raws):
    tokens.token_pairs(raws, np.zeros(len(raws), np.int64), np.arange(len(raws)), chunk_count=1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 20_000))
def test_a_token_is_in_one_of_its_rows_whatever_the_flush(token, pair_count):
    signed = token - 2**32 if token >> 31 else token
    bits, base = tokens._buckets(pair_count)
    assert base + (token >> (32 - bits)) in tokens.prefixes(signed)


def expected_holders(cids: list[int]) -> dict[tuple[str, str | None], set[int]]:
    """By the stock classes: (key, text) and (key, None) of every scalar in every chunk."""
    found = defaultdict(set)
    for head, body in fetch_chunks(cids):
        pairs = [p for raw in body.resources for p in ResourceSpans.FromString(raw).resource.attributes]
        pairs += [p for raw in body.scopes for p in ScopeSpans.FromString(raw).scope.attributes]
        for span in map(Span.FromString, body.spans):
            pairs += [*span.attributes, *[p for part in (*span.events, *span.links) for p in part.attributes]]
        for key, text in {item for pair in pairs for item in texts(pair.key, pair.value)}:
            found[key, text].add(head.cid)
            found[key, None].add(head.cid)
    return found


def texts(key: str, value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        for item in value.array_value.values:
            yield from texts(key, item)
    elif kind == "bool_value":
        yield key, str(value.bool_value).lower()
    elif kind:
        yield key, str(getattr(value, kind))


@needs_shared_data
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["nezha-boutique-20220822-0354.otlp.pb.gz", "sdk-async-links.otlp.json"])
def test_every_holder_of_every_attribute_is_found(name):
    batches = [batch_of(body) for body in requests_in((SHARED / name).read_bytes())]
    with connect() as connection:
        writer = FlushWriter(connection)
        writer.write(batches)
    first = writer.stamps.last_ms << 21
    cids = [
        row[0]
        for row in read("SELECT cid FROM spans_chunk WHERE cid BETWEEN %s AND %s", [first, first + 2**21])
    ]
    wanted = expected_holders(cids)
    for key, text in sorted(wanted, key=repr)[:: max(1, len(wanted) // 300)]:
        found = holders(tokens.key_token(key)) if text is None else find(key, text)
        assert wanted[key, text] <= found, (key, text)
