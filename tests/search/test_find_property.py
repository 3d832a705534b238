"""What the search finds against looking at every span."""

import random

import pytest

from spans.otel.clock import TimeWindow
from spans.search.find import Order, Search, find_traces
from spans.search.parse import parse
from tests.search.population import STEP_NS, Population, conditions

pytestmark = pytest.mark.django_db(transaction=True)
QUERIES, PAGES_MAX = 25, 100


@pytest.fixture(scope="module")
def population(django_db_setup: None, django_db_blocker: object) -> Population:
    with django_db_blocker.unblock():
        return Population(seed=7).store(traces=30, flushes=25)


def pages(text: str, window: TimeWindow, order: Order, *, limit: int) -> list[tuple[str, str, int]]:
    found, cursor = [], None
    for _ in range(PAGES_MAX):
        page = find_traces(Search(text, window, order, limit, cursor, budget_ms=60_000))
        assert len(page.traces) == limit or page.next_cursor is None
        found += [(one.trace_id, one.matched.span_id, one.matches) for one in page.traces]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("number", range(QUERIES))
def test_pages_are_what_looking_at_every_span_finds(population: Population, order: Order, number: int):
    draw = random.Random(f"{number} {order}")
    text = conditions(draw, population.services)
    window = population.window
    if draw.random() < 0.5:
        window = TimeWindow(window.from_ns + 40 * STEP_NS, window.from_ns + 150 * STEP_NS)
    expected = population.expected(parse(text).selector, order, window)
    assert pages(text, window, order, limit=draw.choice((4, 9, 100))) == expected, text


@pytest.mark.parametrize("order", list(Order))
def test_everything_is_found_when_nothing_is_asked(population: Population, order: Order):
    expected = population.expected(parse("").selector, order, population.window)
    assert pages("", population.window, order, limit=9) == expected


@pytest.mark.parametrize("order", list(Order))
def test_the_total_is_the_number_of_traces(population: Population, order: Order):
    text = f"service={population.services[0]}"
    found = find_traces(Search(text, None, order, 2, budget_ms=60_000))
    # Twins, which share half of their id, count as one until both were looked at.
    expected = population.expected(parse(text).selector, order, population.window)
    assert found.total.is_exact
    assert len({one[0][16:] for one in expected}) <= found.total.count <= len(expected)
