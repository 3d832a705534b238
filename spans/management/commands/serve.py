"""`manage.py serve`: the whole product, or one half of it."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from tracing_ui import serve


class Command(BaseCommand):
    help = "Receives spans and serves the pages, until Ctrl-C."
    requires_system_checks: list[str] = []  # they ask the database, which may not have its tables yet

    def add_arguments(self, parser: CommandParser) -> None:
        half = parser.add_mutually_exclusive_group()
        half.add_argument("--web-only", action="store_true", help="only the pages and the API")
        half.add_argument("--receive-only", action="store_true", help="only the receivers of spans")
        parser.add_argument(
            "--receivers", type=int, metavar="N", default=settings.RECEIVERS, help="receiver processes"
        )

    def handle(self, *, web_only: bool, receive_only: bool, receivers: int, **_: Any) -> None:
        sys.exit(serve.run(web=not receive_only, receivers=0 if web_only else receivers))
