"""The receiver process: OTLP/HTTP, OTLP/gRPC and the writer on one event loop; no Django request handling."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from django.conf import settings
from google.protobuf.internal import api_implementation
from psycopg.errors import UndefinedTable

from spans.ingest.grpc import make_server
from spans.ingest.http import OtlpHttp
from spans.ingest.room import Room
from spans.ingest.submit import Gate
from spans.ingest.writer import WAIT_S_MAX, Writer
from spans.limits import QUEUE_BYTES_MAX
from spans.store import partitions
from spans.store.database import DatabaseAway, connect

PARTITIONS_EVERY_S = 3600
PARTITIONS_AGAIN_S = 60  # after a failure: a day that has no partition is not far away
KEEP_ALIVE_S = 120  # longer than any exporter's interval: a connection closed under a request costs a retry
DRAIN_S_MAX = int(WAIT_S_MAX) + 1
BACKLOG = 2048
GC_THRESHOLDS = (
    50_000,
    20,
    100,
)  # a body of 9 MB makes half a million containers; scanning them doubles its cost
FORCED = "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"  # protobuf's own variable
NO_TABLES = "the database has no tables yet; `manage.py serve` makes them, or `manage.py migrate`"
logger = logging.getLogger(__name__)


class CannotStart(Exception):
    """One sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to listen. Port 0: any free one. `is_shared`: several receivers listen on the same ports."""

    host: str
    http_port: int
    grpc_port: int
    is_shared: bool = False


def main() -> None:
    """Receives until SIGTERM or SIGINT. Raises: CannotStart."""
    addresses = Addresses(
        settings.HOST, settings.OTLP_HTTP_PORT, settings.OTLP_GRPC_PORT, settings.RECEIVERS > 1
    )
    check_protobuf()
    if sys.platform == "win32":  # uvloop has no wheel there
        asyncio.run(run(addresses))
        return
    import uvloop

    uvloop.run(run(addresses))


async def run(addresses: Addresses) -> None:
    """Starts, says so on stdout, receives until a signal comes, stores what was taken in."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    receiver = Receiver(addresses)
    await receiver.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    sys.stdout.write(
        f"receiving OTLP/HTTP on {receiver.http_address}, OTLP/gRPC on {receiver.grpc_address}\n"
    )
    sys.stdout.flush()
    await stop.wait()
    await receiver.stop()


class Receiver:
    """Both servers and the writer behind them."""

    def __init__(self, addresses: Addresses, *, queue_bytes_max: int = QUEUE_BYTES_MAX) -> None:
        self.addresses = addresses
        self.writer = Writer(linger_ms=settings.LINGER_MS)
        self.gate = Gate(self.writer, Room(queue_bytes_max))
        self.http_address = self.grpc_address = ""

    async def start(self) -> None:
        """Raises: CannotStart when the database can't be reached or a port is taken."""
        try:
            await asyncio.to_thread(maintain_partitions)
            await asyncio.to_thread(self.writer.start)
        except DatabaseAway as error:
            raise CannotStart(f"the database can't be reached: {error}") from error
        except UndefinedTable as error:
            raise CannotStart(NO_TABLES) from error
        listener = self._listen()
        self._grpc = self._bind_grpc()
        self._http = _HttpServer(self._http_config())
        await self._grpc.start()
        self._serving = asyncio.create_task(self._http.serve(sockets=[listener]))
        self._upkeep = asyncio.create_task(_keep_partitions())

    async def stop(self) -> None:
        """Takes nothing new in, answers what is inside, ends the writer."""
        self._upkeep.cancel()
        self._http.should_exit = True
        await asyncio.gather(self._serving, self._grpc.stop(grace=DRAIN_S_MAX))
        await asyncio.to_thread(self.writer.stop)

    def _listen(self) -> socket.socket:
        """The HTTP socket, bound here: uvicorn's own way to say that a port is taken is to exit."""
        host, port = self.addresses.host, self.addresses.http_port
        try:
            family, *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            listener = socket.create_server(
                (host, port), family=family, backlog=BACKLOG, reuse_port=self.addresses.is_shared
            )
        except OSError as error:
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
            raise CannotStart(_taken("OTLP/HTTP", host, port, "TRACING_UI_OTLP_HTTP_PORT", why)) from error
        self.http_address = f"http://{_bracketed(host)}:{listener.getsockname()[1]}"
        return listener

    def _bind_grpc(self) -> Any:
        host, port = self.addresses.host, self.addresses.grpc_port
        try:
            server, bound = make_server(
                self.gate, f"{_bracketed(host)}:{port}", is_port_shared=self.addresses.is_shared
            )
        except RuntimeError as error:
            why = "Address already in use, or not of this machine"  # grpc does not say which
            raise CannotStart(_taken("OTLP/gRPC", host, port, "TRACING_UI_OTLP_GRPC_PORT", why)) from error
        self.grpc_address = f"{_bracketed(host)}:{bound}"
        return server

    def _http_config(self) -> uvicorn.Config:
        return uvicorn.Config(
            OtlpHttp(self.gate, origins=settings.CORS_ORIGINS),
            lifespan="off",
            ws="none",
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=DRAIN_S_MAX,
        )


class _HttpServer(uvicorn.Server):
    """uvicorn without its signal handlers: the receiver stops its parts in an order of its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def check_protobuf() -> None:
    """Raises: CannotStart when protobuf runs as pure Python, 100 times slower, and nobody asked for it."""
    kind = api_implementation.Type()
    if kind == "python" and os.environ.get(FORCED) != "python":
        raise CannotStart(
            "protobuf runs as pure Python here, 100 times slower; use a platform with a wheel of protobuf"
            f" (glibc rather than musl), or set {FORCED}=python to go on"
        )


def maintain_partitions() -> None:
    """Makes the partitions of the next days and drops those past retention. Raises: DatabaseAway."""
    connection = connect()
    try:
        for change in partitions.maintain(connection, retention_days=settings.RETENTION_DAYS):
            logger.info("partitions: %s", change)
    finally:
        connection.close()


async def _keep_partitions() -> None:
    pause_s = PARTITIONS_EVERY_S
    while True:
        await asyncio.sleep(pause_s)
        try:
            await asyncio.to_thread(maintain_partitions)
            pause_s = PARTITIONS_EVERY_S
        except DatabaseAway as error:
            logger.warning("partitions could not be looked after: %s", error)
            pause_s = PARTITIONS_AGAIN_S
        except Exception:  # the outermost edge of this task: it must be there tomorrow
            logger.exception("partitions could not be looked after")
            pause_s = PARTITIONS_AGAIN_S


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _taken(what: str, host: str, port: int, setting: str, why: str) -> str:
    return f"{what} can't listen on {_bracketed(host)}:{port}: {why}. {setting} names another port."
