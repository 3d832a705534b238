"""Traces made by hand, and read from captures without the store."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spans.trace.columns import Trace, rev_of

KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}


@dataclass(frozen=True, slots=True)
class Row:
    """One span of a trace made by hand; ids are small numbers, 0 = no parent."""

    span: int
    parent: int
    start: int
    duration: int
    service: str = "shop"
    name: str = "work"
    kind: int = 1
    status: int = 0


def trace_of(rows: Iterable[Row]) -> Trace:
    """The rows as `load_trace` would give them; equal places keep the order given."""
    given = sorted(rows, key=lambda row: (row.start, -row.duration))
    services = tuple(dict.fromkeys(row.service for row in given))
    names = tuple(dict.fromkeys(row.name for row in given))
    seen: set[int] = set()
    duplicate = [row.span in seen or bool(seen.add(row.span)) for row in given]
    n = len(given)

    def column(values: Iterable[Any], kind: Any) -> Any:
        return np.array(list(values), dtype=kind)

    return Trace(
        trace_id="1" * 32, rev=rev_of([1]), cids=(1,), services=services, names=names,
        start_ns=column((row.start for row in given), np.int64),
        duration_ns=column((row.duration for row in given), np.int64),
        service=column((services.index(row.service) for row in given), np.int32),
        name=column((names.index(row.name) for row in given), np.int32),
        kind=column((row.kind for row in given), np.uint8),
        status=column((row.status for row in given), np.uint8),
        flags=np.zeros(n, np.uint8), events=np.zeros(n, np.uint16),
        span_id=column((row.span for row in given), np.uint64),
        parent_id=column((row.parent for row in given), np.uint64),
        chunk=np.zeros(n, np.int32), place=np.arange(n, dtype=np.int32),
        duplicate=column(duplicate, np.bool_),
    )  # fmt: skip


def traces_in(path: Path, *, floor_ns: int = 1) -> dict[str, Trace]:
    """The traces of a capture, OTLP or Jaeger JSON; times cut to whole `floor_ns`."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    read = _jaeger_rows if ".jaeger." in path.name else _otlp_rows
    for trace_id, row in read(path, floor_ns):
        rows[trace_id].append(row)
    return {trace_id: trace_of(of_trace) for trace_id, of_trace in rows.items()}


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _otlp_rows(path: Path, floor_ns: int) -> Iterator[tuple[str, Row]]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    from spans.formats.detect import requests_in

    for body in requests_in(_content(path)):
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = (a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            service = next(named, "unknown_service")
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                start, end = (
                    time // floor_ns for time in (span.start_time_unix_nano, span.end_time_unix_nano)
                )
                ids = (int.from_bytes(span.span_id, "big"), int.from_bytes(span.parent_span_id, "big"))
                row = Row(*ids, start, max(0, end - start), service, span.name, span.kind, span.status.code)
                yield span.trace_id.hex(), row


def _jaeger_rows(path: Path, floor_ns: int) -> Iterator[tuple[str, Row]]:
    document = json.loads(_content(path))
    for trace in document.get("data", [document]):
        for span in trace["spans"]:
            yield trace["traceID"], _jaeger_row(span, trace["processes"], 1000 // floor_ns)


def _jaeger_row(span: dict[str, Any], processes: dict[str, Any], per_us: int) -> Row:
    above = [one["spanID"] for one in span.get("references", []) if one["refType"] == "CHILD_OF"]
    above += [span["parentSpanID"]] if not above and span.get("parentSpanID") else []
    kind = next((str(tag["value"]) for tag in span.get("tags", []) if tag["key"] == "span.kind"), "")
    return Row(
        int(span["spanID"], 16), int(above[0], 16) if above else 0,
        span["startTime"] * per_us, span["duration"] * per_us,
        processes[span["processID"]]["serviceName"], span["operationName"], KINDS.get(kind.upper(), 0),
    )  # fmt: skip


def chain(count: int) -> Sequence[Row]:
    """Each span the child of the one before, one unit shorter on both sides."""
    return [Row(i + 1, i, i, 2 * (count - i) + 1) for i in range(count)]
