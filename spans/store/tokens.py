"""Attributes → 32-bit tokens → sorted runs. The one module for it, of ingest and of search.

The token of `key=value` is the CRC-32 of its KeyValue message, that of `key` the CRC-32 of the message's
key field: both are hashed from the bytes that came in, without a parser (0.6 µs a span; making text first
cost 6). A search for `k=5` looks for the string, the integer and the double. Arrays have one token per
element, kvlists one per `key.sub`. Equal tokens of different attributes cost time, never correctness: what
is found is checked on the span.
"""

import struct
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any
from zlib import crc32

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from spans.store.copy_buffers import Part, array_head, elements

COLUMNS = "project_id, cid, prefix, tokens, chunks"
EVERY_CHUNK = -1  # in place of a chunk number: the token is in half the chunks of the flush or more
CHUNK_BITS = 12
SEEN_MAX = 1 << 24  # bytes of the matrix chunk × attribute; above it distinct pairs are found by sorting
# First byte of an AnyValue of each type.
STRING, BOOL, INT, DOUBLE, BYTES = 0x0A, 0x10, 0x18, 0x21, 0x3A
# Pairs in a flush above which it is spread over 256 or 32 rows, and the first number of their prefixes.
BUCKETS = ((12_000, 8, 0), (2_500, 5, 256), (0, 0, 288))
FIELDS = {
    str: "string_value",
    bool: "bool_value",
    int: "int_value",
    float: "double_value",
    bytes: "bytes_value",
}
_pack_row_head = struct.Struct(">hiiiqih").pack
Integers = NDArray[np.int64]
Scalar = str | bool | int | float | bytes


def candidates(key: str, text: str) -> list[int]:
    """Tokens, signed, that `key=text` may be stored under: as a string, a whole number, a double, a bool."""
    values: list[Any] = [text]
    if text in ("true", "false"):
        values.append(text == "true")
    for number in (int, float):
        try:
            values.append(number(text))
        except ValueError:
            continue
    in_range = [value for value in values if type(value) is not int or -(2**63) <= value < 2**63]
    return [_signed(crc32(key_value(key, value))) for value in in_range]


def key_token(key: str) -> int:
    """The token, signed, of every attribute with this key, whatever its value."""
    return _signed(crc32(_key_field(key)))


def prefixes(token: int) -> list[int]:
    """Which rows of a flush may hold the token: one for each number of rows that a flush is spread over."""
    unsigned = token & 0xFFFFFFFF
    return [base + (unsigned >> (32 - bits)) for _, bits, base in BUCKETS]


def key_value(key: str, value: Scalar) -> bytes:
    """A scalar attribute as any protobuf library writes it."""
    message = KeyValue(key=_sendable(key))
    setattr(message.value, FIELDS[type(value)], _sendable(value) if isinstance(value, str) else value)
    return bytes(message.SerializeToString())


def token_pairs(raws: Sequence[bytes], chunk: Integers, code: Integers, *, chunk_count: int) -> Integers:
    """Distinct `token << 12 | chunk`, sorted. `raws`: attribute by code; `chunk`, `code`: of each met."""
    if not len(code):
        return np.empty(0, np.int64)
    keys: defaultdict[bytes, int] = defaultdict(count().__next__)
    heads = [keys[raw[: raw[1] + 2]] if len(raw) > 1 else keys[raw] for raw in raws]
    key_of_code = np.fromiter(heads, np.int64, len(raws))
    key_tokens = np.fromiter(map(crc32, keys), np.int64, len(keys))
    tokens = np.fromiter(map(crc32, raws), np.int64, len(raws))
    chunk, code = _distinct(chunk, code, chunk_count=chunk_count, code_count=len(raws))
    key_chunk, key = _distinct(chunk, key_of_code[code], chunk_count=chunk_count, code_count=len(keys))
    found = [tokens[code] << CHUNK_BITS | chunk, key_tokens[key] << CHUNK_BITS | key_chunk]
    others = _not_scalar(raws)
    by_code = {other: np.array(_parsed_tokens(raws[other]), np.int64) for other in others}
    met = np.flatnonzero(np.isin(code, others)).tolist() if others else []
    found += [by_code[int(code[at])] << CHUNK_BITS | chunk[at] for at in met]
    return np.unique(np.concatenate(found))


def run_rows(project_id: int, cid: int, pairs: Integers, *, chunk_count: int) -> list[Part]:
    """The flush's rows as COPY has them, in parts; `row_count()` of them."""
    token, chunk = _runs(pairs, chunk_count)
    bits, base = _buckets(len(token))
    bucket = token >> (32 - bits)
    cuts = [*np.flatnonzero(np.diff(bucket, prepend=-1)).tolist(), len(token)]
    first = bucket[cuts[:-1]].tolist() if len(token) else []
    wire_tokens, wire_chunks = elements(token.astype(np.uint32).view(np.int32), ">i4"), elements(chunk, ">i2")
    out: list[Part] = []
    for prefix, start, end in zip(first, cuts, cuts[1:], strict=False):
        out += (
            _pack_row_head(5, 4, project_id, 8, cid, 2, base + prefix),
            array_head("int4", end - start), wire_tokens[8 * start : 8 * end],
            array_head("int2", end - start), wire_chunks[6 * start : 6 * end],
        )  # fmt: skip
    return out


def _signed(token: int) -> int:
    return token - (1 << 32) if token >> 31 else token


def _key_field(key: str) -> bytes:
    return bytes(KeyValue(key=_sendable(key)).SerializeToString())


def _sendable(text: str) -> str:
    """A lone surrogate, which UTF-8 can't hold, is asked for as what it was stored as."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _not_scalar(raws: Sequence[bytes]) -> list[int]:
    """Codes of attributes that are not byte for byte what `key_value` writes: long, nested, of another order.

    All at once in numpy (0.6 µs a span). Shape of what passes, every length in one byte:
        0A key_size key 12 inner tag …      tag 0A/3A: size bytes · 10: 0 or 1 · 18: varint · 21: 8 bytes
    """
    size = np.fromiter(map(len, raws), np.int64, len(raws))
    content = np.frombuffer(b"".join(raws) + bytes(8), np.uint8)
    ended = np.cumsum(content < 128, dtype=np.int64)
    start = np.cumsum(size) - size
    key_size = content[start + 1].astype(np.int64)
    value = np.minimum(start + key_size + 2, len(content) - 4)
    last = np.maximum(start + size - 1, 0)
    inner, tag, after = content[value + 1], content[value + 2], content[value + 3]
    is_text = ((tag == STRING) | (tag == BYTES)) & (after == inner - np.uint8(2))
    is_bool = (tag == BOOL) & (inner == 2) & (after < 2)
    is_double = (tag == DOUBLE) & (inner == 9)
    is_one_varint = (ended[last] - ended[value + 2] == 1) & ((inner == 2) | (content[last] > 0))
    is_int = (tag == INT) & is_one_varint & (content[last] < 128)
    is_framed = (size > 5) & (size < 128) & (key_size + 5 < size) & (content[start] == 0x0A)
    is_whole = is_framed & (content[value] == 0x12) & (inner == size - key_size - 4)
    return np.flatnonzero(~(is_whole & (is_text | is_bool | is_double | is_int))).tolist()


def _parsed_tokens(raw: bytes) -> list[int]:
    """By a parser: long values, arrays, kvlists, fields of unusual order."""
    try:
        message = KeyValue.FromString(raw)
    except DecodeError:
        return []
    return [*_nested_tokens(message.key, message.value), crc32(_key_field(message.key))]


def _nested_tokens(key: str, value: AnyValue) -> list[int]:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [token for item in value.array_value.values for token in _nested_tokens(key, item)]
    if kind == "kvlist_value":
        pairs = value.kvlist_value.values
        return [token for pair in pairs for token in _nested_tokens(f"{key}.{pair.key}", pair.value)]
    message = KeyValue(key=key)
    message.value.CopyFrom(value)
    return [crc32(message.SerializeToString()), crc32(_key_field(key))]


def _distinct(
    chunk: Integers, code: Integers, *, chunk_count: int, code_count: int
) -> tuple[Integers, Integers]:
    """Distinct (chunk, code)."""
    if chunk_count * code_count > SEEN_MAX:
        both = np.unique(chunk * code_count + code)
    else:
        seen = np.zeros(chunk_count * code_count, bool)
        seen[chunk * code_count + code] = True
        both = np.flatnonzero(seen)
    return np.divmod(both, code_count)


def _runs(pairs: Integers, chunk_count: int) -> tuple[Integers, Integers]:
    """(token, chunk) by token; one that is in half the chunks or more stands once, for every chunk."""
    token, chunk = pairs >> CHUNK_BITS, pairs & ((1 << CHUNK_BITS) - 1)
    first = np.flatnonzero(np.diff(token, prepend=-1))
    times = np.diff(first, append=len(token))
    is_common = np.repeat(times >= max(2, chunk_count * 0.5), times)
    keep = ~is_common
    keep[first] = True
    return token[keep], np.where(is_common, EVERY_CHUNK, chunk)[keep]


def _buckets(pair_count: int) -> tuple[int, int]:
    """(bits of the token that choose its row, first prefix number)."""
    return next((bits, base) for least, bits, base in BUCKETS if pair_count > least or not least)
