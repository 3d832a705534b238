"""Filters that turn values into the text people read. The work is in otel/."""

import re
import time

from django import template

from spans.otel.clock import THIN_SPACE, format_duration, format_time

register = template.Library()

MINUS = "\u2212"
NS_PER_S = 10**9
# Control characters and bidi marks can hide or reorder the text around them.
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@register.filter
def duration(duration_ns: int | None) -> str:
    """231000000 → "231 ms"."""
    return "" if duration_ns is None else format_duration(duration_ns)


@register.filter
def offset(offset_ns: int | None) -> str:
    """1200000 → "+1.20 ms", -3000000 → "−3.00 ms", 0 → "0"."""
    if not offset_ns:
        return "0"
    return ("+" if offset_ns > 0 else MINUS) + format_duration(abs(offset_ns))


@register.filter
def clock(time_ns: int | None) -> str:
    """Unix nanoseconds → the time of day in UTC, "14:02:02.418"."""
    return "" if time_ns is None else format_time(time_ns, decimals=3)[11:-1]


@register.filter
def moment(time_ns: int | None) -> str:
    """Unix nanoseconds → date and time in UTC with all nanoseconds, "2026-11-23 14:02:02.418000123 UTC"."""
    return "" if time_ns is None else format_time(time_ns).replace("T", " ").replace("Z", " UTC")


@register.filter
def day(time_ns: int | None) -> str:
    """Unix nanoseconds → "23 Nov" in UTC; the year is told when it is not this one."""
    if time_ns is None:
        return ""
    at = time.gmtime(time_ns // NS_PER_S)
    year = f" {at.tm_year}" if at.tm_year != time.gmtime().tm_year else ""
    return f"{at.tm_mday} {_MONTHS[at.tm_mon - 1]}{year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@register.filter
def ago(time_ns: int | None) -> str:
    """Unix nanoseconds → "9 s ago", "2 h 5 min ago", "in 3 min"."""
    if time_ns is None:
        return ""
    seconds = (time.time_ns() - time_ns) // NS_PER_S
    if seconds < -1:
        return f"in {_span(-seconds)}"
    return "just now" if seconds < 1 else f"{_span(seconds)} ago"


def _span(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86400} d"


@register.filter
def count(number: int | None) -> str:
    """12431 → "12,431"."""
    return "" if number is None else f"{number:,}"


@register.filter
def share(part: float | None) -> str:
    """0.456 → "46 %"; below ten percent with a decimal."""
    if part is None:
        return ""
    digits = 0 if part >= 0.0995 or part == 0 else 1
    return f"{part * 100:.{digits}f}{THIN_SPACE}%"


@register.filter
def visible(text: str | None) -> str:
    """The text with a dot for every character that would hide or reorder what stands around it."""
    return "" if text is None else _UNSEEN.sub("·", str(text))


@register.filter
def visible_lines(text: str | None) -> str:
    """As `visible`, for text of several lines: line ends and tabs stay."""
    return "" if text is None else _UNSEEN.sub(_dot_in_line, str(text))


def _dot_in_line(unseen: re.Match[str]) -> str:
    return unseen[0] if unseen[0] in "\n\t" else "·"
