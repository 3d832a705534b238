"""What a reader sees when an address leads nowhere or when we failed: handler404 and handler500."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from spans.otel.ids import parse_pasted

logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page. An address that holds a trace id offers that trace."""
    pasted = next(filter(None, map(parse_pasted, request.path.split("/"))), None)
    return render(request, "errors/not_found.html", {"trace_id": pasted[0] if pasted else ""}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page with an id that stands in the log beside the traceback."""
    request_id = secrets.token_hex(4)
    logger.error("request %s failed: %s %s", request_id, request.method, request.path)
    return render(request, "errors/server_error.html", {"request_id": request_id}, status=500)
