"""How the shop's services talk: HTTP, gRPC, SQL, Redis and Kafka, with the semantic conventions of today.

Source: OpenTelemetry semantic conventions 1.40 (http, rpc, db, messaging).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind

from tracing_ui.demo.script import Attributes, Step

NETWORK_MS = 0.35  # one way, inside the cluster
HTTP_SCOPES = {
    "server": "opentelemetry.instrumentation.asgi",
    "client": "opentelemetry.instrumentation.httpx",
}
GRPC_SCOPE, SQL_SCOPE = "opentelemetry.instrumentation.grpc", "opentelemetry.instrumentation.psycopg"
REDIS_SCOPE, KAFKA_SCOPE = "opentelemetry.instrumentation.redis", "opentelemetry.instrumentation.kafka"
BROKER: Attributes = {
    "messaging.system": "kafka",
    "server.address": "kafka-0.kafka.shop.svc.cluster.local",
    "server.port": 9092,
}


@contextmanager
def http(
    caller: Step, service: str, method: str, route: str, *, path: str | None = None, status: int = 200
) -> Iterator[Step]:
    """A request to another service of the shop: yields the server's span."""
    host, path = f"{service}.shop.svc.cluster.local", path or route
    with caller.step(
        method,
        kind=SpanKind.CLIENT,
        scope=HTTP_SCOPES["client"],
        attributes={
            "http.request.method": method,
            "url.full": f"http://{host}:8080{path}",
            "server.address": host,
            "server.port": 8080,
            "network.protocol.name": "http",
            "network.protocol.version": "1.1",
        },
    ) as client:
        client.pause(NETWORK_MS)
        with client.step(
            f"{method} {route}",
            service=service,
            kind=SpanKind.SERVER,
            scope=HTTP_SCOPES["server"],
            attributes=served(method, route, path, host=host, client="10.0.32.17"),
        ) as server:
            yield server
            answer(server, client, status=status)
        client.pause(NETWORK_MS)


def served(method: str, route: str, path: str, *, host: str, client: str) -> Attributes:
    """What a server's span says about the request."""
    return {
        "http.request.method": method,
        "http.route": route,
        "url.path": path,
        "url.scheme": "http",
        "server.address": host,
        "server.port": 8080,
        "client.address": client,
        "network.protocol.version": "1.1",
    }


def answer(*steps: Step, status: int) -> None:
    """The status of a request on its spans, unless somebody has set one: 5xx is an error on both sides."""
    for step in steps:
        known = (step.span.attributes or {}).get("http.response.status_code")
        status = int(str(known)) if known else status
        step.span.set_attribute("http.response.status_code", status)
        is_client = step.span.kind == SpanKind.CLIENT
        if status >= 500 or (status >= 400 and is_client):
            step.span.set_attribute("error.type", str(status))
            if step.span.status.is_unset:
                step.fail("")


@contextmanager
def external(caller: Step, method: str, url: str, *, status: int = 200, **more: str) -> Iterator[Step]:
    """A request to a company outside: there is only our client's span."""
    host = url.split("/")[2]
    with caller.step(
        f"{method} {'/' + url.split('/', 3)[3]}",
        kind=SpanKind.CLIENT,
        scope=HTTP_SCOPES["client"],
        attributes={
            "http.request.method": method,
            "url.full": url,
            "url.template": "/" + url.split("/", 3)[3],
            "server.address": host,
            "server.port": 443,
            "network.protocol.name": "http",
            "network.protocol.version": "2",
            "tls.protocol.version": "1.3",
            **{key.replace("__", "."): value for key, value in more.items()},
        },
    ) as client:
        yield client
        answer(client, status=status)


@contextmanager
def grpc(caller: Step, service: str, method: str, *, waits: bool = True) -> Iterator[Step]:
    """A call `package.Service/Method` to another service: yields the server's span."""
    full, name = method.split("/")
    attributes: Attributes = {
        "rpc.system.name": "grpc",
        "rpc.service": full,
        "rpc.method": name,
        "rpc.response.status_code": "OK",
        "server.address": f"{service}.shop.svc.cluster.local",
        "server.port": 7070,
    }
    with caller.step(
        method, kind=SpanKind.CLIENT, scope=GRPC_SCOPE, attributes=attributes, waits=waits
    ) as client:
        client.pause(NETWORK_MS)
        peer: Attributes = {"network.peer.address": "10.0.32.17", "network.transport": "tcp"}
        with client.step(
            method,
            service=service,
            kind=SpanKind.SERVER,
            scope=GRPC_SCOPE,
            attributes={**attributes, **peer},
        ) as server:
            yield server
            _pass_on(server, client)
        client.pause(NETWORK_MS)


def _pass_on(server: Step, client: Step) -> None:
    """A failed call is failed on the client's side too."""
    code = (server.span.attributes or {})["rpc.response.status_code"]
    if code != "OK":
        client.span.set_attributes({"rpc.response.status_code": code, "error.type": str(code)})
        client.fail(server.span.status.description or "")


def sql(
    step: Step, text: str, *, table: str, typical_ms: float = 1.2, rows: int | None = None, db: str = "orders"
) -> None:
    """One statement, as the driver records it."""
    operation = text.split(" ", 1)[0]
    attributes: Attributes = {
        "db.system.name": "postgresql",
        "db.namespace": db,
        "db.collection.name": table,
        "db.operation.name": operation,
        "db.query.text": text,
        "db.query.summary": f"{operation} {table}",
        "server.address": f"{db}-db.shop.svc.cluster.local",
        "server.port": 5432,
    }
    if rows is not None:
        attributes["db.response.returned_rows"] = rows
    name = f"{operation} {table}".strip()
    with step.step(name, kind=SpanKind.CLIENT, scope=SQL_SCOPE, attributes=attributes) as query:
        query.work(typical_ms)


def redis(step: Step, command: str, key: str, *, typical_ms: float = 0.4) -> None:
    """One command."""
    attributes: Attributes = {
        "db.system.name": "redis",
        "db.namespace": "0",
        "db.operation.name": command,
        "db.query.text": f"{command} {key}",
        "server.address": "redis-master.shop.svc.cluster.local",
        "server.port": 6379,
    }
    with step.step(command, kind=SpanKind.CLIENT, scope=REDIS_SCOPE, attributes=attributes) as call:
        call.work(typical_ms)


def publish(step: Step, topic: str, key: str) -> Step:
    """Sends a message; what was published can be consumed or linked to."""
    attributes: Attributes = {
        **BROKER,
        "messaging.destination.name": topic,
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.kafka.message.key": key,
        "messaging.destination.partition.id": str(step.stage.rng.randrange(12)),
        "messaging.message.body.size": step.stage.rng.randrange(400, 3000),
    }
    with step.step(f"send {topic}", kind=SpanKind.PRODUCER, scope=KAFKA_SCOPE, attributes=attributes) as sent:
        sent.work(1.6)
    return sent


def consuming(topic: str, group: str, *, batch: int | None = None) -> Attributes:
    """What a consumer's span says about what it processes."""
    several: Attributes = {} if batch is None else {"messaging.batch.message_count": batch}
    return {
        **BROKER,
        **several,
        "messaging.destination.name": topic,
        "messaging.consumer.group.name": group,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
    }
