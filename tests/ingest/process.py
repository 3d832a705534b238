"""`manage.py receive` as a process of its own, on the test database and free ports."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.ingest.database import eventually

ROOT = Path(__file__).resolve().parent.parent.parent


def free_ports() -> tuple[int, int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        first, second = (one.getsockname()[1] for one in sockets)
    return first, second


def environ_of(database_url: str, ports: tuple[int, int], *, receivers: int = 1) -> dict[str, str]:
    names = ("TRACING_UI_OTLP_HTTP_PORT", "TRACING_UI_OTLP_GRPC_PORT")
    ours = dict(zip(names, map(str, ports), strict=True))
    return {**os.environ, "DATABASE_URL": database_url, "TRACING_UI_RECEIVERS": str(receivers), **ours}


@contextmanager
def receiving(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that has said that it receives; killed on exit if it is still there."""
    command = [sys.executable, "manage.py", "receive"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("receiving OTLP/HTTP on ")
            yield process
        finally:
            process.kill()


def takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until_closed(port: int) -> None:
    eventually(lambda: not takes_connections(port), f"port {port} is closed")
