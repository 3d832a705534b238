"""A few dozen traces made by chance, stored in several flushes, and the spans as a reader decodes them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from spans.formats.otlp_decode import decode_attribute, decode_span
from spans.otel.clock import TimeWindow
from spans.otel.ids import halves
from spans.otel.resource import Resource, Scope
from spans.otel.span import Span
from spans.search.find import Order
from spans.search.match import matches
from spans.search.query import Condition
from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, key_values, request_of, store

KEYS = ("http.route", "http.status_code", "user", "flag", "list", "map.inner", "only.here", "absent")
VALUES = (
    "/cart",
    "/pay",
    200,
    404,
    500,
    200.0,
    1.5,
    "200",
    True,
    "true",
    ["a", 200],
    [],
    {"inner": "/cart"},
    None,
)
NAMES = ("GET /cart", "GET /pay", "SELECT", "")
STEP_NS = 1_000_000


@dataclass
class Population:
    """Everything lies in a window of its own."""

    seed: int
    services: tuple[str, ...] = field(default_factory=lambda: tuple(fresh_service("shop") for _ in range(3)))
    spans: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.from_ns = random.SystemRandom().randrange(10**18, 15 * 10**17)
        self.window = TimeWindow(self.from_ns, self.from_ns + 200 * STEP_NS)

    def store(self, *, traces: int, flushes: int) -> "Population":
        ids = [fresh_trace_id() for _ in range(traces)]
        ids += ["0" * 16 + trace_id[16:] for trace_id in ids[:3]]  # twins: the same low half
        for _ in range(flushes):
            service = self.random.choice(self.services)
            messages = [self._message(self.random.choice(ids)) for _ in range(self.random.randint(1, 40))]
            resource = {self.random.choice(KEYS): self.random.choice(VALUES)}
            self._write(service, resource, messages)
            if self.random.random() < 0.2:
                self._write(service, resource, messages[:2], is_copy=True)
        return self

    def _message(self, trace_id: str) -> Message:
        start_ns = self.from_ns + self.random.randrange(200) * STEP_NS
        keys = self.random.sample(KEYS[:-1], self.random.randint(0, 3))
        duration_ns = self.random.choice((0, 1, STEP_NS, 7 * STEP_NS, self.random.randrange(10**10)))
        message = Message(
            trace_id=bytes.fromhex(trace_id),
            span_id=bytes.fromhex(fresh_span_id()),
            name=self.random.choice(NAMES),
            kind=self.random.randrange(6),
            start_time_unix_nano=start_ns,
            end_time_unix_nano=start_ns + duration_ns,
            status=Status(code=self.random.choice((0, 0, 1, 2))),
            attributes=key_values({key: self.random.choice(VALUES) for key in keys}),
        )
        if self.random.random() < 0.3:
            event = message.events.add(name="e", time_unix_nano=start_ns)
            event.attributes.extend(key_values({self.random.choice(KEYS[:-1]): self.random.choice(VALUES)}))
        return message

    def _write(
        self, service: str, resource: dict[str, object], messages: list[Message], *, is_copy: bool = False
    ) -> None:
        store(request_of(*messages, service=service, resource=resource))
        if is_copy:
            return
        attributes = {"service.name": service, **resource}
        decoded = Resource(tuple((pair.key, plain(pair.value)) for pair in key_values(attributes)))
        for message in messages:
            start_ns, end_ns = message.start_time_unix_nano, message.end_time_unix_nano
            raw = message.SerializeToString()
            self.spans.append(
                decode_span(raw, decoded, Scope(), start_ns=start_ns, duration_ns=end_ns - start_ns)
            )

    def expected(self, condition: Condition, order: Order, window: TimeWindow) -> list[tuple[str, str, int]]:
        """(trace id, span id of its place, how many match) by looking at every span."""
        best: dict[str, tuple[int, ...]] = {}
        count: dict[str, int] = {}
        for span in self.spans:
            if span.start_ns in window and matches(condition, span):
                count[span.trace_id] = count.get(span.trace_id, 0) + 1
                best[span.trace_id] = max(best.get(span.trace_id, (-1,)), place_of(span, order))
        ranked = sorted(best, key=lambda trace_id: best[trace_id], reverse=True)
        return [(one, f"{best[one][1] & (2**64 - 1):016x}", count[one]) for one in ranked]


def place_of(span: Span, order: Order) -> tuple[int, ...]:
    high, low = halves(span.trace_id)
    top_ns = span.start_ns if order is Order.NEWEST else span.duration_ns
    return top_ns, int.from_bytes(bytes.fromhex(span.span_id), "big", signed=True), low, high


def plain(value: object) -> object:
    return decode_attribute(KeyValue(key="k", value=value).SerializeToString())[1]


def conditions(draw: random.Random, services: tuple[str, ...], depth: int = 2) -> str:
    """A query by chance, as text."""
    if depth and draw.random() < 0.6:
        joined = draw.choice((" AND ", " OR ", " ")).join(
            f"({conditions(draw, services, depth - 1)})" for _ in range(draw.randint(2, 3))
        )
        return joined if draw.random() < 0.7 else f"NOT ({joined})"
    return draw.choice(list(leaves(draw, services)))


def leaves(draw: random.Random, services: tuple[str, ...]) -> Iterator[str]:
    key = draw.choice(("", "", "span.", "resource.", "event.")) + draw.choice(KEYS)
    compared = draw.choice(("=", "!=", ">", ">=", "<", "<="))
    equal = compared[:2] if compared in ("=", "!=") else "="
    yield f"service{equal}{draw.choice(services)}"
    yield f'name{equal}"{draw.choice(NAMES)}"'
    yield f"duration{compared}{draw.choice(('0', '1ms', '7ms', '3s'))}"
    yield f"status{equal}{draw.choice(('ok', 'error', 'unset'))}"
    yield f"kind{equal}{draw.choice(('server', 'client', 'unspecified'))}"
    yield f"{key}{equal}{draw.choice(('/cart', '200', '200.0', 'true', 'a', '1.5'))}"
    yield f"{key}{compared}{draw.choice(('200', '1.5', '404'))}"
    yield f"has({key})"
    yield f"NOT {key}=200"
    yield draw.choice(("cart", "get", "ELEC"))
