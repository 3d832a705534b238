"""`manage.py demo`: the whole product, with an example shop that sends traces to it."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from tracing_ui import serve


class Command(BaseCommand):
    help = "Serves like `serve`, and sends the traces of an example shop, until Ctrl-C."
    requires_system_checks: list[str] = []  # they ask the database, which may not have its tables yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=42, help="other numbers make another shop")

    def handle(self, *, seed: int, **_: Any) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104 - compared
        shop = serve.Child(
            "demo shop",
            serve.python(
                "-m", "tracing_ui.demo",
                f"--endpoint=http://{host}:{settings.OTLP_HTTP_PORT}",
                f"--grpc={host}:{settings.OTLP_GRPC_PORT}",
                f"--web=http://{host}:{settings.PORT}",
                f"--seed={seed}",
            ),
        )  # fmt: skip
        sys.exit(serve.run(extra_children=[shop]))
