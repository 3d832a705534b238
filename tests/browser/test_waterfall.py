import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.builders import fresh_trace_id, make_span, request_of, store

MS = 10**6
STATIC = Path(__file__).resolve().parents[2] / "static"
MODULES = Path(__file__).resolve().parents[2] / "templates/trace/_modules.html"


class Drawn:
    """A trace of 12 spans in the store: a shop with a failing payment and a loop of eight queries."""

    def __init__(self) -> None:
        self.trace_id = fresh_trace_id()
        self.start_ns = time.time_ns() - 60 * 10**9
        self.ids: dict[str, str] = {}
        web = [self.span("GET /checkout", "", 0, 1000)]
        shop = [
            self.span("POST /orders", "GET /checkout", 100, 800),
            self.span("price", "POST /orders", 110, 50),
        ]
        pay = [self.span("charge card", "POST /orders", 200, 300, status=2, message="card declined")]
        loop = [
            self.span(f"q{at}", "POST /orders", 520 + at * 40, 30, name="SELECT stock") for at in range(8)
        ]
        for service, spans in {"web": web, "shop": shop, "pay": pay, "db": loop}.items():
            store(request_of(*spans, service=service))

    def span(self, key: str, parent: str, at_ms: int, duration_ms: int, **changes):
        changes = {"name": key, **changes}
        made = make_span(
            trace_id=self.trace_id, parent_id=self.ids.get(parent, ""), start_ns=self.start_ns + at_ms * MS,
            duration_ns=duration_ms * MS, attributes={"order.id": key}, **changes,
        )  # fmt: skip
        self.ids[key] = made.span_id.hex()
        return made

    def address(self, query: str = "") -> str:
        return f"/trace/{self.trace_id}{query}"


@pytest.fixture
def trace(transactional_db):
    return Drawn()


def row(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("treegrid").get_by_role("row").filter(has_text=name)


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Span details")


def open_trace(page: Page, trace: Drawn, query: str = "") -> None:
    page.goto(trace.address(query))
    expect(row(page, "GET /checkout")).to_be_visible()


def test_all_spans_stand_in_a_tree_and_equal_siblings_in_one_row(page, trace):
    open_trace(page, trace)
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(5)
    expect(row(page, "POST /orders")).to_have_attribute("aria-level", "2")
    expect(row(page, "SELECT stock")).to_contain_text("8 × 30.0")
    row(page, "SELECT stock").click()
    expect(row(page, "SELECT stock")).to_have_count(9)


def test_a_click_opens_the_details_and_the_link_opens_the_same_view(page, open_page, trace):
    open_trace(page, trace)
    row(page, "charge card").click()
    expect(panel(page)).to_contain_text("card declined")
    expect(page).to_have_url(re.compile(f"span={trace.ids['charge card']}"))
    other = open_page()
    other.goto(page.url)
    expect(panel(other)).to_contain_text("card declined")
    expect(row(other, "charge card")).to_have_attribute("aria-selected", "true")


def test_back_returns_to_the_span_before_and_then_to_none(page, trace):
    open_trace(page, trace)
    row(page, "charge card").click()
    expect(page).to_have_url(re.compile(trace.ids["charge card"]))
    row(page, "price").click()
    expect(page).to_have_url(re.compile(trace.ids["price"]))
    page.go_back()
    expect(panel(page)).to_contain_text("charge card")
    page.go_back()
    expect(panel(page)).to_be_hidden()


def test_arrows_move_fold_and_unfold_and_enter_opens(page, trace):
    open_trace(page, trace)
    page.get_by_role("treegrid").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(2)
    expect(row(page, "POST /orders")).to_have_attribute("aria-expanded", "false")
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(panel(page).get_by_role("heading", name="price")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()


def test_j_and_enter_open_a_span_without_a_click_or_a_tab(page, trace):
    open_trace(page, trace)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("POST /orders")


def test_the_active_row_is_named_to_assistive_technology(page, trace):
    open_trace(page, trace)
    page.get_by_role("treegrid").focus()
    page.keyboard.press("End")
    active = page.get_by_role("treegrid").get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_contain_text("SELECT stock")


def test_e_goes_to_the_next_error(page, trace):
    open_trace(page, trace)
    page.keyboard.press("e")
    page.get_by_role("treegrid").focus()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading", name="charge card")).to_be_visible()


def test_find_counts_matches_and_shows_only_them(page, trace):
    open_trace(page, trace)
    page.keyboard.press("/")
    page.keyboard.type("card")
    expect(page.get_by_text("1 / 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Matches only").click()
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(3)
    expect(page).to_have_url(re.compile("find=card.*only=matches"))
    page.reload()
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(3)


def test_errors_only_leaves_the_failing_span_and_what_is_above_it(page, trace):
    open_trace(page, trace)
    page.get_by_role("button", name="Errors 1").click()
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(3)
    expect(row(page, "price")).to_have_count(0)


def test_zoom_is_told_and_kept_in_the_address_and_can_be_reset(page, trace):
    open_trace(page, trace)
    page.keyboard.press("w")
    reset = page.get_by_role("button", name="Reset zoom")
    expect(reset).to_be_visible()
    expect(page).to_have_url(re.compile(r"from=\d+&to=\d+"))
    page.reload()
    reset.click()
    expect(reset).to_be_hidden()
    expect(page).not_to_have_url(re.compile("from="))


def test_folding_survives_a_reload(page, trace):
    open_trace(page, trace)
    page.get_by_role("button", name="Collapse").click()
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile("collapsed="))
    page.reload()
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(2)


def test_the_critical_path_is_switched_by_key_and_button(page, trace):
    open_trace(page, trace)
    page.keyboard.press("c")
    button = page.get_by_role("button", name="Critical path", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("critical=1"))
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_the_legend_finds_the_spans_of_a_service(page, trace):
    open_trace(page, trace)
    page.get_by_role("button", name=re.compile(r"^pay \d")).click()
    expect(page.get_by_role("textbox", name="Find in trace")).to_have_value("pay")
    expect(page.get_by_text("1 / 1", exact=True)).to_be_visible()


def test_a_drag_on_the_minimap_zooms(page, trace):
    open_trace(page, trace)
    box = page.locator(".minimap-box").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    expect(page).to_have_url(re.compile(r"from=19\d{7}|from=20\d{7}"))


def test_a_failed_fetch_says_so_and_can_be_tried_again(page, trace):
    page.route("**/skeleton.json*", lambda route: route.abort())
    page.goto(trace.address())
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    page.unroute("**/skeleton.json*")
    page.get_by_role("button", name="Try again").click()
    expect(row(page, "GET /checkout")).to_be_visible()


def test_the_table_tab_opens_details_beside_it(page, trace):
    open_trace(page, trace)
    page.get_by_role("tab", name="Table").click()
    page.get_by_role("table").get_by_role("link", name="charge card").click()
    expect(panel(page)).to_contain_text("card declined")
    expect(page).to_have_url(re.compile("view=table"))
    page.reload()
    page.get_by_role("tab", name="Waterfall").click()
    expect(row(page, "charge card")).to_have_attribute("aria-selected", "true")


def test_without_javascript_the_spans_stand_in_a_table(open_page, trace):
    page = open_page(java_script_enabled=False)
    page.goto(trace.address())
    expect(page.get_by_role("table").get_by_role("link", name="charge card")).to_be_visible()
    expect(page.get_by_role("treegrid")).to_be_hidden()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_on_a_phone_the_page_does_not_scroll_sideways_and_details_rise(open_page, trace, color_scheme):
    page = open_page(width_px=390, height_px=844, color_scheme=color_scheme)
    open_trace(page, trace)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row(page, "charge card").click()
    expect(panel(page)).to_contain_text("card declined")
    assert panel(page).bounding_box()["y"] > 300


def test_a_name_with_markup_is_only_text(page, transactional_db):
    trace = Drawn()
    store(request_of(trace.span("<img src=x onerror=alert(1)>", "GET /checkout", 950, 10), service="web"))
    open_trace(page, trace)
    expect(row(page, "<img src=x")).to_be_visible()
    assert page.get_by_role("treegrid").get_by_role("img").count() == 0


def test_every_module_is_on_its_way_before_it_is_asked_for():
    told = set(re.findall(r"js/waterfall/([\w-]+\.js)", MODULES.read_text()))
    there = {path.name for path in (STATIC / "js/waterfall").glob("*.js")}
    assert told == there - {"worker.js"}
