"""`manage.py check --database default`: what a server needs, beyond its settings."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection
from google.protobuf.internal import api_implementation

from spans.store import partitions
from spans.store.database import DatabaseAway, connect

POSTGRES_MAJOR_MIN = 15


@register()
def check_protobuf_runtime(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The pure-Python runtime parses a hundred times slower than upb."""
    runtime = api_implementation.Type()
    if runtime == "upb":
        return []
    hint = "Reinstall protobuf from its binary wheel: pip install --force-reinstall -r requirements.txt"
    return [Warning(f"protobuf runs on its {runtime} runtime, not on upb", hint=hint, id="spans.W001")]


@register(Tags.database)
def check_server_version(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **_: Any
) -> list[CheckMessage]:
    """Nothing newer than PostgreSQL 15 is required."""
    if "default" not in (databases or ()):
        return []
    connection.ensure_connection()
    found = connection.get_database_version()
    if found[0] >= POSTGRES_MAJOR_MIN:
        return []
    version = ".".join(map(str, found))
    return [Error(f"PostgreSQL {version} is too old; {POSTGRES_MAJOR_MIN} is needed", id="spans.E001")]


@register(Tags.database)
def check_todays_partition(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **_: Any
) -> list[CheckMessage]:
    """A flush would make it; that it is missing means that something keeps the server from its work."""
    if "default" not in (databases or ()) or "spans_chunk" not in connection.introspection.table_names():
        return []
    try:
        with connect() as own:
            days = partitions.days_of(own, "spans_chunk").values()
    except DatabaseAway as error:
        return [Error(f"the database can't be reached: {error}", id="spans.E002")]
    if datetime.now(UTC).date() in days:
        return []
    hint = "`manage.py partitions` makes it; a running receiver does so every hour."
    return [Warning("today has no partition", hint=hint, id="spans.W002")]
