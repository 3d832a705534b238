import json
from typing import Any

from django.core.management.base import BaseCommand

from tracing_ui.bench import ui


class Command(BaseCommand):
    help = "Measure the trace page in a real Chromium; one JSON line a size."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in ui.run():
            self.stdout.write(json.dumps(line))
            self.stdout.flush()
