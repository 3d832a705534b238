"""The drawer: everything about one span, as an htmx part and inside the page of its trace."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from spans.limits import VALUE_CHARACTERS_SHOWN
from spans.otel import span as otel
from spans.otel.attributes import Attributes, as_text
from spans.otel.clock import format_time
from spans.otel.conventions import EXCEPTION_MESSAGE, EXCEPTION_STACK, EXCEPTION_TYPE
from spans.otel.ids import parse_trace_id
from spans.trace.assemble import Flag
from spans.trace.one_span import StoredSpan, stored_span
from spans.trace.opened import Opened, open_trace

KIND_TEXT = {kind.value: kind.name.lower() for kind in otel.SpanKind if kind}
PAIRS_SHOWN = 200  # further ones are one click away: a browser lays out 10,000 rows in about a second
EVENTS_BESIDE_ATTRIBUTES = 5  # all of them stand under their own tab
RAW_CHARACTERS_MAX = 200_000  # of the raw JSON; the API has all of it


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its value. `start` is what is shown of a long value before "show all"; "" for a short one."""

    key: str
    value: str
    start: str


@dataclass(frozen=True, slots=True)
class Pairs:
    shown: Sequence[Pair]
    more: Sequence[Pair]
    dropped: int

    @property
    def count(self) -> int:
        return len(self.shown) + len(self.more)


@dataclass(frozen=True, slots=True)
class EventPart:
    """Unit: `offset_ns` from the start of the span."""

    name: str
    offset_ns: int
    at: str
    exception_type: str
    exception_message: str
    stack_trace: str
    attributes: Pairs


@dataclass(frozen=True, slots=True)
class LinkPart:
    trace_id: str
    span_id: str
    url: str
    is_here: bool
    attributes: Pairs


@dataclass(frozen=True, slots=True)
class Panel:
    """What the drawer shows of a span. `self_ns` is None for a copy that the trace does not show."""

    trace_id: str
    span: otel.Span
    kind: str
    rank: int
    is_error: bool
    self_ns: int | None
    offset_ns: int
    share: float
    started: str
    ended: str
    notes: Sequence[str]
    parent_url: str
    attributes: Pairs
    events: Sequence[EventPart]
    links: Sequence[LinkPart]
    resource: Pairs
    scope: Pairs
    raw: str
    is_raw_cut: bool

    @property
    def first_events(self) -> Sequence[EventPart]:
        return self.events[:EVENTS_BESIDE_ATTRIBUTES]

    @property
    def more_events(self) -> int:
        return max(0, len(self.events) - EVENTS_BESIDE_ATTRIBUTES)

    @property
    def identity(self) -> Sequence[tuple[str, str, str]]:
        """(what, how it is shown, what is copied; "" = nothing)."""
        facts = (
            ("span id", self.span.span_id, self.span.span_id),
            ("started", self.started, self.started),
            ("ended", self.ended, self.ended),
            ("duration", f"{self.span.duration_ns:,} ns", str(self.span.duration_ns)),
            ("trace state", self.span.trace_state, self.span.trace_state),
        )
        return [fact for fact in facts if fact[1]]


@require_safe
def span(request: HttpRequest, trace_id: str, cid: int, place: int) -> HttpResponse:
    """The drawer of the span at `place` of chunk `cid`."""
    canonical = parse_trace_id(trace_id) or ""
    opened = open_trace(canonical)
    stored = stored_span(canonical, cid, place) if opened and cid in opened.trace.cids else None
    if opened is None or stored is None:
        return render(request, "span/_gone.html", {"trace_id": canonical}, status=404)
    panel = _panel(opened, opened.trace.row_at(cid, place), stored)
    return render(request, "span/_panel.html", {"panel": panel})


def panel_of(opened: Opened, row: int) -> Panel | None:
    """The drawer of a row; None when its chunk has just been dropped."""
    trace = opened.trace
    stored = stored_span(trace.trace_id, trace.cids[int(trace.chunk[row])], int(trace.place[row]))
    return _panel(opened, row, stored) if stored else None


def _panel(opened: Opened, row: int | None, stored: StoredSpan) -> Panel:
    own = stored.span
    return Panel(
        trace_id=opened.trace.trace_id,
        span=own,
        kind=KIND_TEXT.get(int(own.kind), ""),
        rank=opened.summary.ranks.get(own.service, 0),
        is_error=own.status.code == otel.StatusCode.ERROR,
        self_ns=None if row is None else int(opened.self_ns[row]),
        offset_ns=own.start_ns - opened.summary.start_ns,
        share=own.duration_ns / (opened.summary.duration_ns or 1),
        started=format_time(own.start_ns),
        ended=format_time(own.end_ns),
        notes=_notes(opened, row, own),
        parent_url=_url(own.trace_id, own.parent_span_id) if own.parent_span_id else "",
        attributes=_pairs(own.attributes, own.dropped_attributes_count),
        events=[_event(event, own.start_ns) for event in own.events],
        links=[_link(link, own.trace_id) for link in own.links],
        resource=_pairs(own.resource.attributes, own.resource.dropped_attributes_count),
        scope=_scope(own),
        raw=stored.raw_json[:RAW_CHARACTERS_MAX],
        is_raw_cut=len(stored.raw_json) > RAW_CHARACTERS_MAX,
    )


def _notes(opened: Opened, row: int | None, own: otel.Span) -> list[str]:
    """Sentences on what is odd about the span, none for most."""
    flags = Flag(int(opened.tree.flags[row])) if row is not None else Flag(0)
    said = {
        "A second copy of this span: the trace shows the first.": row is None,
        f"Its parent {own.parent_span_id} is not stored.": Flag.ORPHAN in flags,
        "Another span of this trace has the same id.": Flag.DUPLICATE in flags,
        "Its parents form a circle, which is cut here.": Flag.CYCLE in flags,
        "It starts before its parent: their clocks differ.": Flag.SKEW in flags,
        "No start was sent; its end is taken as start.": otel.Repair.START_FROM_END in own.repairs,
        "No time was sent; the time of arrival is taken.": otel.Repair.START_OF_ARRIVAL in own.repairs,
        "No end after its start was sent; its duration is 0.": otel.Repair.NO_DURATION in own.repairs,
    }
    return [sentence for sentence, is_so in said.items() if is_so]


def _pairs(attributes: Attributes, dropped: int = 0) -> Pairs:
    pairs = [_pair(key, as_text(value)) for key, value in attributes]
    return Pairs(pairs[:PAIRS_SHOWN], pairs[PAIRS_SHOWN:], dropped)


def _pair(key: str, text: str) -> Pair:
    is_long = len(text) > VALUE_CHARACTERS_SHOWN
    return Pair(key, text, text[:VALUE_CHARACTERS_SHOWN] if is_long else "")


def _event(event: otel.Event, start_ns: int) -> EventPart:
    texts = {key: as_text(value) for key, value in event.attributes}
    told_above = (EXCEPTION_TYPE, EXCEPTION_MESSAGE, EXCEPTION_STACK)
    others = tuple((key, value) for key, value in event.attributes if key not in told_above)
    return EventPart(
        name=event.name,
        offset_ns=event.time_ns - start_ns,
        at=format_time(event.time_ns),
        exception_type=texts.get(EXCEPTION_TYPE, ""),
        exception_message=texts.get(EXCEPTION_MESSAGE, ""),
        stack_trace=texts.get(EXCEPTION_STACK, ""),
        attributes=_pairs(others, event.dropped_attributes_count),
    )


def _link(link: otel.Link, trace_id: str) -> LinkPart:
    return LinkPart(
        trace_id=link.trace_id,
        span_id=link.span_id,
        url=_url(link.trace_id, link.span_id) if parse_trace_id(link.trace_id) else "",
        is_here=link.trace_id == trace_id,
        attributes=_pairs(link.attributes, link.dropped_attributes_count),
    )


def _scope(own: otel.Span) -> Pairs:
    named = (("name", own.scope.name), ("version", own.scope.version), ("schema_url", own.scope.schema_url))
    present = tuple((key, value) for key, value in named if value)
    return _pairs(present + own.scope.attributes, own.scope.dropped_attributes_count)


def _url(trace_id: str, span_id: str) -> str:
    path = reverse("trace", args=[trace_id])
    return f"{path}?span={span_id}" if span_id else path
