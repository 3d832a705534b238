"""`manage.py serve` as a process of its own, whose output is kept."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.conftest import free_port
from tests.ops.embedded import ROOT, wait_until


@dataclass
class Serving:
    """One start. `ports`: web, OTLP/HTTP, OTLP/gRPC."""

    process: subprocess.Popen[bytes]
    output_path: Path
    ports: tuple[int, int, int]

    @property
    def output(self) -> str:
        return self.output_path.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    def wait_until_ready(self) -> None:
        """Ready is when it has told where."""
        wait_until(lambda: "http://localhost" in self.output or self.process.poll() is not None)
        assert self.process.poll() is None, self.output

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def start(output_path: Path, *arguments: str, environ: dict[str, str], ports: Sequence[int] = ()) -> Serving:
    chosen = tuple(ports) or (free_port(), free_port(), free_port())
    names = ("TRACING_UI_PORT", "TRACING_UI_OTLP_HTTP_PORT", "TRACING_UI_OTLP_GRPC_PORT")
    settings = {name: str(port) for name, port in zip(names, chosen, strict=True)}
    command = [sys.executable, "manage.py", "serve", *arguments]
    with output_path.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings, **environ}, stdout=output, stderr=output
        )
    return Serving(process, output_path, (chosen[0], chosen[1], chosen[2]))


def status_of(url: str) -> int | None:
    """The HTTP status; None when nobody answers."""
    try:
        with urlopen(url, timeout=5) as answer:
            status: int = answer.status
            return status
    except OSError:
        return None
