"""Spans on simulated time: a step starts at its parent's clock, and moves it when it ends."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from tracing_ui.demo.services import BY_NAME, MILLISECOND_NS, Shop

Attributes = dict[str, AttributeValue]


class Stage:
    """One trace being written: the shop, and the random numbers that decide about everything in it."""

    def __init__(self, shop: Shop, rng: Random, *, degraded: bool) -> None:
        self.shop, self.rng, self.degraded = shop, rng, degraded
        shop.ids.rng = rng

    def about(self, typical_ms: float, spread: float = 0.28) -> float:
        """A duration like those of real calls: log-normal around a median. Unit: milliseconds."""
        return typical_ms * self.rng.lognormvariate(0, spread)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share


class Step:
    """An open span of one service and the simulated time inside it, in Unix nanoseconds."""

    def __init__(self, stage: Stage, service: str, span: Span, now_ns: int) -> None:
        self.stage, self.service, self.span, self.now_ns = stage, service, span, now_ns
        self.skew_ns = BY_NAME[service].skew_ns

    @property
    def context(self) -> SpanContext:
        return self.span.get_span_context()

    def work(self, typical_ms: float) -> None:
        """Computes for about that long."""
        self.now_ns += int(self.stage.about(typical_ms) * MILLISECOND_NS)

    def pause(self, exactly_ms: float) -> None:
        self.now_ns += int(exactly_ms * MILLISECOND_NS)

    def set(self, **attributes: AttributeValue) -> None:
        """Attributes, with `__` for the dots in their names."""
        self.span.set_attributes({key.replace("__", "."): value for key, value in attributes.items()})

    def event(self, name: str, attributes: Attributes | None = None) -> None:
        self.span.add_event(name, attributes, timestamp=self.now_ns + self.skew_ns)

    def fail(self, message: str) -> None:
        self.span.set_status(Status(StatusCode.ERROR, message))

    def throw(self, type_name: str, message: str, stacktrace: str, *, escaped: bool = True) -> None:
        """An exception, as the SDKs record it; an escaped one is the span's error too."""
        self.event(
            "exception",
            {
                "exception.type": type_name,
                "exception.message": message,
                "exception.stacktrace": f"{stacktrace.rstrip()}\n",
            },
        )
        if escaped:
            self.fail(message)

    @contextmanager
    def step(
        self,
        name: str,
        *,
        service: str | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        scope: str | None = None,
        attributes: Attributes | None = None,
        waits: bool = True,
    ) -> Iterator["Step"]:
        """A child. With `waits` this span's clock goes on where the child ended."""
        child = begin(
            self.stage, service or self.service, name,
            now_ns=self.now_ns, parent=self.context, is_remote=(service or self.service) != self.service,
            kind=kind, scope=scope, attributes=attributes,
        )  # fmt: skip
        yield child
        child.end()
        if waits:
            self.now_ns = max(self.now_ns, child.now_ns)

    def together(self, *branches: Callable[["Step"], None]) -> None:
        """Branches that start at once; goes on when the last is done."""
        start_ns = self.now_ns
        ends = []
        for branch in branches:
            self.now_ns = start_ns
            branch(self)
            ends.append(self.now_ns)
        self.now_ns = max(ends)

    def end(self) -> None:
        self.span.end(end_time=self.now_ns + self.skew_ns)


def begin(
    stage: Stage,
    service: str,
    name: str,
    *,
    now_ns: int,
    parent: SpanContext | None = None,
    is_remote: bool = False,
    kind: SpanKind = SpanKind.INTERNAL,
    scope: str | None = None,
    attributes: Attributes | None = None,
    links: Sequence[Link] = (),
) -> Step:
    """Starts a span; without `parent` a trace."""
    span = stage.shop.tracer(service, scope or service).start_span(
        name,
        context=_context(parent, is_remote=is_remote) if parent else Context(),
        kind=kind,
        attributes=attributes,
        links=links,
        start_time=now_ns + BY_NAME[service].skew_ns,
    )
    assert isinstance(span, Span)
    return Step(stage, service, span, now_ns)


def links_to(contexts: Iterable[SpanContext]) -> list[Link]:
    return [Link(context, {"messaging.operation.name": "receive"}) for context in contexts]


def _context(parent: SpanContext, *, is_remote: bool) -> Context:
    sampled = TraceFlags(TraceFlags.SAMPLED)
    return set_span_in_context(
        NonRecordingSpan(
            SpanContext(parent.trace_id, parent.span_id, is_remote=is_remote, trace_flags=sampled)
        ),
        Context(),
    )
