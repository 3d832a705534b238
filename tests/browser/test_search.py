import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, make_span, request_of, store

MS = 10**6


@pytest.fixture
def shop(transactional_db):
    """A service with three traces: 900 ms with an error, 300 ms, 20 ms; newest first."""
    service = fresh_service("shop")
    for place, (name, duration_ms, status) in enumerate(
        [("POST /pay", 900, 2), ("POST /checkout", 300, 0), ("GET /cart", 20, 0)]
    ):
        span = make_span(
            trace_id=fresh_trace_id(), span_id=fresh_span_id(), name=name, status=status,
            start_ns=time.time_ns() - (place + 2) * 10**9, duration_ns=duration_ms * MS,
        )  # fmt: skip
        store(request_of(span, service=service))
    return service


def rows(page: Page):
    return page.get_by_role("table", name="Traces").get_by_role("row").filter(has=page.get_by_role("link"))


def query(page: Page):
    return page.get_by_role("textbox", name="Query", exact=True)


def ask(page: Page, text: str):
    query(page).fill(text)
    query(page).press("Enter")


def test_a_typed_query_finds_traces_without_loading_the_page_again(page, shop):
    page.goto("/search")
    page.evaluate("document.body.dataset.same = 'yes'")
    ask(page, f"service={shop} AND duration>200ms")
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"q=service%3Dshop-.*duration%3E200ms"))
    assert page.evaluate("document.body.dataset.same") == "yes"


def test_a_control_writes_into_the_query_and_the_address(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    page.get_by_role("textbox", name="Shortest duration").fill("200ms")
    page.get_by_role("textbox", name="Shortest duration").press("Enter")
    expect(query(page)).to_have_value(re.compile(rf"service={shop} AND duration>=?200ms"))
    expect(rows(page)).to_have_count(2)
    page.get_by_role("radio", name="Error").check(force=True)
    expect(query(page)).to_have_value(re.compile("status=error"))
    expect(rows(page)).to_have_count(1)
    page.reload()
    expect(rows(page)).to_have_count(1)


def test_choosing_a_service_narrows_the_list(page, shop):
    page.goto("/search")
    page.get_by_role("combobox", name="Service").select_option(shop)
    expect(query(page)).to_have_value(re.compile(f"service=.?{shop}"))
    expect(rows(page)).to_have_count(3)


def test_back_returns_to_the_list_before(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    ask(page, f"service={shop} AND duration>500ms")
    expect(rows(page)).to_have_count(1)
    page.go_back()
    expect(rows(page)).to_have_count(3)
    expect(query(page)).to_have_value(f"service={shop}")
    page.go_forward()
    expect(rows(page)).to_have_count(1)


def test_a_wrong_query_is_marked_and_the_list_stays(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    ask(page, f"service={shop} AND duration>200mss")
    expect(page.get_by_role("alert")).to_contain_text("200mss")
    expect(page.get_by_text("of the query before")).to_be_visible()
    expect(page.locator("[data-token=wrong]")).to_have_text("200mss")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name="Use 200ms").click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_search_without_results_says_why_and_draws_no_chart(page, shop):
    with page.expect_response(re.compile("/search/chart")):
        page.goto(f"/search?q=service%3D{shop}%20AND%20duration%3E1h")
    expect(page.get_by_role("heading", name="No trace matches")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(0)


def test_keys_move_through_the_rows_and_open_one(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    expect(rows(page)).to_have_count(3)
    page.locator("#search-results[data-ready]").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("row", selected=True)).to_contain_text("POST /checkout")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/trace/[0-9a-f]{32}"))


def test_a_click_anywhere_on_a_row_opens_its_trace(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    page.locator("#search-results[data-ready]").wait_for()
    rows(page).first.get_by_text("900").first.click()
    expect(page).to_have_url(re.compile(r"/trace/[0-9a-f]{32}$"))


def test_slowest_first_is_chosen_from_the_menu(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    page.get_by_role("button", name="Newest first").click()
    page.get_by_role("menuitemradio", name="Slowest first").click()
    expect(page).to_have_url(re.compile("order=slowest"))
    expect(rows(page).first).to_contain_text("POST /pay")
    expect(page.get_by_role("button", name="Slowest first")).to_be_visible()


def test_a_window_is_picked_and_read_back(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    page.get_by_role("button", name="All that is stored").first.click()
    page.get_by_role("button", name="Last hour").click()
    expect(page).to_have_url(re.compile("last=1h"))
    expect(page.get_by_role("button", name="Last hour").first).to_be_visible()
    expect(rows(page)).to_have_count(3)


def test_local_times_travel_as_utc(open_page, shop):
    page = open_page(timezone_id="Asia/Tokyo")
    page.goto(f"/search?q=service%3D{shop}")
    page.get_by_role("button", name="All that is stored").first.click()
    page.get_by_role("button", name="Local").click()
    page.get_by_role("textbox", name="From").fill("2026-01-02 09:00:00")
    page.get_by_role("button", name="Use this window").click()
    expect(page).to_have_url(re.compile(r"start=2026-01-02T00%3A00%3A00Z"))


def test_the_scatter_shows_the_traces_and_a_point_opens_its_trace(page, shop):
    page.goto(f"/search?q=service%3D{shop}")
    expect(page.locator("#chart[data-state=drawn]")).to_be_visible()
    points = page.locator("#chart .point")
    expect(points).to_have_count(3)
    box = points.nth(2).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#chart [data-hover]")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"/trace/[0-9a-f]{32}$"))


def test_the_theme_is_kept_over_pages(page, shop):
    page.goto("/search")
    page.get_by_role("button", name="Switch theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_help_lists_the_keys_of_the_page(page, shop):
    page.goto("/search")
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_role("dialog")).to_contain_text("open beside")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_on_a_telephone_the_page_never_scrolls_sideways(open_page, shop):
    page = open_page(width_px=390, height_px=844)
    page.goto(f"/search?q=service%3D{shop}")
    expect(rows(page)).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_without_javascript_the_form_finds_traces(open_page, shop):
    page = open_page(java_script_enabled=False)
    page.goto("/search")
    query(page).fill(f"service={shop} AND duration>200ms")
    page.get_by_role("button", name="Find traces").click()
    expect(rows(page)).to_have_count(2)
