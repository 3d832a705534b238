"""Databases of the benches, beside the real one on its server, and the processes that use them."""

import os
import socket
import subprocess
import sys
import time

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tracing_ui.embedded_postgres import ensure

START_TIMEOUT_S = 60.0


def conninfo(dbname: str) -> str:
    """The configured server's address, for another database on it."""
    if settings.DATABASE_URL:
        return make_conninfo(settings.DATABASE_URL, dbname=dbname)
    return make_conninfo(ensure(), dbname=dbname)


def create(dbname: str, *, afresh: bool) -> str:
    """The conninfo of a migrated database `dbname`; `afresh` drops what was there."""
    with psycopg.connect(conninfo("postgres"), autocommit=True) as connection:
        if afresh:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(dbname)))
        exists = connection.execute("SELECT FROM pg_database WHERE datname = %s", [dbname]).fetchone()
        if exists is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(dbname)))
    address = conninfo(dbname)
    manage("migrate", "--verbosity=0", address=address)
    return address


def manage(*arguments: str, address: str) -> None:
    """Run a management command to its end on another database."""
    subprocess.run(command(*arguments), env=environment(address), check=True)


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def environment(address: str, **more: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": address, **more}


def bytes_stored(connection: psycopg.Connection) -> int:
    """Heap, TOAST and indexes of all partitions."""
    row = connection.execute(
        """SELECT sum(pg_total_relation_size(inhrelid))
             FROM pg_inherits
            WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table)"""
    ).fetchone()
    assert row is not None
    return int(row[0] or 0)


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    """Raises: SystemExit when the process ends or does not listen in time."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing listens on port {port}")
