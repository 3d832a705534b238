"""A private PostgreSQL for whoever sets no DATABASE_URL: shared by all processes of one data folder."""

from tracing_ui.embedded_postgres.client import ensure, stop
from tracing_ui.embedded_postgres.folder import EmbeddedPostgresError

__all__ = ["EmbeddedPostgresError", "ensure", "stop"]
