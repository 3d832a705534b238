"""The chunk format: what is written can be read, for ever."""

import base64
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spans import limits
from spans.formats.otlp import parse_batch
from spans.store import chunks
from spans.store.chunks import Body, Head
from spans.store.gather import gather, sort_and_cut
from tests.builders import make_span, request_of

# Chunk format 1 as it was first written: two lines of base64, head and body. Never made anew.
FROZEN = Path(__file__).parent / "chunk_format_1.txt"
T_NS = 1_790_000_000_123_456_789


def encoded(*bodies: bytes) -> list[tuple[bytes, bytes]]:
    """(head, body) of each chunk that a flush of these requests makes."""
    gathered = gather([parse_batch(body, arrival_ns=T_NS) for body in bodies])
    flush = sort_and_cut(gathered)
    out = []
    for start, end in zip(flush.cuts, flush.cuts[1:], strict=False):
        ids = b"".join(column[start:end].tobytes() for column in flush.ids)
        out.append(chunks.encode(flush.columns, ids, flush.raw, gathered.tables, start=start, end=end))
    return out


def decoded(*bodies: bytes) -> list[tuple[Head, Body]]:
    heads = [(chunks.decode_head(7, head), body) for head, body in encoded(*bodies)]
    return [(head, chunks.decode_body(body, head)) for head, body in heads]


def test_the_first_chunk_ever_written_can_be_read():
    head_frame, body_frame = map(base64.b64decode, FROZEN.read_text().split())
    head = chunks.decode_head(7, head_frame)
    body = chunks.decode_body(body_frame, head)
    assert (head.cid, head.n, head.services, head.names) == (
        7,
        3,
        ["shop", "auth"],
        ["GET /cart", "check", "wörk"],
    )
    assert [row.tobytes().hex()[-4:] for row in head.trace_id] == ["abab", "abab", "0102"]
    assert head.trace_low.tolist() == [-0x5454545454545455, -0x5454545454545455, 0x0102010201020102]
    assert head.span_id.tolist() == [0xCD01 << 48, 0xCD02 << 48, 1]
    assert head.parent_id.tolist() == [0, 0xCD01 << 48, 0]
    assert head.start_ns.tolist() == [T_NS, T_NS + 1_000, T_NS]
    assert head.duration_ns.tolist() == [5_000, 100, 0]
    columns = [
        head.service,
        head.name,
        head.kind,
        head.status,
        head.flags,
        head.events,
        head.resource,
        head.scope,
    ]
    assert [column.tolist() for column in columns] == [
        [0, 1, 1], [0, 1, 2], [2, 3, 0], [2, 0, 0], [0, 0, 4], [0, 1, 0], [0, 1, 1], [0, 0, 0],
    ]  # fmt: skip
    assert [len(raw) for raw in body.spans] == head.span_bytes.tolist()
    assert (len(body.resources), len(body.scopes)) == (2, 1)


def test_encoding_still_gives_the_content_of_the_first_chunk():
    (pair,) = encoded(*frozen_requests())
    frozen = [base64.b64decode(line) for line in FROZEN.read_text().split()]
    assert [chunks._open(7, frame) for frame in pair] == [chunks._open(7, frame) for frame in frozen]


def frozen_requests() -> tuple[bytes, bytes]:
    trace, other = "ab" * 16, "0102" * 8
    first = make_span(
        trace_id=trace, span_id="cd01" + "00" * 6, name="GET /cart", start_ns=T_NS, duration_ns=5_000,
        status=2, message="no stock", attributes={"http.route": "/cart", "n": 3},
    )  # fmt: skip
    second = make_span(
        trace_id=trace, span_id="cd02" + "00" * 6, parent_id="cd01" + "00" * 6, name="check", kind=3,
        start_ns=T_NS + 1_000, duration_ns=100,
    )  # fmt: skip
    second.events.add(name="cache miss", time_unix_nano=T_NS + 1_050)
    third = make_span(trace_id=other, span_id="00" * 7 + "01", name="wörk", kind=0, start_ns=T_NS, end_ns=0)
    return request_of(first, service="shop", scope="s"), request_of(second, third, service="auth", scope="s")


def test_a_newer_format_is_refused_by_name():
    with pytest.raises(chunks.UnknownChunkVersion, match="chunk 7 has format 2"):
        chunks.decode_head(7, b"\x02abc")


TRACES = ["ab" * 16, "cd" * 16]
spans = st.lists(
    st.fixed_dictionaries({
        "trace_id": st.integers(1, 2**128 - 1).map("{:032x}".format) | st.sampled_from(TRACES),
        "span_id": st.integers(1, 2**64 - 1).map("{:016x}".format),
        "parent_id": st.just("") | st.integers(1, 2**64 - 1).map("{:016x}".format),
        "name": st.text(max_size=20), "kind": st.integers(0, 5), "status": st.integers(0, 2),
        "start_ns": st.integers(1, limits.START_NS_MAX), "duration_ns": st.integers(0, 10**15),
    }),
    min_size=1, max_size=30,
)  # fmt: skip


@given(spans, st.sampled_from(["", "shop", "服务"]))
@settings(deadline=None)
def test_what_goes_into_a_chunk_comes_out_of_it(drawn, service):
    sent = [make_span(**one) for one in drawn]
    ((head, body),) = decoded(request_of(*sent, service=service))
    rows = zip(
        map(bytes, head.trace_id), head.span_id.tolist(), head.parent_id.tolist(), head.start_ns.tolist(),
        head.duration_ns.tolist(), [head.names[name] for name in head.name], head.kind.tolist(),
        head.status.tolist(), body.spans, strict=True,
    )  # fmt: skip
    expected = [
        (
            one.trace_id, int.from_bytes(one.span_id, "big"), int.from_bytes(one.parent_span_id, "big"),
            one.start_time_unix_nano, one.end_time_unix_nano - one.start_time_unix_nano, one.name, one.kind,
            one.status.code, one.SerializeToString(),
        )
        for one in sent
    ]  # fmt: skip
    assert sorted(rows) == sorted(expected)
    order = list(zip(head.trace_low.tolist(), head.trace_high.tolist(), head.start_ns.tolist(), strict=True))
    assert order == sorted(order)
    assert head.services == [service or "unknown_service"]


@given(st.lists(st.integers(1, 3 * limits.CHUNK_RAW_BYTES_MAX), min_size=1, max_size=2_000))
@settings(deadline=None)
def test_chunks_are_even_and_within_their_limits(sizes):
    cuts = chunks.cut(np.array(sizes, np.uint32))
    assert (cuts[0], cuts[-1]) == (0, len(sizes))
    for start, end in pairwise(cuts):
        assert 0 < end - start <= limits.CHUNK_SPANS_MAX
        assert sum(sizes[start:end]) <= limits.CHUNK_RAW_BYTES_MAX or end - start == 1


@pytest.mark.parametrize(
    ("count", "shares"), [(1, [1]), (512, [512]), (513, [257, 256]), (1_100, [367, 367, 366])]
)
def test_chunks_have_equal_shares(count, shares):
    cuts = chunks.cut(np.full(count, 100, np.uint32))
    assert np.diff(cuts).tolist() == shares


def test_several_requests_share_the_tables_of_one_chunk():
    bodies = [
        request_of(make_span(name="a", start_ns=time.time_ns()), service="s", scope="x") for _ in range(3)
    ]
    ((head, body),) = decoded(*bodies)
    assert (head.n, head.services, head.names) == (3, ["s"], ["a"])
    assert (len(body.resources), len(body.scopes)) == (1, 1)
