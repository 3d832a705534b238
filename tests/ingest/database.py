"""The database made slow, refusing or absent, for real, and put right again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

from spans.store.database import connect, conninfo

SECONDS_MAX = 20


def eventually(condition: Callable[[], object], what: str) -> None:
    """Waits until something that another thread or process does has happened."""
    end_s = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < end_s, f"not within {SECONDS_MAX} s: {what}"
        time.sleep(0.01)


@contextmanager
def stalled(statement: str = "SELECT") -> Iterator[None]:
    """No flush can end while this lasts. `statement` runs in the same transaction, committed on exit."""
    with connect() as own, own.transaction():
        own.execute("LOCK TABLE spans_token_run IN ACCESS EXCLUSIVE MODE")
        own.execute(statement)  # type: ignore[arg-type]
        yield


def is_stalled() -> bool:
    """Whether somebody waits for a lock in this database."""
    query = """SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    with connect() as own:
        [(count,)] = own.execute(query).fetchall()
    return bool(count)


def hang_up() -> int:
    """Ends every other connection to the test database; how many there were."""
    query = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    with connect() as own:
        [(count,)] = own.execute(query).fetchall()
    return int(count)


@contextmanager
def away() -> Iterator[None]:
    """Nobody has or gets a connection to the test database while this lasts."""
    name = sql.Identifier(connection.settings_dict["NAME"])
    with psycopg.connect(conninfo(), dbname="postgres", autocommit=True) as own:
        own.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        try:
            own.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [connection.settings_dict["NAME"]],
            )
            yield
        finally:
            own.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
