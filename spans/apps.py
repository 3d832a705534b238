from django.apps import AppConfig


class SpansConfig(AppConfig):
    name = "spans"
    verbose_name = "Spans"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from spans import checks  # noqa: F401 (registers them)
