"""The search page: one address, one query, the traces that match it."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from spans.limits import PAGE_TRACES, SEARCH_PAGE_BUDGET_MS
from spans.otel.clock import NS_PER, TimeWindow
from spans.otel.ids import parse_pasted
from spans.pages.loosen import nearest_of
from spans.pages.query_problem import problem_of
from spans.pages.respond import HtmxRequest, page_or_part
from spans.pages.result_rows import longest, rows_of
from spans.pages.search_address import LAST, Address, BadTime, fields_or_none, read_address
from spans.pages.start import show_start
from spans.search.find import BadCursor, ChartPoints, Found, Order, Search, chart_points, find_traces
from spans.search.form import FormFields
from spans.search.parse import ParseError
from spans.store.dictionaries import operation_names, service_names

ORDERS = ((Order.NEWEST, "Newest first"), (Order.SLOWEST, "Slowest first"))
NOT_CANONICAL = {"was", "pick", "service", "name", "min", "max", "status"}


@require_GET
def search(request: HtmxRequest) -> HttpResponse:
    """The list of traces; for a pasted id, its trace; while nothing is stored, how to send the first span."""
    address = read_address(request.GET.dict())
    if pasted := parse_pasted(address.q):
        return _open_trace(request, *pasted)
    if not request.htmx and NOT_CANONICAL & set(request.GET):
        return redirect(address.url())
    try:
        window = address.window()
        found = find_traces(_asked(address, window))
    except (ParseError, BadTime) as error:
        return _refused(request, address, error)
    except BadCursor:  # cut short on the way here, or of another query: the first page of what was asked
        return redirect(address.url(cursor=""))
    if not found.traces and not service_names():
        return show_start(request)
    response = page_or_part(
        request,
        "search/page.html",
        "search/_answer.html",
        _context(address) | _results(address, window, found),
    )
    response["HX-Push-Url"] = address.url()
    return response


@require_GET
def chart(request: HtmxRequest) -> JsonResponse:
    """The points of the scatter: the query and window of the list, as columns."""
    address = read_address(request.GET.dict())
    try:
        points = chart_points(_asked(address, address.window()))
    except (ParseError, BadTime) as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse(_columns(points, address.order))


@require_GET
def operations(request: HtmxRequest) -> HttpResponse:
    """Span names of a service as options of the form's list."""
    service = request.GET.get("service", "")
    names = operation_names(service) if service else []
    return render(request, "search/_operations.html", {"names": names})


def _open_trace(request: HtmxRequest, trace_id: str, span_id: str) -> HttpResponse:
    url = reverse("trace", args=[trace_id]) + (f"?span={span_id}" if span_id else "")
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _asked(address: Address, window: TimeWindow | None) -> Search:
    return Search(
        text=address.q,
        window=window,
        order=address.order,
        limit=PAGE_TRACES,
        cursor=address.cursor or None,
        budget_ms=SEARCH_PAGE_BUDGET_MS,
    )


def _refused(request: HtmxRequest, address: Address, error: ParseError | BadTime) -> HttpResponse:
    """422. Asked by htmx, only the line under the query changes: the list stays that of the query before."""
    context = _context(address) | {"problem": problem_of(error, address)}
    response = page_or_part(request, "search/page.html", "search/_refused.html", context, status=422)
    response["HX-Reswap"] = "none"
    response["HX-Push-Url"] = "false"
    return response


def _context(address: Address) -> dict[str, object]:
    """What the form shows."""
    fields = fields_or_none(address.q) or FormFields(
        service="", name="", duration_min="", duration_max="", status="", rest=""
    )
    services = service_names()
    if fields.service and fields.service not in services:
        services = [fields.service, *services]
    return {"address": address, "fields": fields, "services": services, "windows": LAST.items()}


def _results(address: Address, window: TimeWindow | None, found: Found) -> dict[str, object]:
    """What the list shows."""
    return {
        "found": found,
        "rows": rows_of(found.traces),
        "longest_ns": longest(found.traces),
        "orders": [
            (order == address.order, label, address.url(order=order, cursor="")) for order, label in ORDERS
        ],
        "order_label": dict(ORDERS).get(address.order, ORDERS[0][1]),
        "older_url": address.url(cursor=found.next_cursor) if found.next_cursor else "",
        "first_url": address.url(cursor="") if address.cursor else "",
        "chart_url": address.url("search-chart", cursor=""),
        "nearest": [] if found.traces else nearest_of(address, window),
    }


def _columns(points: ChartPoints, order: Order) -> dict[str, object]:
    """Columns of equal length. Unit: milliseconds, which a double holds to the microsecond."""
    which = "slowest" if order is Order.SLOWEST else "newest"
    return {
        "trace": points.trace_id,
        "time_ms": [start_ns / NS_PER["ms"] for start_ns in points.start_ns],
        "duration_ms": [duration_ns / NS_PER["ms"] for duration_ns in points.duration_ns],
        "error": [int(is_error) for is_error in points.is_error],
        "service": points.service,
        "note": "" if points.is_complete else f"the {which} {len(points.trace_id):,}",
    }
