"""Spans in the order in which a receiver would get them, as requests of one flush each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from tracing_ui.demo.bulk.catalogue import Service, scopes
from tracing_ui.demo.bulk.traces import SECOND_NS, Made
from tracing_ui.demo.bulk.wire import message

FLUSH_SPANS = 8_192
EXPORT_EVERY_NS = 5 * SECOND_NS  # the SDKs' own default
LATE_SHARE, LATE_NS = 0.01, 600 * SECOND_NS

Groups = defaultdict[tuple[int, int, int], list[bytes]]


@dataclass(frozen=True, slots=True)
class Flush:
    """What arrived up to a moment."""

    now_ns: int
    spans: int
    body: bytes


class Arrivals:
    """Takes spans as traces begin, gives them back as they arrive."""

    def __init__(self, services: list[Service], rng: Random) -> None:
        self.services, self.rng = services, rng
        self.scopes = scopes()
        self.seconds: defaultdict[int, list[Made]] = defaultdict(list)
        self.next_second: int | None = None
        self.pending: Groups = defaultdict(list)
        self.pending_spans = 0

    def add(self, start_ns: int, spans: Iterable[Made]) -> None:
        """A trace. All spans of one service arrive with one export."""
        rng = self.rng
        delays: dict[int, int] = {}
        if self.next_second is None:
            self.next_second = start_ns // SECOND_NS
        for made in spans:
            service = made.group[0]
            delay_ns = delays.get(service) or delays.setdefault(service, 1 + rng.randrange(EXPORT_EVERY_NS))
            if rng.random() < LATE_SHARE:
                delay_ns += rng.randrange(LATE_NS)
            self.seconds[(made.end_ns + delay_ns) // SECOND_NS].append(made)

    def until(self, now_ns: int) -> Iterator[Flush]:
        """The flushes that are full by then. Nothing added later may arrive earlier."""
        second = self.next_second
        if second is None:
            return
        while second < now_ns // SECOND_NS and (self.seconds or self.pending_spans):
            for made in self.seconds.pop(second, ()):
                self.pending[made.group].append(made.body)
                self.pending_spans += 1
            second += 1
            if self.pending_spans >= FLUSH_SPANS:
                yield self._flush(second * SECOND_NS)
        self.next_second = second

    def rest(self, *, end_ns: int) -> Iterator[Flush]:
        """What has not arrived by the end, in the last flush."""
        for waiting in self.seconds.values():
            for made in waiting:
                self.pending[made.group].append(made.body)
                self.pending_spans += 1
        self.seconds.clear()
        if self.pending_spans:
            yield self._flush(end_ns)

    def _flush(self, now_ns: int) -> Flush:
        parts = []
        for (service, pod, kind), bodies in self.pending.items():
            in_scope = message(2, self.scopes[kind] + b"".join(bodies))
            parts.append(message(1, self.services[service].resources[pod] + in_scope))
        flush = Flush(now_ns, self.pending_spans, b"".join(parts))
        self.pending, self.pending_spans = defaultdict(list), 0
        return flush
