"""OTLP/HTTP as a bare ASGI app: 25 µs a request, where Django's middleware takes a millisecond.

Source: OTLP specification, "OTLP/HTTP Request", "OTLP/HTTP Response".
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from spans.ingest.reply import OUR_FAULT, QUEUE_FULL, Answer, Wire, http_body, http_headers
from spans.ingest.room import Hold, QueueFull
from spans.ingest.submit import Gate
from spans.limits import BODY_BYTES_MAX, MIB

PATH = "/v1/traces"
HEALTH_PATH = "/healthz"
BODY_S_MAX = (
    30  # from the first byte of a body to its last; a sender that stalls must not hold the queue's bytes
)
WIRES = {wire.encode(): wire for wire in Wire}
ENCODINGS = {b"": False, b"identity": False, b"gzip": True, b"x-gzip": True}
TOO_LARGE = Answer(413, reason=f"the body is larger than {BODY_BYTES_MAX // MIB} MiB")
TOO_SLOW = Answer(503, reason=f"the body did not arrive within {BODY_S_MAX} s")
NO_TYPE = f"Content-Type must be {Wire.PROTOBUF} or {Wire.JSON}"
logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
HeaderOf = Mapping[bytes, bytes]
Headers = list[tuple[bytes, bytes]]
Response = tuple[int, Headers, bytes]  # status, headers but the length, body
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _HungUp(Exception):
    """The sender left before the end of its body."""


class OtlpHttp:
    """The app. `origins` are those of browsers that may send: exact, or "*" for all; none by default."""

    def __init__(self, gate: Gate, *, origins: Sequence[str] = ()) -> None:
        self.gate = gate
        self.origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "lifespan and websockets are switched off in uvicorn's settings"
        headers = dict(scope["headers"])
        try:
            status, more, body = await self._response(scope["method"], scope["path"], headers, receive)
        except _HungUp:
            return
        except Exception:  # the outermost edge: the sender gets a Status, as for every other failure
            logger.exception("%s %s failed", scope["method"], scope["path"])
            status, more, body = _otlp(OUR_FAULT, _wire(headers))
        all_headers = [*more, *self._cors_headers(headers), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": all_headers})
        await send({"type": "http.response.body", "body": body})

    async def _response(self, method: str, path: str, headers: HeaderOf, receive: Receive) -> Response:
        path = path.rstrip("/")
        if path == HEALTH_PATH and method == "GET":
            return self._health()
        wire = _wire(headers)
        if path != PATH:
            return _otlp(Answer(404, reason=f"no such path; spans go to POST {PATH}"), wire)
        if method == "OPTIONS" and self._cors_headers(headers):
            return _preflight(headers)
        if method != "POST":
            status, more, body = _otlp(Answer(405, reason=f"spans are sent with POST, not {method}"), wire)
            return status, [*more, (b"allow", b"POST")], body
        return _otlp(await self._take(headers, wire, receive), wire)

    async def _take(self, headers: HeaderOf, wire: Wire | None, receive: Receive) -> Answer:
        """Reads one request and waits until it is stored; refuses at the first byte what can't be."""
        if wire is None:
            return Answer(415, reason=NO_TYPE)
        is_gzip = ENCODINGS.get(headers.get(b"content-encoding", b"").strip().lower())
        if is_gzip is None:
            return Answer(415, reason="Content-Encoding must be gzip or absent")
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > BODY_BYTES_MAX:
            return TOO_LARGE
        if refusal := self.gate.refusal():
            return refusal
        with self.gate.room.enter() as hold:
            try:
                async with asyncio.timeout(BODY_S_MAX):
                    body = await _read(receive, hold)
            except QueueFull:
                return QUEUE_FULL
            except TimeoutError:
                return TOO_SLOW
            if body is None:
                return TOO_LARGE
            return await self.gate.submit(body, hold, wire=wire, is_gzip=is_gzip)

    def _health(self) -> Response:
        """Whether a request would be stored now, for a load balancer."""
        refusal = self.gate.refusal()
        said = {"status": refusal.reason if refusal else "ok", "queue_bytes": self.gate.room.held_bytes}
        return (503 if refusal else 200), [(b"content-type", Wire.JSON.encode())], json.dumps(said).encode()

    def _cors_headers(self, headers: HeaderOf) -> Headers:
        """What lets a page of an allowed origin read the answer; nothing for all others."""
        origin = headers.get(b"origin")
        if origin is None or not self.origins & {origin, b"*"}:
            return []
        return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]


async def _read(receive: Receive, hold: Hold) -> bytes | None:
    """The body as sent; None when it is larger than BODY_BYTES_MAX. Every byte counts as soon as it is here.

    Raises: QueueFull; _HungUp when the sender leaves before the end.
    """
    parts: list[bytes] = []
    is_more, read_bytes = True, 0
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _HungUp
        part = message.get("body", b"")
        read_bytes += len(part)
        if read_bytes > BODY_BYTES_MAX:
            return None
        hold.set_bytes(read_bytes)
        parts.append(part)
        is_more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _wire(headers: HeaderOf) -> Wire | None:
    """How the request is spelt; parameters such as charset are ignored. None: neither way."""
    return WIRES.get(headers.get(b"content-type", b"").partition(b";")[0].strip().lower())


def _otlp(answer: Answer, wire: Wire | None) -> Response:
    wire = wire or Wire.JSON  # who sent neither spelling is most likely a person: JSON can be read
    return answer.status, http_headers(answer, wire), http_body(answer, wire)


def _preflight(headers: HeaderOf) -> Response:
    """What a browser asks before it sends from a page of another origin."""
    asked = headers.get(b"access-control-request-headers", b"content-type")
    more = [
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", asked),
        (b"access-control-max-age", b"7200"),
    ]
    return 204, more, b""
