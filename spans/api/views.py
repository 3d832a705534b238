"""The JSON API: services, search, one trace."""

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from spans.api.errors import BadParameter
from spans.api.serializers import Error, Operations, Services, TraceList
from spans.limits import PAGE_TRACES, RESULTS_MAX, SEARCH_API_BUDGET_MS
from spans.otel.clock import TimeWindow, parse_time_ns
from spans.otel.ids import parse_trace_id
from spans.search.find import FoundTrace, Order, Search, find_traces
from spans.store import dictionaries
from spans.trace.export import otlp_json
from spans.trace.load import load_trace

TIME_END_NS = (1 << 63) - 1
MOMENT = "Unix nanoseconds or RFC 3339."
ORDERS = [order.value for order in Order]


def _text(name: str, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, **more)


@extend_schema(responses=Services, operation_id="services")
@api_view(["GET"])
def services(request: Request) -> Response:
    """The names of all services that have sent spans."""
    return Response({"services": dictionaries.service_names()})


@extend_schema(responses=Operations, operation_id="operations")
@api_view(["GET"])
def operations(request: Request, name: str) -> Response:
    """The span names of one service; none for a service that is not known."""
    return Response({"service": name, "operations": dictionaries.operation_names(name)})


@extend_schema(
    operation_id="traces",
    parameters=[
        _text("q", "What to find, such as `service=checkout AND duration>200ms`."),
        _text("start", f"Only spans that started at or after this. {MOMENT}"),
        _text("end", f"Only spans that started before this. {MOMENT}"),
        _text(
            "order",
            "Which traces come first.",
            enum=[order.value for order in Order],
            default=Order.NEWEST.value,
        ),
        OpenApiParameter(
            "limit", int, description=f"How many traces, 1 to {RESULTS_MAX}.", default=PAGE_TRACES
        ),
        _text("cursor", "`next_cursor` of the answer before, with everything else the same."),
    ],
    responses={200: TraceList, 400: Error, 422: Error, 503: Error},
)
@api_view(["GET"])
def traces(request: Request) -> Response:
    """Traces with a matching span, each once over all pages."""
    found = find_traces(_asked(request))
    back_to_ns = found.searched_back_to_ns
    return Response(
        {
            "traces": [_in_list(trace) for trace in found.traces],
            "next_cursor": found.next_cursor,
            "searched_back_to": None if back_to_ns is None else str(back_to_ns),
            "total": asdict(found.total),
        }
    )


@extend_schema(operation_id="trace", responses={200: OpenApiTypes.OBJECT, 404: Error})
@api_view(["GET"])
def trace(request: Request, trace_id: str) -> HttpResponse:
    """The trace as OTLP JSON, every span as it was sent; exact second copies are left out."""
    canonical = parse_trace_id(trace_id)
    loaded = load_trace(canonical) if canonical else None
    if loaded is None:
        raise NotFound(f"no trace {trace_id} is stored")
    return HttpResponse(b"".join(otlp_json(loaded)), content_type="application/json")


def _asked(request: Request) -> Search:
    """The search that the address describes. Raises: BadParameter."""
    given = request.query_params
    order = given.get("order") or Order.NEWEST.value
    if order not in ORDERS:
        raise BadParameter(f'order "{order}" is not one of {", ".join(ORDERS)}')
    return Search(
        text=given.get("q", ""),
        window=_window(given.get("start", ""), given.get("end", "")),
        order=Order(order),
        limit=_limit(given.get("limit", "")),
        cursor=given.get("cursor") or None,
        budget_ms=SEARCH_API_BUDGET_MS,
    )


def _window(start: str, end: str) -> TimeWindow | None:
    if not start and not end:
        return None
    window = TimeWindow(_time_ns("start", start, 0), _time_ns("end", end, TIME_END_NS))
    if window.to_ns < window.from_ns:
        raise BadParameter("end is before start")
    return window


def _time_ns(name: str, text: str, missing_ns: int) -> int:
    if not text:
        return missing_ns
    time_ns = parse_time_ns(text)
    if time_ns is None or time_ns > TIME_END_NS:
        raise BadParameter(f'{name} "{text}" is neither Unix nanoseconds nor RFC 3339 (2026-11-23T14:02:02Z)')
    return time_ns


def _limit(text: str) -> int:
    if not text:
        return PAGE_TRACES
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= RESULTS_MAX):
        raise BadParameter(f'limit "{text}" is not a number from 1 to {RESULTS_MAX}')
    return int(text)


def _in_list(trace: FoundTrace) -> dict[str, object]:
    fields = asdict(trace)
    matched = {**fields["matched"], "start_ns": str(trace.matched.start_ns)}
    return {**fields, "start_ns": str(trace.start_ns), "matched": matched}
