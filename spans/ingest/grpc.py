"""OTLP/gRPC: TraceService/Export with bytes in and bytes out.

Source: OTLP specification, "OTLP/gRPC"; opentelemetry/proto/collector/trace/v1/trace_service.proto.
"""

from typing import Any

import grpc

from spans.ingest.reply import QUEUE_FULL, Answer, Wire, grpc_code, grpc_trailers, response
from spans.ingest.room import QueueFull
from spans.ingest.submit import Gate
from spans.limits import BODY_BYTES_MAX

SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"
OPTIONS = [
    ("grpc.max_receive_message_length", BODY_BYTES_MAX),  # after decompression too
    (
        "grpc.keepalive_permit_without_calls",
        1,
    ),  # senders that ping while they have nothing to send are kept …
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),  # … not cut off with "too many pings"
    ("grpc.http2.max_ping_strikes", 0),
]


class OtlpGrpc:
    """The service. Messages come and go as bytes: decoded by grpc they would cost as much as all the rest."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def export(self, body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        answer = await self._take(body)
        if answer.status != 200:
            await context.abort(grpc_code(answer), answer.reason, grpc_trailers(answer))
        return response(answer)

    async def _take(self, body: bytes) -> Answer:
        if refusal := self.gate.refusal():
            return refusal
        with self.gate.room.enter() as hold:
            try:
                hold.set_bytes(len(body))
            except QueueFull:
                return QUEUE_FULL
            return await self.gate.submit(body, hold, wire=Wire.PROTOBUF)


def make_server(gate: Gate, address: str, *, is_port_shared: bool) -> tuple[Any, int]:
    """A server bound to `host:port` but not started, and its port.

    Raises: RuntimeError when the port is taken.
    """
    method = grpc.unary_unary_rpc_method_handler(OtlpGrpc(gate).export)
    server = grpc.aio.server(options=[*OPTIONS, ("grpc.so_reuseport", int(is_port_shared))])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Export": method}),))
    return server, server.add_insecure_port(address)
