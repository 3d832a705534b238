"""One URL serves a page and its part."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def page_or_part(
    request: HtmxRequest, page: str, part: str, context: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    """The part when htmx asks for it, else the page; going back in history needs the whole page again."""
    wants_part = request.htmx and not request.htmx.history_restore_request
    response = render(request, part if wants_part else page, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response
