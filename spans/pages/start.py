"""The page of a server that holds no span yet: how to send the first one, and waiting for it."""

import socket
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from spans.pages.respond import HtmxRequest
from spans.search.find import FoundTrace, Order, Search, find_traces

LISTENING_WITHIN_S = 0.2
BUDGET_MS = 500
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 — looked for, not bound
SNIPPETS = [
    {"id": name.lower(), "title": name, "template": f"start/snippets/{name.lower()}.txt"}
    for name in ("Python", "Node", "Java", "Go", "Collector", "curl")
]


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The front door leads to the search page."""
    return redirect("search")


def show_start(request: HtmxRequest) -> HttpResponse:
    """The start page, in place of results that can't exist yet."""
    if request.htmx and not request.htmx.history_restore_request:
        return HttpResponseClientRedirect(request.path)
    host = request.get_host().rsplit(":", 1)[0]
    context = {
        "host": host,
        "http_endpoint": f"http://{host}:{settings.OTLP_HTTP_PORT}",
        "grpc_address": f"{host}:{settings.OTLP_GRPC_PORT}",
        "snippets": SNIPPETS,
        "receivers": _receivers(),
        "is_loopback": settings.HOST in LOOPBACK,
        "since_s": int(time.time()),
    }
    return render(request, "start/page.html", context)


@never_cache
@require_GET
def waiting(request: HtmxRequest) -> HttpResponse:
    """Asked every other second: still waiting, or the first trace; asked after that: on to the results."""
    if "arrived" in request.GET:
        return HttpResponseClientRedirect(reverse("search"))
    since_s = request.GET.get("since", "")
    waited_s = max(0, int(time.time()) - int(since_s)) if since_s.isdigit() else 0
    context = {"first": _first_trace(), "since_s": since_s, "waited_s": waited_s}
    return render(request, "start/_waiting.html", context)


def _first_trace() -> FoundTrace | None:
    found = find_traces(Search("", None, Order.NEWEST, 1, budget_ms=BUDGET_MS))
    return found.traces[0] if found.traces else None


def _receivers() -> list[tuple[str, str, bool]]:
    """(protocol, address, does it answer)."""
    return [
        ("OTLP / HTTP", f":{settings.OTLP_HTTP_PORT}/v1/traces", _is_listening(settings.OTLP_HTTP_PORT)),
        ("OTLP / gRPC", f":{settings.OTLP_GRPC_PORT}", _is_listening(settings.OTLP_GRPC_PORT)),
    ]


def _is_listening(port: int) -> bool:
    host = settings.HOST if settings.HOST not in EVERYWHERE else "127.0.0.1"
    try:
        with socket.create_connection((host, port), timeout=LISTENING_WITHIN_S):
            return True
    except OSError:
        return False
