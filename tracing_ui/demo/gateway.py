"""The edge of the shop: what every visit begins with."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanKind

from tracing_ui.demo.calls import HTTP_SCOPES, answer, grpc, redis, served
from tracing_ui.demo.faults import NODE_RESET
from tracing_ui.demo.script import Attributes, Stage, Step, begin
from tracing_ui.demo.visitors import Visitor, visitor

HOST = "shop.example.com"


@contextmanager
def visit(
    stage: Stage, now_ns: int, method: str, route: str, path: str = ""
) -> Iterator[tuple[Step, Visitor]]:
    """The root of a trace: a request from outside at the gateway, with the visitor's session checked."""
    who = visitor(stage.rng)
    attributes: Attributes = {
        **served(method, route, path or route, host=HOST, client=who.address),
        "url.scheme": "https",
        "user_agent.original": who.agent,
        "user.id": who.user_id,
        "session.id": who.session_id,
        "shop.customer.tier": who.tier,
        "network.protocol.version": "2",
    }
    root = begin(
        stage, "web-gateway", f"{method} {route}",
        now_ns=now_ns, kind=SpanKind.SERVER, scope=HTTP_SCOPES["server"], attributes=attributes,
    )  # fmt: skip
    root.work(0.6)
    with root.step("middleware: session", attributes={"code.function.name": "sessionMiddleware"}) as session:
        session.work(0.2)
        check_session(session, who)
    yield root, who
    render(root)
    answer(root, status=200)
    root.end()


def check_session(step: Step, who: Visitor) -> None:
    with grpc(step, "auth", "shop.auth.v1.SessionService/Validate") as server:
        server.set(user__id=who.user_id, auth__method="session_cookie")
        redis(server, "GET", f"session:{who.session_id[:8]}…")
        if server.stage.chance(0.04):
            server.event("session.renewed", {"session.ttl_s": 3600})
            redis(server, "EXPIRE", f"session:{who.session_id[:8]}… 3600")
        server.work(0.5)


def render(root: Step) -> None:
    with root.step("render response", attributes={"code.function.name": "renderResponse"}) as step:
        step.work(1.8)
        if step.stage.chance(0.004):
            step.throw("Error", "read ECONNRESET", NODE_RESET, escaped=False)
