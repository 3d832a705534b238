"""The stretches of time that decide when a trace ends.

Walk back from the end of a root. At time t in span s take the child with the greatest end <= t (ties: the
later start, then the later row): from there to t the time is s's own; then walk the child over its own time
and go on in s where the child started. No such child: what is left is s's own. Children are clipped to the
part of their parent that is being walked; those left empty, and a consumer below its producer, do not hold
it up.

    s   |--------------------------------------------|
    a       |-------------|
    b                |--------------|                       path:  s a b s  (a only until b started)

Source: the last-finishing-child rule of Jaeger and CRISP, without their gaps: the stretches of a root tile it
exactly, and children that touch back to back all count.
"""

from dataclasses import dataclass

from spans.otel.span import SpanKind
from spans.trace.assemble import Tree
from spans.trace.columns import Trace

PRODUCER, CONSUMER = int(SpanKind.PRODUCER), int(SpanKind.CONSUMER)


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """Parallel columns of stretches: for each root, latest first. Unit: Unix nanoseconds, [from, to)."""

    row: list[int]
    from_ns: list[int]
    to_ns: list[int]


# A span being walked: row, from, [now], children as (end, start, row) ascending.
_Frame = tuple[int, int, list[int], list[tuple[int, int, int]]]


def critical_path(trace: Trace, tree: Tree) -> CriticalPath:
    """The critical path of every root, in the order of the roots. O(n log n), no recursion."""
    walk = _Walk(trace, tree)
    for root in tree.roots.tolist():
        walk.root(root)
    return walk.path


class _Walk:
    def __init__(self, trace: Trace, tree: Tree) -> None:
        self.start: list[int] = trace.start_ns.tolist()
        self.end: list[int] = (trace.start_ns + trace.duration_ns).tolist()
        self.kind: list[int] = trace.kind.tolist()
        self.children_from: list[int] = tree.children_from.tolist()
        self.children: list[int] = tree.children.tolist()
        self.path = CriticalPath([], [], [])

    def root(self, root: int) -> None:
        walked = [self.enter(root, self.start[root], self.end[root])]
        while walked:
            row, from_ns, until, children = walked[-1]
            now_ns = until[0]
            while children and children[-1][0] > now_ns:
                children.pop()
            own_from_ns = children[-1][0] if children else from_ns
            if now_ns > own_from_ns:
                self.path.row.append(row)
                self.path.from_ns.append(own_from_ns)
                self.path.to_ns.append(now_ns)
            if not children:
                walked.pop()
                continue
            child_to_ns, child_from_ns, child = children.pop()
            until[0] = child_from_ns
            walked.append(self.enter(child, child_from_ns, child_to_ns))

    def enter(self, row: int, from_ns: int, to_ns: int) -> _Frame:
        clipped = []
        is_producer = self.kind[row] == PRODUCER
        for child in self.children[self.children_from[row] : self.children_from[row + 1]]:
            low_ns, high_ns = self.start[child], self.end[child]
            if low_ns < from_ns:
                low_ns = from_ns
            if high_ns > to_ns:
                high_ns = to_ns
            if high_ns > low_ns and not (is_producer and self.kind[child] == CONSUMER):
                clipped.append((high_ns, low_ns, child))
        clipped.sort()
        return row, from_ns, [to_ns], clipped
