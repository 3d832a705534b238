"""Several batches → the columns of one flush, sorted and cut into chunks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spans.formats.batch import SPAN
from spans.formats.otlp import Batch, Codes
from spans.store import chunks

CODED = ("service", "name", "resource", "scope")


@dataclass(slots=True)
class Gathered:
    """The spans of several batches behind one another, with one set of tables. Not sorted yet."""

    header: NDArray[Any]
    raw: list[bytes]
    attributes: list[bytes]
    codes: NDArray[np.int64]
    tables: dict[str, list[bytes]]
    resource_service: list[int]
    resource_attributes: list[list[int]]
    scope_attributes: list[list[int]]


def gather(batches: Sequence[Batch]) -> Gathered:
    """All batches as if they had come in one request."""
    if len(batches) == 1:
        return _only(batches[0])
    attribute_code: defaultdict[bytes, int] = defaultdict(count().__next__)
    services, names, resources, scopes = Codes(), Codes(), Codes(), Codes()
    maps = {
        "service": _mapping(services, [batch.services for batch in batches]),
        "name": _mapping(names, [batch.names for batch in batches]),
        "resource": _mapping(resources, [batch.resources for batch in batches]),
        "scope": _mapping(scopes, [batch.scopes for batch in batches]),
        "attribute": _mapping(attribute_code, [batch.attributes for batch in batches]),
    }
    spans = [batch.spans for batch in batches]
    header = np.empty(sum(spans), SPAN)  # concatenate by itself would turn the ids' bytes round
    np.concatenate([batch.header for batch in batches], out=header)
    for name in CODED:
        mapped, bases = maps[name]
        header[name] = mapped[header[name] + np.repeat(bases, spans)]
    mapped, bases = maps["attribute"]
    code_counts = [len(batch.codes) for batch in batches]
    codes = np.concatenate([np.frombuffer(batch.codes, np.uint32) for batch in batches]).astype(np.int64)
    return Gathered(
        header=header,
        raw=list(chain.from_iterable(batch.raw for batch in batches)),
        attributes=list(attribute_code),
        codes=mapped[codes + np.repeat(bases, code_counts)],
        tables={
            "service": services.in_order, "name": names.in_order, "resource": resources.in_order,
            "scope": scopes.in_order,
        },
        **_of_tables(batches, maps, resource_count=len(resources), scope_count=len(scopes)),
    )  # fmt: skip


def _only(batch: Batch) -> Gathered:
    return Gathered(
        header=batch.header,
        raw=batch.raw,
        attributes=batch.attributes,
        codes=np.frombuffer(batch.codes, np.uint32).astype(np.int64),
        tables={
            "service": batch.services, "name": batch.names, "resource": batch.resources,
            "scope": batch.scopes,
        },
        resource_service=batch.resource_service,
        resource_attributes=batch.resource_attributes,
        scope_attributes=batch.scope_attributes,
    )  # fmt: skip


Mapping = tuple[NDArray[np.int64], NDArray[np.int64]]


def _mapping(codes: dict[bytes, int], tables: Sequence[Sequence[bytes]]) -> Mapping:
    """(new code by old code, the batches' tables behind one another; where each batch's table begins)."""
    sizes = [len(table) for table in tables]
    mapped = np.fromiter(map(codes.__getitem__, chain.from_iterable(tables)), np.int64, sum(sizes))
    return mapped, np.cumsum([0, *sizes[:-1]], dtype=np.int64)


def _of_tables(
    batches: Sequence[Batch], maps: dict[str, Mapping], *, resource_count: int, scope_count: int
) -> dict[str, Any]:
    """What hangs on resources and scopes, in the new codes."""
    resource_service = [0] * resource_count
    resource_attributes: list[list[int]] = [[] for _ in range(resource_count)]
    scope_attributes: list[list[int]] = [[] for _ in range(scope_count)]
    for number, batch in enumerate(batches):
        new = {name: (mapped[bases[number] :]) for name, (mapped, bases) in maps.items()}
        for code, service in enumerate(batch.resource_service):
            resource_service[new["resource"][code]] = int(new["service"][service])
        for target, name, source in (
            (resource_attributes, "resource", batch.resource_attributes),
            (scope_attributes, "scope", batch.scope_attributes),
        ):
            for code, attributes in enumerate(source):
                target[new[name][code]] = new["attribute"][attributes].tolist() if attributes else []
    return {
        "resource_service": resource_service,
        "resource_attributes": resource_attributes,
        "scope_attributes": scope_attributes,
    }


@dataclass(slots=True)
class Sorted:
    """A flush in the order it is stored in.

    Shape: `columns` sorted by (trace_low, trace_high, start_ns, span id), with `chunk` numbers; `ids`:
    trace, span and parent ids as bytes (n, 16), (n, 8), (n, 8); `order`: where each span stood before;
    `cuts`: chunk bounds.
    """

    columns: dict[str, NDArray[Any]]
    ids: tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
    raw: list[bytes]
    order: NDArray[np.int64]
    cuts: list[int]


def sort_and_cut(gathered: Gathered) -> Sorted:
    """Low half of the trace id first: 64- and 128-bit ids that share it stay neighbours."""
    header = gathered.header
    keys = [header[name].astype(np.int64) for name in ("span_id", "start_ns", "trace_high", "trace_low")]
    order = np.lexsort(keys)
    header = header[order]
    cuts = chunks.cut(header["span_bytes"])
    columns = {name: np.ascontiguousarray(header[name]) for name in chunks.COLUMNS}
    for name in ("trace_low", "trace_high", "span_id", "parent_id"):
        columns[name] = header[name].astype(np.int64)
    columns["chunk"] = np.repeat(np.arange(len(cuts) - 1), np.diff(cuts))
    as_bytes = header.view(np.uint8).reshape(len(header), -1)
    trace_ids, span_ids, parent_ids = (
        np.ascontiguousarray(as_bytes[:, start:end]) for start, end in ((0, 16), (16, 24), (24, 32))
    )
    raw = gathered.raw
    return Sorted(
        columns, (trace_ids, span_ids, parent_ids), [raw[place] for place in order.tolist()], order, cuts
    )


def attributes_met(gathered: Gathered, flush: Sorted) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(chunk, code) of every attribute; a resource's and a scope's count once for every chunk they are in."""
    count_of = gathered.header["attributes"].astype(np.int64)
    chunk_of = np.empty(len(flush.order), np.int64)
    chunk_of[flush.order] = flush.columns["chunk"]
    met_chunks, met_codes = [np.repeat(chunk_of, count_of)], [gathered.codes]
    for number, (start, end) in enumerate(zip(flush.cuts, flush.cuts[1:], strict=False)):
        shared = np.fromiter(_shared(gathered, flush.columns, start, end), np.int64)
        met_chunks.append(np.full(len(shared), number, np.int64))
        met_codes.append(shared)
    return np.concatenate(met_chunks), np.concatenate(met_codes)


def _shared(gathered: Gathered, columns: dict[str, NDArray[Any]], start: int, end: int) -> Iterable[int]:
    for resource in set(columns["resource"][start:end].tolist()):
        yield from gathered.resource_attributes[resource]
    for scope in set(columns["scope"][start:end].tolist()):
        yield from gathered.scope_attributes[scope]
