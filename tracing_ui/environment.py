"""Typed reads of environment variables. A sentence that names variable and value says what is wrong."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

PREFIX = "TRACING_UI_"
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Environment:
    """Reads variables and remembers their names, so that a misspelt one can be refused."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self.values = dict(os.environ) if values is None else values
        self.known: set[str] = set()

    def read(self, name: str) -> str | None:
        """The variable's text, or that of the file which `NAME_FILE` names; None when unset or empty."""
        self.known |= {name, f"{name}_FILE"}
        if path := self.values.get(f"{name}_FILE"):
            try:
                return Path(path).read_text().strip()
            except OSError as error:
                raise ImproperlyConfigured(
                    f"{name}_FILE is {path!r}, which can't be read: {error.strerror}"
                ) from error
        return self.values.get(name) or None

    def text(self, name: str, default: str) -> str:
        return self.read(name) or default

    def names(self, name: str, default: list[str]) -> list[str]:
        """Comma-separated names."""
        value = self.read(name)
        return default if value is None else [item.strip() for item in value.split(",") if item.strip()]

    def flag(self, name: str, *, default: bool) -> bool:
        value = (self.read(name) or "").lower()
        if not value:
            return default
        if value not in TRUE + FALSE:
            raise ImproperlyConfigured(f"{name} is {value!r}; expected one of {', '.join(TRUE + FALSE)}")
        return value in TRUE

    def whole(self, name: str, default: int, *, at_least: int, at_most: int) -> int:
        value = self.read(name)
        if value is None:
            return default
        if not value.isascii() or not value.isdigit() or not at_least <= int(value) <= at_most:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; expected a whole number from {at_least} to {at_most}"
            )
        return int(value)

    def port(self, name: str, default: int) -> int:
        return self.whole(name, default, at_least=1, at_most=65535)

    def folder(self, name: str) -> Path:
        """Where the server may keep files. Without the variable: a folder of this user's own."""
        value = self.read(name)
        if value:
            return Path(value).expanduser().resolve()
        if os.geteuid() == 0:  # /root is closed to the account that Postgres has to run under
            return Path("/var/lib/tracing-ui")
        return Path(self.values.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "tracing-ui"

    def database_url(self, name: str) -> str | None:
        value = self.read(name)
        if value is None:
            return None
        try:
            conninfo_to_dict(value)
        except ProgrammingError as error:
            raise ImproperlyConfigured(f"{name} is no PostgreSQL address: {str(error).strip()}") from error
        return value

    def database(self, url: str | None, *, pool_max: int) -> dict[str, Any]:
        """Django's settings for the given address; without one, for the embedded server."""
        parts: dict[str, Any] = (
            dict(conninfo_to_dict(url)) if url else {"dbname": "tracing_ui", "user": "postgres"}
        )
        named = {key: str(parts.pop(name, "") or "") for key, name in CONNECTION_PARTS.items()}
        return {
            "ENGINE": "django.db.backends.postgresql" if url else "tracing_ui.embedded_postgres",
            **named,
            "CONN_HEALTH_CHECKS": True,  # a pooled connection may have lost its server
            "OPTIONS": {**parts, "pool": {"min_size": 1, "max_size": pool_max, "timeout": 5}},
        }

    def secret_key(self, name: str, *, kept_in: Path) -> str:
        """The given key, else one made once and kept in `kept_in`."""
        if value := self.read(name):
            return value
        path = kept_in / "secret-key"
        try:
            kept_in.mkdir(parents=True, exist_ok=True)
            with open(path, "x", opener=_private) as file:
                file.write(secrets.token_urlsafe(50))
        except FileExistsError:
            pass
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name} is not set and {path} can't be written: {error.strerror}"
            ) from error
        return path.read_text()

    def check_known_names(self) -> None:
        """Raises: ImproperlyConfigured when a variable with our prefix is none of ours."""
        unknown = sorted(name for name in self.values if name.startswith(PREFIX) and name not in self.known)
        if unknown:
            raise ImproperlyConfigured(f"{unknown[0]} is not a setting; docs/operations.md lists them")


CONNECTION_PARTS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
