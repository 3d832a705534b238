"""The one door to Postgres: reads on Django's connection, and connections of one's own for writing."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from psycopg.conninfo import make_conninfo

PROJECT = 1  # the only project there is yet; every big table and every hash id holds it
ADDRESS = ("dbname", "user", "password", "host", "port", "service", "passfile")
CONNECT_TIMEOUT_S = "10"
ATTEMPTS = 2  # a pooled connection that the server closed is noticed by the first

Row = tuple[Any, ...]
Parameters = Mapping[str, object] | Sequence[object]


class OutOfTime(Exception):
    """A statement ran past its time limit and was stopped."""


class DatabaseAway(Exception):
    """The database can't be reached, or was lost on the way: what was asked for may be asked again."""


def read(sql: str, params: Parameters = (), *, timeout_ms: int | None = None) -> list[Row]:
    """All rows of one reading statement; bytea as `bytes`, arrays as lists. The server binds the parameters.

    Unit: `timeout_ms` of this statement; None: no limit.
    Raises: OutOfTime past it; DatabaseAway when there is no connection.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _read_once(sql, params, timeout_ms)
        except psycopg.errors.QueryCanceled as error:
            raise OutOfTime(f"stopped after {timeout_ms} ms") from error
        except (psycopg.OperationalError, psycopg.InterfaceError, OperationalError) as error:
            was_inside = connection.in_atomic_block
            if not was_inside:
                connection.close()
            if was_inside or attempt == ATTEMPTS or not _is_lost(error):
                raise DatabaseAway(str(error).strip()) from error
    raise AssertionError("the loop returns or raises")


def _is_lost(error: Exception) -> bool:
    """Whether a connection broke, rather than could not be made."""
    return isinstance(error, psycopg.Error) and not isinstance(error, psycopg.errors.ConnectionTimeout)


def _read_once(sql: str, params: Parameters, timeout_ms: int | None) -> list[Row]:
    if timeout_ms is None:
        return _fetch(sql, params)
    if timeout_ms <= 0:
        raise OutOfTime("no time is left")
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        _fetch("SELECT set_config('statement_timeout', %s, true)", [str(timeout_ms)])
        rows = _fetch(sql, params)
        if is_nested:  # the setting would outlive this statement
            _fetch("SELECT set_config('statement_timeout', '0', true)", ())
    return rows


def _fetch(sql: str, params: Parameters) -> list[Row]:
    connection.ensure_connection()
    own = connection.connection
    assert isinstance(own, psycopg.Connection)
    with psycopg.Cursor(own) as cursor:
        cursor.execute(sql, params or None, binary=True)
        return cursor.fetchall()


def connect() -> psycopg.Connection[Row]:
    """A connection of one's own, in autocommit mode, outside Django's pool.

    Raises: DatabaseAway when none can be made.
    """
    try:
        return psycopg.connect(conninfo(), autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseAway(str(error).strip()) from error


def conninfo() -> str:
    """Where Django's database is, as libpq writes it; the embedded server is started or joined."""
    params = connection.get_connection_params()
    named = {name: value for name, value in params.items() if name in ADDRESS and value}
    options = connection.settings_dict["OPTIONS"].items()
    given = {name: value for name, value in options if isinstance(value, str)}
    return make_conninfo(**{"connect_timeout": CONNECT_TIMEOUT_S, **given, **named})
