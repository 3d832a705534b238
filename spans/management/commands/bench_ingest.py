import json
from typing import Any

from django.core.management.base import BaseCommand

from tracing_ui.bench import ingest


class Command(BaseCommand):
    help = "Measure what a stored span costs; one JSON line a case. Uses a database of its own."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in ingest.run():
            self.stdout.write(json.dumps(line))
            self.stdout.flush()
