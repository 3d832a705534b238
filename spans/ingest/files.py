"""Spans from files, through the same door as requests."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spans.formats.detect import requests_in
from spans.formats.otlp import BadBatch, Batch, Rejected
from spans.ingest.reply import Wire
from spans.ingest.submit import batch_of
from spans.limits import FLUSH_BYTES_MAX, FLUSH_SPANS_MAX
from spans.otel.clock import TimeWindow
from spans.store.flush import BadData, FlushWriter

Progress = Callable[[int, int], None]  # bytes done, bytes in all


class BadFile(Exception):
    """A file can't be imported; the reason names what is wrong with it, not the file."""


@dataclass(slots=True)
class Imported:
    """What became of the spans of one or several files. Unit: `start_*` Unix nanoseconds, of stored spans."""

    stored: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)
    start_min_ns: int = 0
    start_max_ns: int = 0
    trace_ids: set[str] = field(default_factory=set)

    @property
    def window(self) -> TimeWindow | None:
        """The smallest that holds the start of every span; None when none was stored."""
        return TimeWindow(self.start_min_ns, self.start_max_ns + 1) if self.stored else None

    def add(self, more: "Imported") -> None:
        if more.stored:
            first = not self.stored
            self.start_min_ns = more.start_min_ns if first else min(self.start_min_ns, more.start_min_ns)
            self.start_max_ns = max(self.start_max_ns, more.start_max_ns)
        self.stored += more.stored
        self.rejected += more.rejected
        self.reasons += more.reasons
        self.trace_ids |= more.trace_ids


def import_file(path: Path, writer: FlushWriter, *, on_progress: Progress) -> Imported:
    """Stores the spans of one file: OTLP as JSON, JSON lines or protobuf, gzipped or not.

    Raises: BadFile; DatabaseAway. What was stored before stays stored.
    """
    rejects = Rejected()
    try:
        bodies = list(requests_in(path.read_bytes(), rejects))
    except OSError as error:
        raise BadFile(error.strerror or str(error)) from error
    except BadBatch as error:
        raise BadFile(error.reason) from error
    imported = Imported(rejected=rejects.count, reasons=[rejects.text] if rejects.count else [])
    total_bytes, done_bytes = sum(map(len, bodies)), 0
    try:
        for group in _groups(batch_of(body, wire=Wire.PROTOBUF, is_keyed=False) for body in bodies):
            writer.write([batch for batch in group if batch.spans])
            for batch in group:
                imported.add(_counted(batch))
                done_bytes += batch.raw_bytes
            on_progress(done_bytes, total_bytes)
    except BadBatch as error:
        raise BadFile(f"{error.reason}; {imported.stored:,} spans before it are stored") from error
    except BadData as error:
        raise BadFile(
            f"the database refuses it: {error}; {imported.stored:,} spans before it are stored"
        ) from error
    return imported


def _groups(batches: Iterator[Batch]) -> Iterator[Sequence[Batch]]:
    """Batches that are stored in one flush."""
    group: list[Batch] = []
    spans = raw_bytes = 0
    for batch in batches:
        if group and (spans + batch.spans > FLUSH_SPANS_MAX or raw_bytes + batch.raw_bytes > FLUSH_BYTES_MAX):
            yield group
            group, spans, raw_bytes = [], 0, 0
        group.append(batch)
        spans += batch.spans
        raw_bytes += batch.raw_bytes
    if group:
        yield group


def _counted(batch: Batch) -> Imported:
    reasons = [batch.rejected_reason] if batch.rejected else []
    if not batch.spans:
        return Imported(rejected=batch.rejected, reasons=reasons)
    starts = batch.header["start_ns"]
    halves = {tuple(pair) for pair in batch.header[["trace_high", "trace_low"]].tolist()}
    return Imported(
        stored=batch.spans,
        rejected=batch.rejected,
        reasons=reasons,
        start_min_ns=int(starts.min()),
        start_max_ns=int(starts.max()),
        trace_ids={f"{high:016x}{low:016x}" for high, low in halves},
    )
