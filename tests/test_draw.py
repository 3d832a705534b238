"""The pictures that other tests draw their traces with."""

from tests.draw import START_NS, draw_trace, requests_of, without

PICTURE = """
    shop   GET /cart     |---------|
      cart load items      |--!|
      db   SELECT                |-|
"""


def test_a_picture_gives_services_names_times_parents_and_errors():
    shop, cart, db = draw_trace(PICTURE)
    assert [one.service for one in (shop, cart, db)] == ["shop", "cart", "db"]
    assert [one.span.name for one in (shop, cart, db)] == ["GET /cart", "load items", "SELECT"]
    assert {one.span.parent_span_id for one in (cart, db)} == {shop.span.span_id}
    assert (cart.span.start_time_unix_nano, cart.span.end_time_unix_nano) == (
        START_NS + 2 * 10**6,
        START_NS + 6 * 10**6,
    )
    assert [one.span.status.code for one in (shop, cart, db)] == [0, 2, 0]


def test_a_span_can_be_left_out():
    assert [one.service for one in without(draw_trace(PICTURE), "load items")] == ["shop", "db"]


def test_every_service_sends_its_own_request():
    assert len(requests_of(draw_trace(PICTURE))) == 3
