"""The page of one trace, and what its waterfall fetches."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from spans.limits import TABLE_ROWS
from spans.otel.ids import parse_span_id, parse_trace_id
from spans.pages.immutable import immutable_json
from spans.pages.span import KIND_TEXT, panel_of
from spans.store.trace_map import twins_of
from spans.trace.assemble import ERROR
from spans.trace.columns import Trace
from spans.trace.events import event_offsets
from spans.trace.opened import Opened, open_trace
from spans.trace.skeleton import skeleton as skeleton_of

INDENT_PX = 13
INDENT_LEVELS_MAX = 22  # deeper rows keep this indent: the name must stay readable


@dataclass(frozen=True, slots=True)
class TableRow:
    """One span in the table. `parent` is the row of its parent, -1 = root. Unit: nanoseconds."""

    row: int
    span_id: str
    parent: int
    depth: int
    service: str
    rank: int
    name: str
    kind: str
    start_offset_ns: int
    duration_ns: int
    self_ns: int
    status_error: bool
    url: str

    @property
    def level(self) -> int:
        return self.depth + 1

    @property
    def indent(self) -> int:
        """Unit: pixels."""
        return min(self.depth, INDENT_LEVELS_MAX) * INDENT_PX


@dataclass(frozen=True, slots=True)
class Table:
    """A stretch of the spans in pre-order: rows `first` to `last` of `total`, counted from 1."""

    rows: Sequence[TableRow]
    first: int
    last: int
    total: int
    before_url: str
    after_url: str
    before_part_url: str
    after_part_url: str


@require_safe
def trace(request: HttpRequest, trace_id: str) -> HttpResponse:
    """The page. Other spellings of the id lead to the canonical one; an unknown id is told so."""
    canonical = parse_trace_id(trace_id)
    if canonical and canonical != trace_id:
        return redirect(_with_query(reverse("trace", args=[canonical]), request))
    opened = open_trace(canonical) if canonical else None
    if opened is None:
        return _gone(request, trace_id, canonical)
    return render(request, "trace/page.html", _context(request, opened))


def _gone(request: HttpRequest, trace_id: str, canonical: str | None) -> HttpResponse:
    twins = twins_of(canonical) if canonical else []
    return render(request, "trace/gone.html", {"trace_id": trace_id, "twins": twins}, status=404)


def _context(request: HttpRequest, opened: Opened) -> dict[str, object]:
    loaded = opened.trace
    table = _table(opened, after=_whole(request.GET.get("after")))
    focus_row = _row_of(loaded, request.GET.get("span", ""))
    path = reverse("trace", args=[loaded.trace_id])
    return {
        "trace": loaded,
        "summary": opened.summary,
        "table": table,
        "rows": table.rows,
        "skeleton_url": f"{path}/skeleton.json?rev={loaded.rev}",
        "events_url": f"{path}/events.json?rev={loaded.rev}",
        "row_url": f"{path}/row",
        "focus_row": focus_row,
        "focus_span": "" if focus_row is None else loaded.span_hex(focus_row),
        "panel": None if focus_row is None else panel_of(opened, focus_row),
        "twins": twins_of(loaded.trace_id),
    }


@require_safe
def skeleton(request: HttpRequest, trace_id: str) -> HttpResponse:
    """All spans as columns."""
    return immutable_json(request, trace_id, skeleton_of)


@require_safe
def events(request: HttpRequest, trace_id: str) -> HttpResponse:
    """Times of the events."""
    return immutable_json(request, trace_id, event_offsets)


@require_safe
def row(request: HttpRequest, trace_id: str) -> JsonResponse:
    """The row of a span in the skeleton."""
    opened = _opened(trace_id)
    found = _row_of(opened.trace, request.GET.get("span", "")) if opened else None
    if found is None:
        return JsonResponse({"error": {"reason": "no such span in this trace"}}, status=404)
    return JsonResponse({"row": found})


@require_safe
def table(request: HttpRequest, trace_id: str) -> HttpResponse:
    """The next rows of the table, as a part."""
    opened = _opened(trace_id)
    if opened is None:
        return _gone(request, trace_id, parse_trace_id(trace_id))
    part = _table(opened, after=_whole(request.GET.get("after")))
    return render(request, "trace/_table.html", {"trace": opened.trace, "table": part, "rows": part.rows})


def _opened(trace_id: str) -> Opened | None:
    canonical = parse_trace_id(trace_id)
    return open_trace(canonical) if canonical else None


def _table(opened: Opened, *, after: int) -> Table:
    total = opened.trace.n
    after = min(after, max(0, total - 1))
    ranks = opened.summary.ranks
    rows = [_table_row(opened, ranks, at) for at in opened.tree.order[after : after + TABLE_ROWS].tolist()]
    page, part = (reverse(name, args=[opened.trace.trace_id]) for name in ("trace", "trace-table"))
    before = f"?after={max(0, after - TABLE_ROWS)}" if after else ""
    following = f"?after={after + TABLE_ROWS}" if after + TABLE_ROWS < total else ""
    return Table(
        rows, after + 1, after + len(rows), total,
        before_url=before and page + before, after_url=following and page + following,
        before_part_url=before and part + before, after_part_url=following and part + following,
    )  # fmt: skip


def _table_row(opened: Opened, ranks: dict[str, int], at: int) -> TableRow:
    trace = opened.trace
    service = trace.services[int(trace.service[at])]
    span_id = trace.span_hex(at)
    return TableRow(
        row=at,
        span_id=span_id,
        parent=int(opened.tree.parent[at]),
        depth=int(opened.tree.depth[at]),
        service=service,
        rank=ranks[service],
        name=trace.names[int(trace.name[at])],
        kind=KIND_TEXT.get(int(trace.kind[at]), ""),
        start_offset_ns=int(trace.start_ns[at]) - trace.start_min_ns,
        duration_ns=int(trace.duration_ns[at]),
        self_ns=int(opened.self_ns[at]),
        status_error=bool(trace.status[at] == ERROR),
        url=f"{reverse('trace', args=[trace.trace_id])}?span={span_id}",
    )


def _row_of(loaded: Trace, span: str) -> int | None:
    span_id = parse_span_id(span)
    return loaded.row_of(span_id) if span_id else None


def _with_query(path: str, request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _whole(text: str | None) -> int:
    """A count out of a URL; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
