"""A process of its own that sends OTLP requests as fast as they are acknowledged.

`python -m tracing_ui.bench.sender` reads one JSON line of `Load` and prints one of what it sent.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count

import grpc
import numpy as np

from tracing_ui.bench.payloads import make_template

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
TEMPLATES, TEMPLATE_SPANS_MAX = 8, 512
ANSWER_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    protocol: str  # http or grpc
    port: int
    spans_per_request: int
    spans: int
    connections: int


@dataclass(frozen=True, slots=True)
class Sent:
    spans: int
    seconds: float
    answer_p50_ms: float
    answer_p99_ms: float


def send(load: Load) -> Sent:
    """Send `load.spans` spans over several connections; each waits for its answer before the next request."""
    # Requests laid end to end are one request: a large one is made of several of the usual size.
    pieces = max(1, load.spans_per_request // TEMPLATE_SPANS_MAX)
    templates = [make_template(load.spans_per_request // pieces, seed=seed) for seed in range(TEMPLATES)]
    numbers, requests = count(), -(-load.spans // load.spans_per_request)
    answers_ms: list[float] = []
    failures: list[str] = []

    def work(worker: int) -> None:
        rng, post = np.random.default_rng(worker + time.time_ns() % 10**9), connect(load)
        while (number := next(numbers)) < requests and not failures:
            fresh = [templates[(number + n) % TEMPLATES].fresh(rng, time.time_ns()) for n in range(pieces)]
            body = b"".join(fresh)
            started = time.perf_counter()
            if refusal := post(body):
                failures.append(refusal)
            answers_ms.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(load.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"a request was refused: {failures[0]}")
    p50, p99 = np.percentile(answers_ms, [50, 99])
    return Sent(
        requests * load.spans_per_request,
        time.perf_counter() - started,
        round(float(p50), 1),
        round(float(p99), 1),
    )


def connect(load: Load) -> Callable[[bytes], str]:
    """A function that sends one body on a connection of its own and returns "" or the refusal."""
    return over_http(load.port) if load.protocol == "http" else over_grpc(load.port)


def over_http(port: int) -> Callable[[bytes], str]:
    connection = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(body: bytes) -> str:
        head = "POST /v1/traces HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-protobuf\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = connection.recv(65_536)
        return "" if answer.startswith(b"HTTP/1.1 200") else answer.decode("latin-1")[:300]

    return post


def over_grpc(port: int) -> Callable[[bytes], str]:
    options = [("grpc.max_send_message_length", 64 << 20), ("grpc.use_local_subchannel_pool", 1)]
    export = grpc.insecure_channel(f"127.0.0.1:{port}", options=options).unary_unary(EXPORT)

    def post(body: bytes) -> str:
        try:
            export(body, timeout=ANSWER_TIMEOUT_S)
        except grpc.RpcError as error:
            return str(error)
        return ""

    return post


if __name__ == "__main__":
    print(json.dumps(asdict(send(Load(**json.loads(sys.stdin.readline()))))))
