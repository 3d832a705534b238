"""Every URL of the product."""

from django.urls import include, path

from spans.pages import health, search, span, start, trace

urlpatterns = [
    path("", start.start, name="start"),
    path("start/waiting", start.waiting, name="waiting"),
    path("search", search.search, name="search"),
    path("search/chart", search.chart, name="search-chart"),
    path("search/operations", search.operations, name="search-operations"),
    path("trace/<str:trace_id>", trace.trace, name="trace"),
    path("trace/<str:trace_id>/skeleton.json", trace.skeleton, name="trace-skeleton"),
    path("trace/<str:trace_id>/events.json", trace.events, name="trace-events"),
    path("trace/<str:trace_id>/row", trace.row, name="trace-row"),
    path("trace/<str:trace_id>/table", trace.table, name="trace-table"),
    path("trace/<str:trace_id>/span/<int:cid>/<int:place>", span.span, name="trace-span"),
    path("api/v1/", include("spans.api.urls")),
    path("healthz", health.health, name="health"),
]
