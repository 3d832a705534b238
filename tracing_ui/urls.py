from django.urls import include, path

urlpatterns = [
    path("", include("spans.urls")),
]
handler404 = "spans.pages.errors.not_found"
handler500 = "spans.pages.errors.server_error"
