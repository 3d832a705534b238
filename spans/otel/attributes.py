"""Attribute values: their types and their text form.

Source: opentelemetry/proto/common/v1/common.proto, AnyValue.
"""

import base64
import json
import math

# A kvlist keeps its order and repeated keys: a tuple of pairs, wrapped so that it differs from an array.


class KeyValueList(tuple[tuple[str, "AttributeValue"], ...]):
    """AnyValue.kvlist_value: ordered pairs, keys may repeat."""

    __slots__ = ()


AttributeValue = str | bool | int | float | bytes | tuple["AttributeValue", ...] | KeyValueList | None
Attributes = tuple[tuple[str, AttributeValue], ...]


def as_text(value: AttributeValue) -> str:
    """The value as a reader sees it and as `key=text` compares it.

    Shape: strings as they are; true and false; numbers in shortest exact form; bytes as base64;
    arrays and kvlists as JSON; a value that was not set as "".
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return json.dumps(as_json(value), ensure_ascii=False)


def as_json(value: AttributeValue) -> object:
    """The value as JSON can carry it: non-finite numbers as text, bytes as base64, kvlists as objects."""
    if isinstance(value, KeyValueList):
        return {key: as_json(item) for key, item in value}
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return float_text(value)
    return value


def float_text(value: float) -> str:
    """1.5 → "1.5", 2.0 → "2", not-a-number → "NaN"."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
