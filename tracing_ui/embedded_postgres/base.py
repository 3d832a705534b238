"""Django's PostgreSQL backend on the embedded server: started or joined before each new connection."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from psycopg.conninfo import conninfo_to_dict

from tracing_ui.embedded_postgres.client import ensure
from tracing_ui.embedded_postgres.folder import EmbeddedPostgresError


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params["host"] = conninfo_to_dict(_ensure())["host"]
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        _ensure()  # the pool made its parameters long ago: the server may have died since
        return super().get_new_connection(conn_params)


def _ensure() -> str:
    try:
        return ensure()
    except EmbeddedPostgresError as error:
        raise ImproperlyConfigured(str(error)) from error
