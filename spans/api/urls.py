"""Addresses below /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from spans.api import views

urlpatterns = [
    path("services", views.services, name="api-services"),
    path("services/<path:name>/operations", views.operations, name="api-operations"),
    path("traces", views.traces, name="api-traces"),
    path("traces/<str:trace_id>", views.trace, name="api-trace"),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
]
