"""The README's story, from the command to the answer: a slow checkout, and why."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT, free_port
from tests.ops.embedded import wait_until
from tests.ops.serving import Serving

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ANSWER_SECONDS_MAX = 60  # from the command to the answer, the installation apart
NAMES = ("TRACING_UI_PORT", "TRACING_UI_OTLP_HTTP_PORT", "TRACING_UI_OTLP_GRPC_PORT")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of its own, open to the account that Postgres runs under."""
    made = Path(tempfile.mkdtemp(prefix="tracing-ui-demo-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def demo(folder: Path) -> Iterator[Serving]:
    """`manage.py demo` on an empty machine, with free ports."""
    ports = (free_port(), free_port(), free_port())
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {name: str(port) for name, port in zip(NAMES, ports, strict=True)}
    environ |= {"TRACING_UI_DATA_DIR": str(folder / "data")}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environ, stdout=output, stderr=output
        )
    serving = Serving(process, folder / "output", ports)
    yield serving
    assert serving.stop() == 0, serving.output


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[[str], Page]]:
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    yield lambda url: open_at(context.new_page(), url)
    context.close()


def open_at(page: Page, url: str) -> Page:
    page.goto(url)
    return page


def test_within_a_minute_a_slow_checkout_is_found_and_explained(
    demo: Serving, open_browser: Callable[[str], Page]
) -> None:
    started_s = time.monotonic()
    demo.wait_until_ready()
    page = open_browser(f"{demo.url}/search?q=service%3Dcheckout+AND+duration%3E200ms")
    rows = page.get_by_role("table", name="Traces").get_by_role("row").filter(has=page.get_by_role("link"))

    def has_rows() -> bool:
        page.reload()
        return rows.count() > 0

    wait_until(has_rows)
    rows.first.get_by_role("link").first.click()
    page.get_by_role("button", name=re.compile("fraud-check POST")).click()
    panel = page.get_by_role("complementary", name=re.compile("Span"))
    expect(panel.get_by_text("fraud.provider", exact=True).first).to_be_visible()
    expect(panel.get_by_text("acme-fraud-api", exact=True).first).to_be_visible()
    assert time.monotonic() - started_s < ANSWER_SECONDS_MAX
