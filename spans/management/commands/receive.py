from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spans.ingest import receiver


class Command(BaseCommand):
    help = "Receives spans: OTLP over HTTP and gRPC, until SIGTERM or Ctrl-C. `serve` starts it for you."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            receiver.main()
        except receiver.CannotStart as error:
            raise CommandError(str(error)) from error
