from django.apps import AppConfig


class SpansConfig(AppConfig):
    name = "spans"
    verbose_name = "Spans"
    default_auto_field = "django.db.models.BigAutoField"
