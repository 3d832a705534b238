"""Time in a span that none of its children covers."""

import numpy as np

from spans.trace.assemble import Tree
from spans.trace.columns import Column, Trace


def self_times_ns(trace: Trace, tree: Tree) -> Column:
    """Self time of every row: its duration without the union of its children.

    Children may overlap, start before and end after their parent; they are clipped to it.
    Unit: nanoseconds, int64, 0 <= result <= duration.
    """
    start, duration = trace.start_ns.tolist(), trace.duration_ns.tolist()
    result, edge = list(duration), list(start)
    # Rows ascend by start, so siblings do too: the union of those seen needs only its right edge.
    for row, parent in enumerate(tree.parent.tolist()):
        if parent < 0:
            continue
        low, high = start[row], start[row] + duration[row]
        parent_end = start[parent] + duration[parent]
        if low < edge[parent]:
            low = edge[parent]
        if high > parent_end:
            high = parent_end
        if high > low:
            result[parent] -= high - low
            edge[parent] = high
    return np.array(result, dtype=np.int64)
