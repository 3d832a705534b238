"""The test database, a real server and a real browser.

Tests share what is stored: each uses trace ids and service names of its own.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.test import Client, TransactionTestCase
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from psycopg.conninfo import make_conninfo
from pytest_django.plugin import DjangoDbBlocker

from tracing_ui.staticfiles import collect_when_changed

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS_MAX = 60
HEX_ID = re.compile(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{32}")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Emptying every table after each test would cost more than the tests, and would pull the dictionaries from
# under the caches of the writers.
TransactionTestCase._fixture_teardown = lambda self: None  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the server or a page needs the database too."""
    for item in items:
        names: set[str] = set(getattr(item, "fixturenames", ()))
        if names & {"server", "page", "open_page"} and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(transaction=True))
        if names & {"page", "open_page", "browser"}:
            item.add_marker(pytest.mark.browser)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Ids drawn at random don't name a test: each xdist worker would draw others, and they compare names."""
    is_drawn = isinstance(val, bytes) or (isinstance(val, str) and HEX_ID.fullmatch(val))
    return argname if is_drawn else None


# --- database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Adds today's partitions to pytest-django's database; no pooled connection is left to block its end."""
    with django_db_blocker.unblock():
        _make_partitions()
    yield
    with django_db_blocker.unblock():
        connection.close()
        wrapper = connections["default"]
        assert isinstance(wrapper, PostgresWrapper)
        wrapper.close_pool()


def _make_partitions() -> None:
    from spans.store import partitions
    from spans.store.database import connect

    with connect() as own:
        partitions.maintain(own, retention_days=settings.RETENTION_DAYS)


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """The test database as a DATABASE_URL for another process."""
    params = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return make_conninfo(**{name: params[name] for name in names if params.get(name)})


@pytest.fixture(scope="session")
def collected_static_files() -> None:
    """Static files under hashed names, which templates look up.

    Another worker may have collected them after this one read the names.
    """
    collect_when_changed()
    staticfiles_storage.hashed_files, staticfiles_storage.manifest_hash = staticfiles_storage.load_manifest()


@pytest.fixture
def client(collected_static_files: None, client: Client) -> Client:
    """Django's test client."""
    return client


# --- server


@dataclass(frozen=True, slots=True)
class Server:
    """`manage.py serve --web-only` on the test database."""

    url: str
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real thing: processes of their own, uvicorn, static files under hashed names, on a free port."""
    port = free_port()
    environ = {**os.environ, "DATABASE_URL": database_url, "TRACING_UI_PORT": str(port)}
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as output:
        command = [sys.executable, "manage.py", "serve", "--web-only"]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_served(url, process, log)
        yield Server(url=url, process=process)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait_until_served(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end_s = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end_s and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    process.terminate()
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")


# --- browser


def _find_browser() -> str:
    named = os.environ.get("CHROMIUM_PATH")
    for candidate in (named, *BROWSERS):
        if candidate and (path := shutil.which(candidate)):
            return path
    reason = "no Chromium: apt-get install chromium, or set CHROMIUM_PATH"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Of one module, so that Playwright's event loop is not running in tests of other rooms."""
    path = _find_browser()
    options = ["--disable-dev-shm-usage", "--disable-gpu"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """`open_page(width_px=…, height_px=…, color_scheme=…)`: a new page in a new context.

    Further keywords are Playwright's. In the end no script may have failed, nothing been refused by the CSP.
    """
    complaints: list[str] = []
    contexts = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            complaints.append(message.text)

    def open_one(*, width_px: int = 1280, height_px: int = 800, **options: Any) -> Page:
        settled = {"locale": "en-GB", "timezone_id": "UTC", "base_url": server.url, **options}
        context = browser.new_context(viewport={"width": width_px, "height": height_px}, **settled)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """One page, 1280×800, light; `page.goto("/search")` is relative to the server."""
    return open_page()
