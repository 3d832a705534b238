"""Where a page of results ends ↔ opaque text. The server keeps nothing between pages."""

import base64
import binascii
import struct
from dataclasses import dataclass

_LAYOUT = struct.Struct(">B8sqqqqI?")
VERSION = 1
BEFORE = 2**63 - 1


class BadCursor(ValueError):
    """A cursor that was cut short on its way, or is of another query, window or order."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of results, from the first to the last descending.

    Shape: `top_ns` is the start or the duration of a trace's first matching span in the order asked.
    """

    top_ns: int
    span_id: int = BEFORE
    trace_low: int = BEFORE
    trace_high: int = BEFORE


@dataclass(frozen=True, slots=True)
class Cursor:
    """All down to and including `position` was answered; with the total that the first page had."""

    position: Position
    count: int
    is_exact: bool


def format_cursor(cursor: Cursor, asked: bytes) -> str:
    """`asked`: eight bytes that stand for the query."""
    at = cursor.position
    packed = _LAYOUT.pack(
        VERSION, asked, at.top_ns, at.span_id, at.trace_low, at.trace_high, cursor.count, cursor.is_exact
    )
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def parse_cursor(text: str, asked: bytes) -> Cursor:
    """Raises: BadCursor."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, of, top_ns, span_id, low, high, count, is_exact = _LAYOUT.unpack(packed)
    except (binascii.Error, struct.error, ValueError) as error:
        raise BadCursor("this is no cursor") from error
    if version != VERSION or of != asked:
        raise BadCursor("this cursor is of another query")
    return Cursor(Position(top_ns, span_id, low, high), count, is_exact)
