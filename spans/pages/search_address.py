"""The address of the search page: everything the page shows stands in it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from spans.otel.clock import NS_PER, TimeWindow, format_time, parse_time_ns
from spans.search.find import Order
from spans.search.form import FormFields, fields_of, text_of
from spans.search.parse import ParseError

LAST = {
    "15m": "Last 15 minutes",
    "1h": "Last hour",
    "4h": "Last 4 hours",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
}
CONTROLS = {
    "service": "service",
    "name": "name",
    "min": "duration_min",
    "max": "duration_max",
    "status": "status",
}


class BadTime(ValueError):
    """A from or to that is no time."""


@dataclass(frozen=True, slots=True)
class Address:
    """The canonical parameters. `last`, or `start` and `end`; all empty: all that is stored."""

    q: str = ""
    order: Order = Order.NEWEST
    last: str = ""
    start: str = ""
    end: str = ""
    cursor: str = ""

    def url(self, name: str = "search", **changes: str) -> str:
        """The page's address, or that of another view of the same search, with some parameters changed."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        fields = {"q": changed.q, "order": changed.order.value if changed.order != Order.NEWEST else ""}
        fields |= {"last": changed.last, "start": changed.start, "end": changed.end, "cursor": changed.cursor}
        query = urlencode({key: value for key, value in fields.items() if value})
        return reverse(name) + (f"?{query}" if query else "")

    def window(self) -> TimeWindow | None:
        """Half-open, or None without one; an open side reaches to the end of time.

        Raises: BadTime when a side is no time, or when the sides are the wrong way round.
        """
        if self.last:
            now_ns = time.time_ns()
            return TimeWindow(
                now_ns - last_ns(self.last), now_ns + NS_PER["m"]
            )  # clocks of senders run ahead a little
        if not self.start and not self.end:
            return None
        from_ns = _time_ns(self.start) if self.start else 0
        to_ns = _time_ns(self.end) if self.end else 2**63 - 1
        if from_ns >= to_ns:
            raise BadTime("The window ends before it starts.")
        return TimeWindow(from_ns, to_ns)

    @property
    def start_text(self) -> str:
        return _readable(self.start)

    @property
    def end_text(self) -> str:
        return _readable(self.end)

    @property
    def has_window(self) -> bool:
        return bool(self.last or self.start or self.end)


def _readable(text: str) -> str:
    """A time of the address as the from and to fields show it: "2026-11-23 10:02:11", UTC."""
    time_ns = parse_time_ns(text) if text else None
    if time_ns is None:
        return text
    return format_time(time_ns, decimals=9 if time_ns % 10**9 else 0).replace("T", " ").removesuffix("Z")


def last_ns(last: str) -> int:
    """ "15m" → its nanoseconds."""
    return int(last[:-1]) * NS_PER[last[-1]]


def _time_ns(text: str) -> int:
    time_ns = parse_time_ns(text)
    if time_ns is None:
        raise BadTime(f"“{text}” is no time. Expected 2026-11-23 10:02:11, RFC 3339 or Unix nanoseconds.")
    return time_ns


def read_address(asked: Mapping[str, str]) -> Address:
    """The address that a request means: controls are written into the query, a time pick into the window."""
    order = asked.get("order", "")
    last = asked.get("last", "")
    plain = Address(
        q=_merged(asked).strip(),
        order=Order(order) if order in set(Order) else Order.NEWEST,
        last=last if last in LAST else "",
        start="" if last in LAST else asked.get("start", "").strip(),
        end="" if last in LAST else asked.get("end", "").strip(),
        cursor=asked.get("cursor", ""),
    )
    pick = asked.get("pick")
    if pick is None:
        return plain
    if pick == "exact":
        return replace(plain, last="", start=_exact(asked.get("from", "")), end=_exact(asked.get("to", "")))
    return replace(plain, last=pick if pick in LAST else "", start="", end="")


def _exact(text: str) -> str:
    """What stands in a from or to field as it stands in the address; without a zone it is UTC."""
    text = " ".join(text.split())
    if not text or text == "now":
        return ""
    for candidate in (text, f"{text}Z", f"{text}:00Z", f"{text} 00:00:00Z"):
        time_ns = parse_time_ns(candidate)
        if time_ns is not None:
            return format_time(time_ns, decimals=9 if time_ns % 10**9 else 0)
    return text


def _merged(asked: Mapping[str, str]) -> str:
    """The query, with those controls written into it that differ from `was`, which the form was drawn for."""
    text = asked.get("q", "")
    if "was" not in asked:
        return text
    before = fields_or_none(asked["was"])
    now = fields_or_none(text)
    if before is None or now is None:
        return text
    changes = {
        field: asked[control].strip()
        for control, field in CONTROLS.items()
        if control in asked and asked[control].strip() != getattr(before, field)
    }
    return text_of(replace(now, **changes)) if changes else text


def fields_or_none(text: str) -> FormFields | None:
    """What the form's controls show of a query; None when it can't be read."""
    try:
        return fields_of(text)
    except ParseError:
        return None
