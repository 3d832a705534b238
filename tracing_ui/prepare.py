"""What has to be true before the children of `serve` start: schema, partitions, static files, free ports."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.migrations.executor import MigrationExecutor

from spans.checks import POSTGRES_MAJOR_MIN
from spans.store import partitions
from spans.store.database import DatabaseAway, connect
from tracing_ui.staticfiles import collect_when_changed

ADVISORY_LOCK = 0x7472616365  # "trace"


class CanNotStart(Exception):
    """Why, in one sentence for the operator."""


def prepare(*, ports: Iterable[int]) -> None:
    """Raises: CanNotStart."""
    for port in ports:
        check_port_is_free(port)
    try:
        with connect() as own, _alone(own):
            _check_server_version(own)
            _migrate()
            partitions.maintain(own, retention_days=settings.RETENTION_DAYS)
    except DatabaseAway as error:
        raise CanNotStart(f"the database can't be reached: {error}") from error
    finally:
        connection.close()
        if isinstance(own_wrapper := connections["default"], PostgresWrapper):
            own_wrapper.close_pool()
    try:
        collect_when_changed()
    except OSError as error:
        raise CanNotStart(f"static files can't be written to {settings.STATIC_ROOT}: {error}") from error


def check_port_is_free(port: int) -> None:
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, port))
        except OSError as error:
            where = f"{settings.HOST}:{port}"
            reason = f"{where} can't be listened on ({error.strerror}); {_setting_of(port)}"
            raise CanNotStart(reason) from error


def _setting_of(port: int) -> str:
    names = ("PORT", "OTLP_HTTP_PORT", "OTLP_GRPC_PORT")
    name = next(name for name in names if getattr(settings, name) == port)
    return f"TRACING_UI_{name} chooses another port"


@contextmanager
def _alone(own: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    """Two processes that migrate at once clash: the second waits here."""
    own.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        own.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def _check_server_version(own: psycopg.Connection[tuple[object, ...]]) -> None:
    if own.info.server_version // 10_000 < POSTGRES_MAJOR_MIN:
        found = own.info.server_version
        raise CanNotStart(f"PostgreSQL {POSTGRES_MAJOR_MIN} or later is needed, the server has {found}")


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
