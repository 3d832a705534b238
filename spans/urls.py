"""Every URL of the product."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from django.http import HttpResponse
from django.urls import include, path


def _view(name: str) -> Callable[..., HttpResponse]:
    module, _, function = name.rpartition(".")
    if find_spec(module) is None:
        return lambda request, **_: HttpResponse("not built yet", status=501)
    return getattr(import_module(module), function)


urlpatterns = [
    path("", _view("spans.pages.start.start"), name="start"),
    path("start/waiting", _view("spans.pages.start.waiting"), name="waiting"),
    path("search", _view("spans.pages.search.search"), name="search"),
    path("search/chart", _view("spans.pages.search.chart"), name="search-chart"),
    path("search/operations", _view("spans.pages.search.operations"), name="search-operations"),
    path("trace/<str:trace_id>", _view("spans.pages.trace.trace"), name="trace"),
    path("trace/<str:trace_id>/skeleton.json", _view("spans.pages.trace.skeleton"), name="trace-skeleton"),
    path("trace/<str:trace_id>/events.json", _view("spans.pages.trace.events"), name="trace-events"),
    path("trace/<str:trace_id>/row", _view("spans.pages.trace.row"), name="trace-row"),
    path("trace/<str:trace_id>/table", _view("spans.pages.trace.table"), name="trace-table"),
    path(
        "trace/<str:trace_id>/span/<int:cid>/<int:place>", _view("spans.pages.span.span"), name="trace-span"
    ),
    path("healthz", _view("spans.pages.health.health"), name="health"),
]
if find_spec("spans.search.find"):
    urlpatterns.append(path("api/v1/", include("spans.api.urls")))
