"""OTLP messages written by hand: what does not change between spans is encoded once.

Source: protobuf encoding; opentelemetry/proto/trace/v1/trace.proto for the field numbers.
"""

import struct

Value = str | bool | int | float


def varint(number: int) -> bytes:
    """Protobuf's variable-length unsigned integer."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


VARINTS = [varint(number) for number in range(1 << 14)]  # lengths, looked up instead of computed
int64, pack_double = struct.Struct("<Q").pack, struct.Struct("<d").pack


def message(field: int, body: bytes) -> bytes:
    """A length-delimited field."""
    size = len(body)
    return VARINTS[field << 3 | 2] + (VARINTS[size] if size < len(VARINTS) else varint(size)) + body


def any_value(value: Value) -> bytes:
    if isinstance(value, str):
        return message(1, value.encode())
    if isinstance(value, bool):
        return b"\x10" + bytes([value])
    if isinstance(value, int):
        return b"\x18" + varint(value)
    return b"\x21" + pack_double(value)


def key_value(key: str, value: Value) -> bytes:
    """The body of a KeyValue message."""
    return message(1, key.encode()) + message(2, any_value(value))


def attribute(key: str, value: Value, *, field: int = 9) -> bytes:
    """An attribute as a field of its owner: 9 in a span, 3 in an event, 1 in a resource."""
    return message(field, key_value(key, value))


def attributes(values: dict[str, Value], *, field: int = 9) -> bytes:
    return b"".join([attribute(key, value, field=field) for key, value in values.items()])


class Text:
    """An attribute whose text always has `size` characters: only these are filled in."""

    def __init__(self, key: str, size: int) -> None:
        whole = attribute(key, "x" * size)
        self.head = whole[:-size]

    def __call__(self, text: str) -> bytes:
        return self.head + text.encode()  # not checked: this runs millions of times
