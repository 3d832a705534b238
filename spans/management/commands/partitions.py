"""`manage.py partitions`: makes the days that are missing, drops those past retention.

The receiver does it by itself, hourly.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from spans.store import partitions
from spans.store.database import connect


class Command(BaseCommand):
    help = (
        "Makes the partitions of the next days and drops those past retention, as the receiver does hourly."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with connect() as connection:
            done = partitions.maintain(connection, retention_days=settings.RETENTION_DAYS)
            days = sorted(partitions.days_of(connection, "spans_chunk").values())
        for sentence in done:
            self.stdout.write(sentence)
        self.stdout.write(f"{len(days)} days: {days[0]} to {days[-1]}")
