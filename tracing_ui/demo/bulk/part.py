"""One process's share of the made-up traces: a stretch of time, written through the real packer."""

import gc
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Protocol

from tracing_ui.demo.bulk.arrivals import Arrivals, Flush
from tracing_ui.demo.bulk.traces import BIG_TRACE_SPANS, MEAN_SPANS, Writer
from tracing_ui.parent_death import die_with_parent

TRACE_IDS_TOLD = 200  # of a part: one of every so many traces
GC_THRESHOLD = 200_000  # a flush makes as many containers, and none of them is a cycle


@dataclass(frozen=True, slots=True)
class Share:
    """What one process makes: so many spans, from `start_ns` to before `end_ns`."""

    part: int
    seed: int
    spans: int
    start_ns: int
    end_ns: int
    users: int
    big_traces: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What a process tells the one that started it; `traces` and ids when it is done."""

    part: int
    spans: int
    is_done: bool = False
    traces: int = 0
    trace_ids: tuple[str, ...] = ()
    big_trace_ids: tuple[str, ...] = ()


class Teller(Protocol):
    def put(self, told: Progress, /) -> None: ...


def run(share: Share, teller: Teller, parent_pid: int) -> None:
    """The process: makes the share and stores it with a clock of its own."""
    die_with_parent(parent_pid, signal.SIGKILL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracing_ui.settings")
    import django

    django.setup()
    from spans.formats.otlp import parse_batch
    from spans.store.database import connect
    from spans.store.flush import FlushWriter

    gc.set_threshold(GC_THRESHOLD, 50, 100)
    now_ns = [share.start_ns]
    made = Traces(share)
    stored = 0
    with connect() as connection:
        writer = FlushWriter(connection, clock=lambda: now_ns[0])
        for flush in made.flushes():
            now_ns[0] = flush.now_ns
            batch = parse_batch(flush.body, arrival_ns=flush.now_ns)
            assert batch.spans == flush.spans, "a span that was written by hand can't be read"
            writer.write([batch])
            stored += flush.spans
            teller.put(Progress(share.part, stored))
    ids, big = tuple(made.trace_ids), tuple(made.big_trace_ids)
    teller.put(Progress(share.part, stored, True, made.traces, ids, big))  # noqa: FBT003 - is_done


class Traces:
    """The traces of a share, and what is told about them."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.writer = Writer(seed=share.seed, part=share.part, users=share.users)
        self.rng = Random(f"times {share.seed} {share.part}")
        self.arrivals = Arrivals(self.writer.services, Random(f"arrivals {share.seed} {share.part}"))
        self.traces = 0
        self.trace_ids: list[str] = []
        self.big_trace_ids: list[str] = []

    def flushes(self) -> Iterator[Flush]:
        """In the order of arrival, until the share's spans are made."""
        share = self.share
        small = share.spans - share.big_traces * BIG_TRACE_SPANS
        told_every = max(1, round(small / MEAN_SPANS / TRACE_IDS_TOLD))
        big_after = [small * (2 * n + 1) // (2 * share.big_traces) for n in range(share.big_traces)]
        spans = 0
        while spans < small or big_after:
            is_big = bool(big_after) and spans >= min(big_after[0], small)
            if is_big:
                big_after.pop(0)
            size = BIG_TRACE_SPANS if is_big else min(self.writer.size(), small - spans)
            start_ns = share.start_ns + (share.end_ns - share.start_ns) * spans // max(small, 1)
            trace_id = self.rng.randbytes(16)
            self.arrivals.add(start_ns, self.writer.trace(start_ns, size, trace_id))
            if is_big:
                self.big_trace_ids.append(trace_id.hex())
            elif self.traces % told_every == 0:
                self.trace_ids.append(trace_id.hex())
            self.traces += 1
            spans += 0 if is_big else size
            yield from self.arrivals.until(start_ns)
        yield from self.arrivals.until(share.end_ns)
        yield from self.arrivals.rest(end_ns=share.end_ns)
