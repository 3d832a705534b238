"""`manage.py make_traces`: millions of realistic spans, as if they had been received over the last hours."""

import json
import multiprocessing
import os
import queue
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from spans.store import partitions
from spans.store.database import connect
from tracing_ui.demo.bulk import part
from tracing_ui.demo.bulk.catalogue import catalogue
from tracing_ui.demo.bulk.part import Progress, Share
from tracing_ui.demo.bulk.traces import BIG_TRACE_SPANS, COMMON, RARE, SPANS_PER_USER, user_id

HOUR_NS = 3600 * 10**9
BIG_TRACE_EVERY = 1_250_000  # spans
USERS_TOLD = 50
LISTEN_S = 1.0


class Command(BaseCommand):
    help = "Store made-up traces; one JSON line at the end says what to look for in them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--spans", type=int, default=1_000_000)
        parser.add_argument("--hours", type=float, default=24.0, help="how far back, from now")
        parser.add_argument("--seed", type=int, default=42, help="the same seed makes the same ids")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
        parser.add_argument("--report", type=Path, help="a file for the JSON line")

    def handle(
        self, *, spans: int, hours: float, seed: int, processes: int, report: Path | None, **_: Any
    ) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        started_s = time.monotonic()
        shares = shares_of(spans, hours=hours, seed=seed, processes=processes, end_ns=time.time_ns())
        with connect() as connection:
            day, last = partitions.day_of_ns(shares[0].start_ns), partitions.day_of_ns(shares[-1].end_ns)
            while day <= last:
                partitions.ensure_day(connection, day)
                day += partitions.ONE_DAY
        told = run(shares, spans)
        line = json.dumps(summary(told, shares, seconds=time.monotonic() - started_s))
        if report:
            report.write_text(line + "\n")
        print(line)


def shares_of(spans: int, *, hours: float, seed: int, processes: int, end_ns: int) -> list[Share]:
    """A stretch of time for each process; the big traces are spread over them."""
    big = max(1, spans // BIG_TRACE_EVERY) if spans > 2 * BIG_TRACE_SPANS else 0
    first_ns = end_ns - int(hours * HOUR_NS)
    bounds = [first_ns + (end_ns - first_ns) * number // processes for number in range(processes + 1)]
    counts = [spans * (n + 1) // processes - spans * n // processes for n in range(processes)]
    return [
        Share(
            part=number,
            seed=seed,
            spans=counts[number],
            start_ns=bounds[number],
            end_ns=bounds[number + 1],
            users=max(1, spans // SPANS_PER_USER),
            big_traces=big * (number + 1) // processes - big * number // processes,
        )
        for number in range(processes)
    ]


def run(shares: list[Share], spans: int) -> list[Progress]:
    """Starts a process for each share, shows how far they are; what each told at its end."""
    context = multiprocessing.get_context("spawn")
    teller: Any = context.Queue()
    workers = [
        context.Process(target=part.run, args=(share, teller, os.getpid()), daemon=True) for share in shares
    ]
    for worker in workers:
        worker.start()
    latest: dict[int, Progress] = {}
    while not (len(latest) == len(shares) and all(told.is_done for told in latest.values())):
        try:
            told: Progress = teller.get(timeout=LISTEN_S)
        except queue.Empty:
            if any(worker.exitcode not in (None, 0) for worker in workers):
                raise CommandError("a process that writes traces has failed") from None
            continue
        latest[told.part] = told
        _show(sum(one.spans for one in latest.values()), spans)
    for worker in workers:
        worker.join()
    sys.stderr.write(f"\r{spans:,} of {spans:,} spans\n")
    return [latest[share.part] for share in shares]


def _show(done: int, spans: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {spans:,} spans")
        sys.stderr.flush()


def summary(told: list[Progress], shares: list[Share], *, seconds: float) -> dict[str, object]:
    """What was made, and what can be looked for."""
    services = catalogue(shares[0].seed)
    spans = sum(one.spans for one in told)
    big = [trace_id for one in told for trace_id in one.big_trace_ids]
    users = shares[0].users
    return {
        "spans": spans,
        "traces": sum(one.traces for one in told),
        "seconds": round(seconds, 1),
        "spans_per_s": round(spans / seconds),
        "database": str(settings.DATABASES["default"]["NAME"]),
        "services": [service.name for service in services],
        "operations": {service.name: [one.name for one in service.operations] for service in services},
        "trace_ids": [trace_id for one in told for trace_id in one.trace_ids],
        "big_trace_id": big[0] if big else "",
        "big_trace_ids": big,
        "rare": "=".join(RARE),
        "common": "=".join(COMMON),
        "user_ids": [user_id(users * n // USERS_TOLD) for n in range(USERS_TOLD)],
    }
