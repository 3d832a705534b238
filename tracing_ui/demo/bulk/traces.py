"""Made-up traces as OTLP span bytes, by start. About 6 µs a span."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tracing_ui.demo.bulk.catalogue import PODS, SERVER, Operation, Service, catalogue
from tracing_ui.demo.bulk.wire import Text, Value, attribute, attributes, int64, message

MS_NS, SECOND_NS = 10**6, 10**9
FACTORS = 1 << 13  # of a table of log-normal factors
ROOT_MS, ROOT_SPREAD, CHILD_SPREAD = 90.0, 1.1, 0.9
ERROR_SHARE, EVENT_SHARE, RARE_SHARE = 0.05, 0.3, 1e-5
RARE = ("order.flag", "vip-777")
COMMON = ("http.request.method", "GET")
BIG_TRACE_SPANS = 11_000
ROOT_SERVICES = 15  # where traces begin
WIDE_SHARE = 0.15  # children that their parent mostly waits for
MEAN_SPANS = 17.6  # of the sizes below
SPANS_PER_USER = 100  # three of four say so


@dataclass(slots=True)
class Made:
    """One span and when it ended. `group`: service, pod and kind, which choose resource and scope."""

    end_ns: int
    group: tuple[int, int, int]
    body: bytes


@dataclass(slots=True)
class _Node:
    """What children need of a span."""

    span_id: bytes
    service: int
    start_ns: int
    duration_ns: int


class Writer:
    """Writes traces. `users`: how many there are in the whole store."""

    def __init__(self, *, seed: int, part: int, users: int) -> None:
        self.users = users
        self.services: list[Service] = catalogue(seed)
        self.rng = Random(f"traces {seed} {part}")
        table = Random("factors")
        self._root = [table.lognormvariate(0, ROOT_SPREAD) for _ in range(FACTORS)]
        self._child = [table.lognormvariate(0, CHILD_SPREAD) for _ in range(FACTORS)]
        self._misses = [_miss(number) for number in range(500)]
        self._user_text, self._path_text = Text("user.id", 9), Text("url.path", 19)
        self._address_text, self._job_text = Text("client.address", 12), Text("job.id", 10)
        self._rare = attribute(*RARE)

    def size(self) -> int:
        """How many spans a trace has: mostly a few, now and then hundreds."""
        share, rng = self.rng.random(), self.rng
        if share < 0.90:
            return 1 + int(-math.log(1 - rng.random()) * 9.5)
        return 20 + rng.randrange(80) if share < 0.99 else 100 + rng.randrange(400)

    def trace(self, start_ns: int, spans: int, trace_id: bytes) -> Iterator[Made]:
        """All spans of a trace that starts then."""
        rng, services = self.rng, self.services
        user = self._user_text(user_id(rng.randrange(self.users)))
        longer = 20 if spans >= BIG_TRACE_SPANS else 5 if spans > 100 else 1
        head = b"\x0a\x10" + trace_id
        root_ns = int(ROOT_MS * longer * self._root[rng.getrandbits(13)] * MS_NS) + MS_NS
        nodes: list[_Node] = []
        reach = 4_000 if spans >= BIG_TRACE_SPANS else 8
        pods = rng.getrandbits(30)
        for number in range(spans):
            span_id = rng.randbytes(8)
            if number:
                parent = nodes[max(0, number - 1 - int(rng.random() * reach))]
                node, operation = self._child_of(parent, span_id)
                ids = head + b"\x12\x08" + span_id + b"\x22\x08" + parent.span_id
            else:
                node = _Node(span_id, rng.randrange(ROOT_SERVICES), start_ns, root_ns)
                operation = rng.choice(services[node.service].entries)
                ids = head + b"\x12\x08" + span_id
            nodes.append(node)
            body = ids + self._rest(node, operation, user)
            group = (node.service, (pods + node.service) % PODS, operation.kind)
            yield Made(node.start_ns + node.duration_ns, group, message(2, body))

    def _child_of(self, parent: _Node, span_id: bytes) -> tuple[_Node, Operation]:
        """A child inside its parent's time: half of them in another service."""
        rng = self.rng
        if rng.random() < 0.5:
            service = parent.service
            operation = rng.choice(self.services[service].inner)
        else:
            service = rng.choice(self.services[parent.service].callees)
            operation = rng.choice(self.services[service].entries)
        offset_ns = int(parent.duration_ns * rng.random() * 0.6)
        duration_ns = int(operation.ms * self._child[rng.getrandbits(13)] * MS_NS)
        left_ns = int(parent.duration_ns * 0.95) - offset_ns
        if duration_ns > left_ns or rng.random() < WIDE_SHARE:
            duration_ns = int(left_ns * (0.3 + 0.7 * rng.random()))
        node = _Node(span_id, service, parent.start_ns + offset_ns, max(duration_ns, 15_000))
        return node, operation

    def _rest(self, node: _Node, operation: Operation, user: bytes) -> bytes:
        """Everything of a span after its ids."""
        rng = self.rng
        choose = rng.random
        parts = [
            operation.fixed,
            b"\x39" + int64(node.start_ns) + b"\x41" + int64(node.start_ns + node.duration_ns),
            *[choice[int(choose() * len(choice))] for choice in operation.choices],
        ]
        unique = rng.getrandbits(32)
        if operation.kind == SERVER:
            parts += (
                user,
                self._path_text(f"/api/v1/x/{unique % 10**9:09d}"),
                self._address_text(f"10.{unique % 90 + 10}.{unique % 89 + 100}.{unique % 17 + 10}"),
            )
        else:
            parts += (user, self._job_text(f"j-{unique % 10**8:08d}")) if unique & 1 else ()
        is_error = choose() < ERROR_SHARE
        if is_error:
            parts.append(operation.on_error)
        if choose() < EVENT_SHARE:
            event = rng.choice(operation.exceptions if is_error else self._misses)
            at_ns = node.start_ns + node.duration_ns // 2
            parts.append(message(11, b"\x09" + int64(at_ns) + event))
        if choose() < RARE_SHARE:
            parts.append(self._rare)
        return b"".join(parts)


def user_id(number: int) -> str:
    return f"u-{number * 7919 % 10**7:07d}"


def _miss(number: int) -> bytes:
    """Name and attributes of a cache miss."""
    values: dict[str, Value] = {"cache.key": f"item:{number}", "cache.size": number * 37}
    return message(2, b"cache miss") + attributes(values, field=3)
