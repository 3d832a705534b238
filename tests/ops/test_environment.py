"""A wrong setting is refused in one sentence that names it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracing_ui.environment import Environment

Read = Callable[[Environment], object]


def _port(environment: Environment) -> object:
    return environment.port("TRACING_UI_PORT", 8000)


def _debug(environment: Environment) -> object:
    return environment.flag("TRACING_UI_DEBUG", default=False)


def _database(environment: Environment) -> object:
    return environment.database_url("DATABASE_URL")


@pytest.mark.parametrize(
    ("name", "value", "read", "sentence"),
    [
        (
            "TRACING_UI_PORT",
            "web",
            _port,
            "TRACING_UI_PORT is 'web'; expected a whole number from 1",
        ),
        ("TRACING_UI_PORT", "65536", _port, "TRACING_UI_PORT is '65536'; expected a whole number"),
        ("TRACING_UI_PORT", "-1", _port, "TRACING_UI_PORT is '-1'; expected a whole number"),
        ("TRACING_UI_PORT", "٣", _port, "TRACING_UI_PORT is '٣'; expected a whole number"),
        (
            "TRACING_UI_DEBUG",
            "maybe",
            _debug,
            "TRACING_UI_DEBUG is 'maybe'; expected one of 1, true",
        ),
        ("DATABASE_URL", "mysql://here", _database, "DATABASE_URL is no PostgreSQL address"),
        (
            "TRACING_UI_PORT_FILE",
            "/no/such/file",
            _port,
            "TRACING_UI_PORT_FILE is '/no/such/file'",
        ),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, read: Read, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        read(Environment({name: value}))


def test_an_unset_or_empty_variable_means_the_default() -> None:
    assert _port(Environment({})) == 8000
    assert _port(Environment({"TRACING_UI_PORT": ""})) == 8000


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("9000\n")
    assert _port(Environment({"TRACING_UI_PORT_FILE": str(tmp_path / "port")})) == 9000


def test_a_misspelt_setting_is_refused() -> None:
    environment = Environment({"TRACING_UI_PROT": "8000"})
    _port(environment)
    with pytest.raises(ImproperlyConfigured, match="TRACING_UI_PROT is not a setting"):
        environment.check_known_names()


def test_without_an_address_the_embedded_server_is_used() -> None:
    assert Environment({}).database(None, pool_max=4)["ENGINE"] == "tracing_ui.embedded_postgres"


def test_an_address_is_taken_apart_and_its_options_are_kept() -> None:
    url = "postgresql://me:secret@db.example:5433/traces?sslmode=require"
    found = Environment({}).database(url, pool_max=4)
    named = {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert named == {
        "NAME": "traces",
        "USER": "me",
        "PASSWORD": "secret",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Environment({}).secret_key("SECRET_KEY", kept_in=tmp_path / "data")
    assert first == Environment({}).secret_key("SECRET_KEY", kept_in=tmp_path / "data")
    assert (tmp_path / "data/secret-key").stat().st_mode & 0o777 == 0o600
    assert len(first) >= 50
