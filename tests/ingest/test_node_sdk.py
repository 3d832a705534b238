"""The OpenTelemetry SDK of Node, its three OTLP exporters, from a process of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.read_back import Sent, stored
from tests.ingest.running import Running

HERE = Path(__file__).parent / "node"
INSTALLED = Path(__file__).resolve().parents[2] / ".var/node-sdk"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """The pinned packages, installed once."""
    if not shutil.which("npm"):
        if os.environ.get("CI") == "true":
            pytest.fail("npm is missing, which the test of the Node SDK needs")
        pytest.skip("there is no npm here")
    wanted, marker = (HERE / "package.json").read_text(), INSTALLED / "package.json.done"
    if not marker.exists() or marker.read_text() != wanted:
        INSTALLED.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", INSTALLED)
        install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(install, cwd=INSTALLED, check=True)
        marker.write_text(wanted)
    return INSTALLED / "node_modules"


def emit(protocol: str, address: str, node_modules: Path) -> list[dict[str, Any]]:
    environ = {**os.environ, "NODE_PATH": str(node_modules)}
    command = ["node", str(HERE / "emit.cjs"), protocol, address]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True, timeout=60)
    sent: list[dict[str, Any]] = json.loads(done.stdout)
    return sent


def facts(sent: Sent) -> dict[str, Any]:
    span = sent.span
    return {
        "name": span.name,
        "kind": span.kind,
        "span_id": span.span_id.hex(),
        "trace_id": span.trace_id.hex(),
        "start_ns": str(span.start_time_unix_nano),
        "end_ns": str(span.end_time_unix_nano),
    }


@pytest.mark.parametrize("protocol", ["http/json", "http/protobuf", "grpc"])
def test_what_the_node_sdk_sends_reads_back_equal(
    receiver: Running, node_modules: Path, protocol: str
) -> None:
    address = f"http://{receiver.grpc_address}" if protocol == "grpc" else receiver.traces_url
    emitted = emit(protocol, address, node_modules)
    found = {sent.span.name: sent for sent in stored([emitted[0]["trace_id"]])}
    assert [facts(found[sent["name"]]) for sent in emitted] == emitted
    root, child = found["GET /cart"].span, found["redis GET"].span
    values = {pair.key: pair.value for pair in root.attributes}
    assert values["big"].int_value == 2**53 - 1
    assert values["rocket"].string_value == "🚀"
    assert child.parent_span_id == child.links[0].span_id == root.span_id
    assert (child.status.code, child.events[0].name) == (2, "exception")
