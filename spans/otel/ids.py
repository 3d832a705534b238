"""Trace and span ids, and the W3C traceparent: parse, validate, format.

Source: W3C Trace Context, section 3.2; opentelemetry/proto/trace/v1/trace.proto.
"""

import re

NO_SPAN_ID = "0" * 16
_HEX = re.compile(r"[0-9a-f]+")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


def parse_trace_id(text: str) -> str | None:
    """A trace id of 1 to 32 hex digits as 32 lowercase ones; None when it is not one, or all zero."""
    return _padded(text, 32)


def parse_span_id(text: str) -> str | None:
    """A span id of 1 to 16 hex digits as 16 lowercase ones; None when it is not one, or all zero."""
    return _padded(text, 16)


def parse_pasted(text: str) -> tuple[str, str] | None:
    """(trace id, span id or "") of a pasted trace id or traceparent; None when it is neither.

    Shape: 16 or 32 digits, any case.
    """
    text = text.strip().lower()
    if match := _TRACEPARENT.fullmatch(text):
        trace_id = parse_trace_id(match[1])
        return (trace_id, parse_span_id(match[2]) or "") if trace_id else None
    plain = text.replace("-", "") if len(text) == 36 else text
    if len(plain) not in (16, 32):
        return None
    trace_id = parse_trace_id(plain)
    return (trace_id, "") if trace_id else None


def halves(trace_id: str) -> tuple[int, int]:
    """(high, low) half of a trace id as signed 64-bit integers, as the database holds them."""
    return _signed(trace_id[:16]), _signed(trace_id[16:])


def from_halves(high: int, low: int) -> str:
    """The 32 digits of a trace id from its signed halves."""
    return f"{high & 0xFFFFFFFFFFFFFFFF:016x}{low & 0xFFFFFFFFFFFFFFFF:016x}"


def _signed(digits: str) -> int:
    return int.from_bytes(bytes.fromhex(digits), "big", signed=True)


def _padded(text: str, digits: int) -> str | None:
    text = text.strip().lower()
    if not _HEX.fullmatch(text) or len(text) > digits:
        return None
    padded = text.zfill(digits)
    return padded if int(padded, 16) else None
