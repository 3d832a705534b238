from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg.errors import UndefinedTable

from spans.ingest.files import BadFile, Imported, import_file
from spans.ingest.receiver import NO_TABLES
from spans.otel.clock import format_time
from spans.store.attribute_names import AttributeNames
from spans.store.database import DatabaseAway, connect
from spans.store.flush import FlushWriter

BAR_CHARACTERS = 30
REASONS_SHOWN = 5


class Command(BaseCommand):
    help = "Stores the spans of files: OTLP as JSON, JSON lines or protobuf, each also gzipped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[Path] = options["files"]
        try:
            connection = connect()
        except DatabaseAway as error:
            raise CommandError(f"the database can't be reached: {error}") from error
        imported, failed = Imported(), 0
        names = AttributeNames()
        names.start()
        writer = FlushWriter(connection, learner=names)
        try:
            for path in files:
                one = self._import(path, writer)
                failed += one is None
                imported.add(one or Imported())
        finally:
            writer.close()
            names.stop()
        if link := link_to(imported):
            self.stdout.write(link)
        if failed:
            raise CommandError(f"{failed} of {len(files)} files could not be imported")

    def _import(self, path: Path, writer: FlushWriter) -> Imported | None:
        """Imports one file and says what became of it; None when it failed."""
        try:
            imported = import_file(
                path, writer, on_progress=lambda done, total: self._draw(path, done, total)
            )
        except BadFile as error:
            self._clear()
            self.stderr.write(f"{path}: {error}")
            return None
        except DatabaseAway as error:
            raise CommandError(f"{path}: the database was lost: {error}") from error
        except UndefinedTable as error:
            raise CommandError(NO_TABLES) from error
        self._clear()
        read = imported.stored + imported.rejected
        counts = f"{imported.stored:,} stored, {imported.rejected:,} rejected"
        self.stdout.write(f"{path.name}: {read:,} span{'s' * (read != 1)} read, {counts}")
        for reason in imported.reasons[:REASONS_SHOWN]:
            self.stdout.write(f"  {reason}")
        return imported

    def _draw(self, path: Path, done_bytes: int, total_bytes: int) -> None:
        """A bar on a terminal; nothing where the output is kept."""
        if self.stdout.isatty():
            filled = BAR_CHARACTERS * done_bytes // max(total_bytes, 1)
            bar = "█" * filled + "░" * (BAR_CHARACTERS - filled)
            self.stdout.write(
                f"\r{path.name} {bar} {100 * done_bytes // max(total_bytes, 1)} %\033[K", ending=""
            )
            self.stdout.flush()

    def _clear(self) -> None:
        if self.stdout.isatty():
            self.stdout.write("\r\033[K", ending="")


def link_to(imported: Imported) -> str | None:
    """Where to look at what was imported: the trace when it is one, else a search over its window."""
    if imported.window is None:
        return None
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.HOST, settings.HOST)  # noqa: S104 a name for links
    base = f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"
    if len(imported.trace_ids) == 1:
        return f"{base}/trace/{next(iter(imported.trace_ids))}"
    window = {"start": format_time(imported.window.from_ns), "end": format_time(imported.window.to_ns)}
    return f"{base}/search?{urlencode(window, safe=':')}"
