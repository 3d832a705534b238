import subprocess
import sys
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from tracing_ui.bench import database


class Command(BaseCommand):
    help = "Measure searches over generated spans, kept between runs; one JSON line a query."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--spans", type=int, default=5_000_000)

    def handle(self, *args: Any, **options: Any) -> None:
        spans = options["spans"]
        name = f"tracing_ui_bench_search_{spans}"
        report = settings.DATA_DIR / f"{name}.json"
        address = database.create(name, afresh=not report.exists())
        if not report.exists():
            report.parent.mkdir(parents=True, exist_ok=True)
            database.manage(
                "make_traces", f"--spans={spans}", "--hours=24", f"--report={report}", address=address
            )
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("VACUUM (ANALYZE)")
        subprocess.run(
            [sys.executable, "-m", "tracing_ui.bench.search", str(report)],
            env=database.environment(address, DJANGO_SETTINGS_MODULE="tracing_ui.settings"),
            check=True,
        )
