"""A data folder for one test, and processes that use its embedded server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tracing_ui.embedded_postgres.folder import Folder

ROOT = Path(__file__).resolve().parent.parent.parent
WAIT_SECONDS_MAX = 60
CLIENT = """
import sys
from pathlib import Path
import psycopg
from tracing_ui.embedded_postgres import ensure
conninfo = ensure(Path(sys.argv[1]))
with psycopg.connect(conninfo) as connection:
    print(connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
sys.stdin.read()
"""
DJANGO = """
import os, sys
os.environ.update(TRACING_UI_DATA_DIR=sys.argv[1], DATABASE_URL="")
os.environ["DJANGO_SETTINGS_MODULE"] = "tracing_ui.settings"
import django, logging
django.setup()
logging.disable()  # the pool tells of each attempt; here only answers are read
from django.db import connection
for line in sys.stdin:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()::text")
        print(cursor.fetchone()[0], flush=True)
    connection.close()
"""


@dataclass
class Embedded:
    """Clients are processes of their own: they print when the server started and stay until told to go."""

    root: Path
    clients: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def folder(self) -> Folder:
        return Folder(self.root)

    @property
    def supervisor_pid(self) -> int:
        return int(self.folder.supervisor_lock.read_text())

    @property
    def server_pid(self) -> int:
        pid = self.folder.server_pid()
        assert pid is not None
        return pid

    def start_client(self, script: str = CLIENT) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, str(self.root)]
        client = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.clients.append(client)
        return client

    def kill_everything(self) -> None:
        for client in self.clients:
            client.kill()
            client.communicate()
        if self.folder.has_supervisor():
            os.kill(self.supervisor_pid, signal.SIGTERM)
            wait_until(lambda: not self.folder.has_supervisor())


def first_line(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    return client.stdout.readline().strip()


def ask(client: subprocess.Popen[str]) -> str:
    """Has a client of the script DJANGO query once more, through Django's pool."""
    assert client.stdin is not None
    client.stdin.write("again\n")
    client.stdin.flush()
    return first_line(client)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Looks 50 times a second; fails after a minute."""
    end_s = time.monotonic() + WAIT_SECONDS_MAX
    while not is_so():
        assert time.monotonic() < end_s, f"it did not happen within {WAIT_SECONDS_MAX} s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """A zombie that nobody reaps is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
