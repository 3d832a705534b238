"""A trace with all that is derived from it, kept for the next click."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from spans.trace.assemble import Tree, assemble
from spans.trace.columns import Column, Trace
from spans.trace.load import current_rev, load_trace
from spans.trace.self_time import self_times_ns
from spans.trace.summary import TraceSummary, summarise

KEPT_SPANS_MAX = 1_000_000  # about 90 B each


@dataclass(frozen=True, slots=True)
class Opened:
    trace: Trace
    tree: Tree
    self_ns: Column
    summary: TraceSummary


class _Kept:
    """The traces opened last, up to KEPT_SPANS_MAX spans in all; shared by all threads."""

    def __init__(self) -> None:
        self.traces: OrderedDict[str, Opened] = OrderedDict()
        self.spans = 0
        self.lock = Lock()

    def find(self, trace_id: str, rev: str) -> Opened | None:
        with self.lock:
            opened = self.traces.get(trace_id)
            if opened is None or opened.trace.rev != rev:
                return None
            self.traces.move_to_end(trace_id)
            return opened

    def keep(self, opened: Opened) -> None:
        with self.lock:
            before = self.traces.pop(opened.trace.trace_id, None)
            self.traces[opened.trace.trace_id] = opened
            self.spans += opened.trace.n - (before.trace.n if before else 0)
            while self.spans > KEPT_SPANS_MAX:
                self.spans -= self.traces.popitem(last=False)[1].trace.n


_kept = _Kept()


def open_trace(trace_id: str) -> Opened | None:
    """The trace with its tree, self times and summary, as stored now; None when it is not stored."""
    rev = current_rev(trace_id)
    if rev is None:
        return None
    opened = _kept.find(trace_id, rev)
    if opened is None:
        trace = load_trace(trace_id)
        if trace is None:
            return None
        opened = derive(trace)
        _kept.keep(opened)
    return opened


def derive(trace: Trace) -> Opened:
    """All that is derived from `trace`."""
    tree = assemble(trace)
    self_ns = self_times_ns(trace, tree)
    return Opened(trace, tree, self_ns, summarise(trace, tree, self_ns))
