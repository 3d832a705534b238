"""Nanoseconds since the Unix epoch, and how people write them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE_NS, HOUR_NS, DAY_NS = 60 * 10**9, 3600 * 10**9, 86400 * 10**9
NS_PER = {
    "ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9,
    "m": MINUTE_NS, "min": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS,
}  # fmt: skip
THIN_SPACE = "\u202f"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|min|s|m|h|d)")
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)",
)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Half-open [from_ns, to_ns). Unit: Unix nanoseconds."""

    from_ns: int
    to_ns: int

    def __contains__(self, time_ns: int) -> bool:
        return self.from_ns <= time_ns < self.to_ns


def parse_duration_ns(text: str) -> int | None:
    """ "1.5ms" → 1500000, "1m30s" → 90000000000; None when it is not a duration.

    Shape: one or more numbers, each with a unit; exact as long as it ends on a whole nanosecond.
    """
    text = "".join(text.split())
    parts = list(_DURATION.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return None
    return sum(_decimal_ns(part[1], NS_PER[part[2]]) for part in parts)


def _decimal_ns(number: str, unit_ns: int) -> int:
    whole, _, decimals = number.partition(".")
    return int(whole) * unit_ns + (int(decimals) * unit_ns // 10 ** len(decimals) if decimals else 0)


def parse_time_ns(text: str) -> int | None:
    """Unix nanoseconds (digits) or RFC 3339 with up to nine decimals → Unix nanoseconds, exact; else None."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text)
    match = _RFC3339.fullmatch(text)
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[4].upper().replace('Z', '+00:00')}")
    except ValueError:
        return None
    return seconds_since_epoch(moment) * 10**9 + int((match[3] or "").ljust(9, "0"))


def seconds_since_epoch(moment: datetime) -> int:
    """Whole seconds, without going through a float."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def to_datetime(time_ns: int) -> datetime:
    """UTC, cut to the microsecond that a datetime can hold."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)


def format_time(time_ns: int, *, decimals: int = 9) -> str:
    """RFC 3339 in UTC with all nanoseconds: "2026-11-23T14:02:02.418000123Z"."""
    whole = to_datetime(time_ns - time_ns % 10**9).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{time_ns % 10**9:09d}"[:decimals]
    return f"{whole}.{fraction}Z" if decimals else f"{whole}Z"


def format_duration(duration_ns: int) -> str:
    """231000000 → "231 ms", 1620000000 → "1.62 s": three figures, thin space."""
    if duration_ns <= 0:
        return "0"
    unit, unit_ns = next((unit, unit_ns) for unit, unit_ns, up_to_ns in _STEPS if duration_ns < up_to_ns)
    value = duration_ns / unit_ns
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits if unit != 'ns' else 0}f}{THIN_SPACE}{unit}"


# A value steps up to the next unit where three figures would round to a thousand.
_STEPS = (
    ("ns", 1, 10**3), ("µs", 10**3, 999_500), ("ms", 10**6, 999_500_000), ("s", 10**9, 60 * 10**9),
    ("min", MINUTE_NS, HOUR_NS), ("h", HOUR_NS, 2 * DAY_NS), ("d", DAY_NS, 1 << 80),
)  # fmt: skip
