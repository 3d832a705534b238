"""`manage.py demo` as a process: everything arrives, and all of it ends when it is told to, or killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.conftest import ROOT, free_port
from tests.ops.embedded import is_alive, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STORY = "service=checkout AND duration>200ms"
PORTS = ("PORT", "OTLP_HTTP_PORT", "OTLP_GRPC_PORT")
SHOP = [sys.executable, "-m", "tracing_ui.demo"]


@dataclass(frozen=True, slots=True)
class Demo:
    """One start. `ports`: web, OTLP/HTTP, OTLP/gRPC."""

    process: subprocess.Popen[bytes]
    log: Path
    ports: tuple[int, ...]

    @property
    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()]

    def found(self, text: str) -> list[dict]:
        query = urlencode({"q": text})
        with urlopen(f"http://127.0.0.1:{self.ports[0]}/api/v1/traces?{query}", timeout=30) as answer:
            return json.load(answer)["traces"]


@pytest.fixture(scope="module")
def demo(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    ports = tuple(free_port() for _ in PORTS)
    settings = {f"TRACING_UI_{name}": str(port) for name, port in zip(PORTS, ports, strict=True)}
    log = tmp_path_factory.mktemp("demo") / "log"
    with log.open("wb") as output:
        command, environ = [sys.executable, "manage.py", "demo"], {**os.environ, "DATABASE_URL": database_url}
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environ, **settings}, stdout=output, stderr=output
        )
    wait_until(lambda: "demo shop is sending" in log.read_text())
    yield Demo(process, log, ports)
    process.kill()
    process.wait()


def test_a_slow_checkout_is_found_and_fraud_check_is_most_of_its_critical_path(demo: Demo):
    # A trace that has just begun to arrive may still lack the spans of fraud-check.
    wait_until(lambda: any(trace["services"][0]["name"] == "fraud-check" for trace in demo.found(STORY)))
    assert demo.found(
        "service=fraud-check AND kind=client AND fraud.provider=acme-fraud-api AND duration>200ms"
    )


def test_services_arrive_over_grpc_too(demo: Demo):
    wait_until(lambda: bool(demo.found("service=inventory")))


def test_the_shop_ends_within_two_seconds_of_being_told_to(demo: Demo):
    target = [f"--endpoint=http://127.0.0.1:{demo.ports[1]}", f"--grpc=127.0.0.1:{demo.ports[2]}", "--seed=7"]
    shop = subprocess.Popen([*SHOP, *target], cwd=ROOT, stdout=subprocess.PIPE)
    assert shop.stdout
    shop.stdout.readline()
    started_s = time.monotonic()
    shop.send_signal(signal.SIGTERM)
    assert shop.wait(timeout=10) == 0
    assert time.monotonic() - started_s < 2.5


def test_nothing_outlives_a_killed_demo(demo: Demo):
    children = demo.children
    assert len(children) == 3
    demo.process.kill()
    demo.process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in children))
