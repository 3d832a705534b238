"""A private PostgreSQL for whoever sets no DATABASE_URL: shared by all processes of one data folder."""

from tracing_ui.embedded_postgres.client import EmbeddedPostgresError, ensure, stop

__all__ = ["EmbeddedPostgresError", "ensure", "stop"]
