"""What a trace is about, in a few numbers; computed on reading, never stored."""

from dataclasses import dataclass

import numpy as np

from spans.trace.assemble import ERROR, Flag, Tree, assemble
from spans.trace.columns import Column, Trace
from spans.trace.critical_path import CriticalPath, critical_path
from spans.trace.self_time import self_times_ns


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """A service in one trace; `share` of its critical path, 0 to 1."""

    name: str
    share: float
    spans: int
    errors: int


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """Shape: `services` by share of the critical path, then by self time: the place is the colour rank."""

    root_service: str
    root_name: str
    root_row: int
    root_is_missing: bool
    start_ns: int
    duration_ns: int
    spans: int
    errors: int
    depth: int
    services: tuple[ServiceShare, ...]

    @property
    def ranks(self) -> dict[str, int]:
        return {service.name: rank for rank, service in enumerate(self.services)}


def summarise(trace: Trace, tree: Tree | None = None, self_ns: Column | None = None) -> TraceSummary:
    """The summary of a trace with at least one span; `tree` and `self_ns` spare their computation."""
    tree = tree or assemble(trace)
    self_ns = self_ns if self_ns is not None else self_times_ns(trace, tree)
    root = root_row(trace, tree)
    return TraceSummary(
        root_service=trace.services[int(trace.service[root])],
        root_name=trace.names[int(trace.name[root])],
        root_row=root,
        root_is_missing=bool(trace.parent_id[root] != 0),
        start_ns=trace.start_min_ns,
        duration_ns=trace.end_max_ns - trace.start_min_ns,
        spans=trace.n,
        errors=int((trace.status == ERROR).sum()),
        depth=int(tree.depth.max()) + 1,
        services=_services(trace, critical_path(trace, tree), self_ns),
    )


def root_row(trace: Trace, tree: Tree) -> int:
    """The earliest span without a parent; else the earliest orphan, else the earliest cut cycle."""
    without_parent = np.flatnonzero(trace.parent_id == 0)
    if len(without_parent):
        return int(without_parent[0])
    orphans = np.flatnonzero(tree.flags & Flag.ORPHAN)
    return int(orphans[0]) if len(orphans) else int(tree.roots.min())


def _services(trace: Trace, path: CriticalPath, self_ns: Column) -> tuple[ServiceShare, ...]:
    service = trace.service.tolist()
    count = len(trace.services)
    on_path, by_self = [0] * count, [0] * count
    for row, from_ns, to_ns in zip(path.row, path.from_ns, path.to_ns, strict=True):
        on_path[service[row]] += to_ns - from_ns
    for of_service, own_ns in zip(service, self_ns.tolist(), strict=True):
        by_self[of_service] += own_ns
    spans = np.bincount(trace.service, minlength=count).tolist()
    errors = np.bincount(trace.service[trace.status == ERROR], minlength=count).tolist()
    whole = sum(on_path) or 1
    ranked = sorted(range(count), key=lambda i: (-on_path[i], -by_self[i]))
    return tuple(ServiceShare(trace.services[i], on_path[i] / whole, spans[i], errors[i]) for i in ranked)
