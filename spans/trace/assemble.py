"""Spans → tree. Nothing is lost: orphans, duplicates and cycles are kept and flagged."""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np

from spans.trace.columns import Column, Trace

ERROR = 2  # StatusCode.ERROR, in columns


class Flag(IntFlag):
    """What is remarkable about a row; the browser uses the same bits."""

    ERROR = 1
    ORPHAN = 2
    ROOT = 4
    CYCLE = 8
    DUPLICATE = 16
    SKEW = 32
    ASYNC = 64
    ZERO = 128


@dataclass(frozen=True, slots=True)
class Tree:
    """The rows of a trace as a forest.

    Shape: `parent` by row, -1 = root, without cycles; `roots` in pre-order; the children of `row` are
    `children[children_from[row]:children_from[row + 1]]`, ascending. `order` lists the rows in pre-order;
    `depth` and `flags` are by row.
    """

    parent: Column
    flags: Column
    roots: Column
    children_from: Column
    children: Column
    order: Column
    depth: Column

    def children_of(self, row: int) -> list[int]:
        rows: list[int] = self.children[self.children_from[row] : self.children_from[row + 1]].tolist()
        return rows


def assemble(trace: Trace) -> Tree:
    """The forest of `trace`. Roots by start, then cut cycles; siblings by start."""
    linked, flags = parents(trace)
    parent, cuts = cut_cycles(linked, flags)
    _flag_outside(trace, parent, flags)
    ascending = np.argsort(parent, kind="stable")
    counts = np.bincount(parent + 1, minlength=trace.n + 1)
    children_from = np.concatenate(([0], np.cumsum(counts[1:])))
    children = ascending[counts[0] :]
    roots = np.concatenate((np.flatnonzero(linked < 0), np.array(cuts, dtype=np.int64)))
    order, depth = _preorder(roots.tolist(), children_from.tolist(), children.tolist())
    return Tree(
        parent=np.asarray(parent, dtype=np.int32),
        flags=flags,
        roots=np.asarray(roots, dtype=np.int32),
        children_from=np.asarray(children_from, dtype=np.int32),
        children=np.asarray(children, dtype=np.int32),
        order=np.array(order, dtype=np.int32),
        depth=np.array(depth, dtype=np.int32),
    )


def parents(trace: Trace) -> tuple[Column, Column]:
    """(row of the parent or -1, flags) of every row.

    The first row with an id owns the children. Its own parent, or one that is not stored, makes a root.
    """
    rows = np.arange(trace.n)
    ids, first = np.unique(trace.span_id, return_index=True)
    at = np.minimum(np.searchsorted(ids, trace.parent_id), max(len(ids) - 1, 0))
    has_parent = trace.parent_id != 0
    is_known = has_parent & (ids[at] == trace.parent_id)
    parent = np.where(is_known, first[at], -1)
    own = parent == rows
    parent[own] = -1
    flags = np.zeros(trace.n, dtype=np.uint8)
    _mark(flags, trace.status == ERROR, Flag.ERROR)
    _mark(flags, has_parent & ~is_known, Flag.ORPHAN)
    _mark(flags, parent < 0, Flag.ROOT)
    _mark(flags, own, Flag.CYCLE)
    _mark(flags, trace.duplicate, Flag.DUPLICATE)
    _mark(flags, trace.duration_ns <= 0, Flag.ZERO)
    return parent, flags


def cut_cycles(linked: Column, flags: Column) -> tuple[Column, list[int]]:
    """(parents without cycles, the rows cut off). Each cycle is cut at its earliest row, which is flagged.

    Shape: the cuts in order of the earliest row that hangs on their cycle.
    """
    caught = _without_root(linked)
    parent = linked.copy()
    cuts: list[int] = []
    seen: set[int] = set()
    for row in caught.tolist():
        path: dict[int, None] = {}
        while row not in path and row not in seen:
            path[row] = None
            row = int(linked[row])
        if row in path:
            cycle = list(path)[list(path).index(row) :]
            cuts.append(min(cycle))
        seen.update(path)
    parent[cuts] = -1
    _mark(flags, cuts, Flag.CYCLE | Flag.ROOT)
    return parent, cuts


def _without_root(linked: Column) -> Column:
    """The rows from which no root is reached, ascending. Leaps double: a round for each bit of the depth."""
    if not len(linked):
        return np.empty(0, dtype=np.int64)
    leap = np.append(linked, -1)
    for _ in range(len(linked).bit_length()):
        if (leap < 0).all():
            break
        leap = leap[leap]
    return np.flatnonzero(leap >= 0)


def _flag_outside(trace: Trace, parent: Column, flags: Column) -> None:
    #   |------ parent ------|
    #  |-- SKEW --|     |-- ASYNC --|
    rows = np.flatnonzero(parent >= 0)
    above = parent[rows]
    starts_before = trace.start_ns[rows] < trace.start_ns[above]
    ends = trace.start_ns + trace.duration_ns
    _mark(flags, rows[starts_before], Flag.SKEW)
    _mark(flags, rows[~starts_before & (ends[rows] > ends[above])], Flag.ASYNC)


def _mark(flags: Column, where: Column | list[int], flag: Flag) -> None:
    flags[where] |= np.uint8(flag)


def _preorder(roots: list[int], children_from: list[int], children: list[int]) -> tuple[list[int], list[int]]:
    """(rows in pre-order, depth by row), without recursion."""
    depth = [0] * (len(children_from) - 1)
    order: list[int] = []
    waiting = roots[::-1]
    while waiting:
        row = waiting.pop()
        order.append(row)
        low, high = children_from[row], children_from[row + 1]
        if low < high:
            below = depth[row] + 1
            own = children[low:high]
            for child in own:
                depth[child] = below
            own.reverse()
            waiting += own
    return order, depth
