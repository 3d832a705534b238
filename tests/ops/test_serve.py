"""`manage.py serve`: one command that starts everything, and stops everything."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.embedded import is_alive, wait_until
from tests.ops.serving import Serving, start, status_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def web(output: Path, database_url: str) -> Iterator[Serving]:
    """The web half, which is serving."""
    serving = start(output, "--web-only", environ={"DATABASE_URL": database_url})
    serving.wait_until_ready()
    yield serving
    serving.process.kill()
    serving.process.wait()


def test_it_says_where_it_serves_and_does(web: Serving) -> None:
    assert f"http://localhost:{web.ports[0]}" in web.output
    assert status_of(f"{web.url}/healthz") == 200


def test_sigterm_stops_it_and_its_children(web: Serving) -> None:
    children = web.children()
    assert web.stop() == 0
    assert children
    assert not any(is_alive(pid) for pid in children)
    assert "Traceback" not in web.output


def test_ctrl_c_stops_it_too(web: Serving) -> None:
    web.process.send_signal(signal.SIGINT)
    assert web.process.wait(timeout=60) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_killed_with_9_it_leaves_nothing_that_blocks_the_next_start(
    web: Serving, database_url: str, tmp_path: Path
) -> None:
    web.process.kill()
    web.process.wait()
    successor = start(
        tmp_path / "second", "--web-only", ports=web.ports, environ={"DATABASE_URL": database_url}
    )
    successor.wait_until_ready()
    assert successor.stop() == 0


def test_a_child_that_is_killed_is_started_again(web: Serving) -> None:
    (child,) = web.children()
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: status_of(f"{web.url}/healthz") is None)
    wait_until(lambda: status_of(f"{web.url}/healthz") == 200)
    assert "web ended (killed by SIGKILL)" in web.output


def test_receiver_and_web_start_together_and_stop_together(output: Path, database_url: str) -> None:
    serving = start(output, environ={"DATABASE_URL": database_url})
    serving.wait_until_ready()
    for port in serving.ports:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    assert serving.stop() == 0


def test_a_taken_port_is_said_in_a_sentence(output: Path, database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serving = start(output, "--web-only", ports=(port, 1, 1), environ={"DATABASE_URL": database_url})
        assert serving.process.wait(timeout=60) == 1
    assert serving.output == (
        f"tracing-ui can't start: 127.0.0.1:{port} can't be listened on (Address already in use); "
        "TRACING_UI_PORT chooses another port\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "TRACING_UI_RETENTION_DAYS",
            "0",
            "TRACING_UI_RETENTION_DAYS is '0'; expected",
        ),
        ("TRACING_UI_RETENTION", "7", "TRACING_UI_RETENTION is not a setting"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/none", "the database can't be reached"),
    ],
)
def test_a_wrong_setting_is_said_in_a_sentence(output: Path, name: str, value: str, sentence: str) -> None:
    serving = start(output, "--web-only", environ={name: value})
    assert serving.process.wait(timeout=60) == 1
    assert sentence in serving.output
    assert "Traceback" not in serving.output
