"""Gzip bodies: whole, in members, cut, false and exploding."""

import gzip
import time
import zlib

import pytest

from spans.formats.otlp import BadBatch
from spans.ingest.inflate import MEMBERS_MAX, inflate


def refused(body: bytes, *, bytes_max: int = 1 << 20) -> int:
    with pytest.raises(BadBatch) as caught:
        inflate(body, bytes_max=bytes_max)
    assert caught.value.reason
    return caught.value.status


def test_a_body_comes_out_as_it_went_in():
    body = bytes(range(256)) * 1000
    assert inflate(gzip.compress(body)) == body


def test_members_are_joined():
    parts = [b"a" * 100_000, b"", b"b", b"c" * 70_000]
    assert inflate(b"".join(gzip.compress(part) for part in parts)) == b"".join(parts)


def test_an_empty_body_is_an_empty_request():
    assert inflate(b"") == b""


def test_exactly_the_limit_is_let_in_and_one_byte_more_is_not():
    assert len(inflate(gzip.compress(bytes(1000)), bytes_max=1000)) == 1000
    assert refused(gzip.compress(bytes(1001)), bytes_max=1000) == 413


def test_the_limit_counts_all_members_together():
    assert refused(gzip.compress(bytes(600)) * 2, bytes_max=1000) == 413


def test_a_bomb_is_stopped_at_the_limit():
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(1024)) + squeeze.flush()
    start_s = time.process_time()
    assert refused(bomb, bytes_max=16 << 20) == 413
    assert time.process_time() - start_s < 0.5


def test_a_body_of_empty_members_is_stopped():
    assert refused(gzip.compress(b"") * (MEMBERS_MAX + 1)) == 413


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{}", id="not gzip"),
        pytest.param(gzip.compress(b"x" * 1000)[:-9], id="cut in the data"),
        pytest.param(gzip.compress(b"x" * 1000)[:-1], id="cut in the checksum"),
        pytest.param(gzip.compress(b"x") + b"more", id="something behind it"),
        pytest.param(gzip.compress(b"x" * 1000)[:-8] + bytes(8), id="false checksum"),
    ],
)
def test_what_is_not_gzip_is_bad_data(body):
    assert refused(body) == 400
