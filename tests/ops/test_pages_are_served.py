"""What the browser gets: hashed, immutable files; nothing refused by the content security policy."""

import re
from urllib.request import urlopen

from playwright.sync_api import Page

from tests.conftest import Server


def test_a_page_opens_and_its_scripts_run(page: Page) -> None:
    page.goto("/search")
    assert page.get_by_role("main").is_visible()


def test_files_have_hashed_names_and_may_be_kept_for_ever(server: Server) -> None:
    with urlopen(f"{server.url}/search") as answer:
        html = answer.read().decode()
    script = re.search(r'src="(/static/js/app\.[0-9a-f]{12}\.js)"', html)
    assert script is not None
    with urlopen(server.url + script[1]) as answer:
        assert "immutable" in answer.headers["cache-control"]
        imports = re.findall(r'(?:from|import\()\s*"(\./[^"]+)"', answer.read().decode())
    assert imports
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imports)
