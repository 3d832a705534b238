"""Thirty services with ten operations each, and every byte of their spans that is known beforehand."""

from dataclasses import dataclass
from random import Random

from tracing_ui.demo.bulk.wire import Value, attribute, attributes, message

SERVICES, PODS, CALLEES = 30, 4, 4
AREAS = (
    "account", "basket", "billing", "catalog", "delivery", "discount", "feed", "identity", "ledger", "media",
    "offer", "order", "partner", "payment", "price", "profile", "quote", "refund", "report", "review",
    "risk", "search", "session", "stock", "store", "support", "tax", "track", "wallet", "web",
)  # fmt: skip
INTERNAL, SERVER, CLIENT = 1, 2, 3
METHODS = ("GET", "GET", "POST", "GET")
MEDIAN_MS, MEDIAN_SPREAD = 8.0, 1.3
STACK_FRAMES = 7
SCOPES = {
    SERVER: ("io.opentelemetry.tomcat-10.0", "2.21.0-alpha"),
    CLIENT: ("io.opentelemetry.jdbc", "2.21.0-alpha"),
    INTERNAL: ("com.example.app", "7.3.1"),
}
THREADS = tuple(attribute("thread.id", number) for number in range(64))
STATUS_CODES = (200,) * 8 + (201, 204, 304, 404)


@dataclass(frozen=True, slots=True)
class Operation:
    """`fixed`: name, kind, constant attributes. `choices`: one of each is added. `ms`: typical duration."""

    name: str
    kind: int
    ms: float
    fixed: bytes
    choices: tuple[tuple[bytes, ...], ...]
    on_error: bytes
    exceptions: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """`resources`: the ResourceSpans part of each pod. `callees`: whom it calls, by number."""

    name: str
    operations: tuple[Operation, ...]
    entries: tuple[Operation, ...]
    inner: tuple[Operation, ...]
    resources: tuple[bytes, ...]
    callees: tuple[int, ...]


def catalogue(seed: int) -> list[Service]:
    """The services, the same for a seed in every process."""
    rng = Random(f"catalogue {seed}")
    return [_service(rng, number) for number in range(SERVICES)]


def scopes() -> dict[int, bytes]:
    """The InstrumentationScope field of ScopeSpans by span kind."""
    return {
        kind: message(1, message(1, name.encode()) + message(2, version.encode()))
        for kind, (name, version) in SCOPES.items()
    }


def _service(rng: Random, number: int) -> Service:
    area = AREAS[number]
    name = f"{area}-service"
    operations = tuple(_operation(rng, name, area, place) for place in range(10))
    later = range(number + 1, SERVICES) if number < SERVICES - 1 else range(number, SERVICES)
    near = list(later)[: CALLEES * 2]
    return Service(
        name=name,
        operations=operations,
        entries=tuple(one for one in operations if one.kind == SERVER),
        inner=tuple(one for one in operations if one.kind != SERVER),
        resources=tuple(_resource(rng, name, number, pod) for pod in range(PODS)),
        callees=tuple(rng.choice(near) for _ in range(CALLEES)),
    )


def _resource(rng: Random, service: str, number: int, pod: int) -> bytes:
    values: dict[str, Value] = {
        "service.name": service,
        "service.version": f"4.{number}.{pod % 2}",
        "service.instance.id": f"{rng.getrandbits(128):032x}",
        "host.name": f"ip-10-2-{number}-{pod}.internal",
        "k8s.pod.name": f"{service}-{rng.getrandbits(32):08x}-{rng.getrandbits(20):05x}",
        "deployment.environment.name": "production",
        "telemetry.sdk.language": "java",
    }
    return message(1, attributes(values, field=1))


def _operation(rng: Random, service: str, area: str, place: int) -> Operation:
    kind = (SERVER, SERVER, SERVER, SERVER, CLIENT, CLIENT, CLIENT, INTERNAL, INTERNAL, INTERNAL)[place]
    make = {SERVER: _server, CLIENT: _client, INTERNAL: _internal}[kind]
    name, values, choices = make(service, area, place)
    return Operation(
        name=name,
        kind=kind,
        ms=MEDIAN_MS * rng.lognormvariate(0, MEDIAN_SPREAD),
        fixed=message(5, name.encode()) + bytes([0x30, kind]) + attributes(values),
        choices=tuple(choices),
        on_error=_on_error(kind),
        exceptions=tuple(_exception(rng, service, area) for _ in range(20)),
    )


Parts = tuple[str, dict[str, Value], list[tuple[bytes, ...]]]


def _server(service: str, area: str, place: int) -> Parts:
    method = METHODS[place]
    route = f"/api/v1/{area}/{('{id}', 'list', 'submit', 'history')[place]}"
    values: dict[str, Value] = {
        "http.request.method": method,
        "http.route": route,
        "url.scheme": "https",
        "server.address": f"{service}.prod.svc.cluster.local",
        "server.port": 8443,
        "network.protocol.version": "2",
    }
    agents = [f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.{n} Chrome/1{n}.0 Safari" for n in range(40)]
    codes = tuple(attribute("http.response.status_code", code) for code in STATUS_CODES)
    return f"{method} {route}", values, [_any_of("user_agent.original", agents), codes]


def _client(service: str, area: str, place: int) -> Parts:
    table = f"{area}_{('entry', 'history', 'lock')[place - 4]}"
    verb = ("SELECT", "SELECT", "UPDATE")[place - 4]
    text = (
        f"{verb} … FROM {table} t WHERE t.tenant_id = $1 AND t.kind = $2 ORDER BY t.updated_at DESC LIMIT 50"
    )
    values: dict[str, Value] = {
        "db.system.name": "postgresql",
        "db.namespace": area,
        "db.collection.name": table,
        "db.operation.name": verb,
        "db.query.text": text,
        "server.address": f"pg-{len(area) % 7}.prod.internal",
        "server.port": 5432,
    }
    rows = tuple(attribute("db.response.returned_rows", count) for count in range(60))
    pools = _any_of("db.client.connection.pool.name", ["main", "replica"])
    return f"{verb} {table}", values, [rows, pools, THREADS]


def _internal(service: str, area: str, place: int) -> Parts:
    step = ("validate", "compute", "render")[place - 7]
    values: dict[str, Value] = {
        "code.function.name": f"com.example.{area}.{step.title()}Step.run",
        "code.file.path": f"{area}/{step.title()}Step.java",
        "code.line.number": 40 + place,
        "thread.name": f"worker-{place}",
        "app.module": area,
        "app.step": step,
    }
    flags = tuple(attribute("cache.hit", hit) for hit in (True, True, False))
    variants = [f"{word}-{n}" for n in range(10) for word in ("on", "off")]
    tenants = [f"tenant-{n}" for n in range(400)]
    return f"{step} {area}", values, [
        flags, _any_of("feature_flag.result.variant", variants), _any_of("tenant.id", tenants), THREADS
    ]  # fmt: skip


def _any_of(key: str, values: list[str]) -> tuple[bytes, ...]:
    return tuple(attribute(key, value) for value in values)


def _on_error(kind: int) -> bytes:
    status = message(15, message(2, b"upstream request failed") + b"\x18\x02")
    return status + (attribute("error.type", "503") if kind == SERVER else b"")


def _exception(rng: Random, service: str, area: str) -> bytes:
    """Name and attributes of an exception event."""
    reason = f"bad state {rng.randrange(1000)} in {area}"
    frames = [
        f"\tat com.example.{area}.Step{rng.randrange(20)}.run(Step.java:{rng.randrange(400)})"
        for _ in range(STACK_FRAMES)
    ]
    stack = "\n".join([f"java.lang.IllegalStateException: {reason}", *frames])
    values: dict[str, Value] = {
        "exception.type": "java.lang.IllegalStateException",
        "exception.message": reason,
        "exception.stacktrace": stack,
    }
    return message(2, b"exception") + attributes(values, field=3)
