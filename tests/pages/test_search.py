import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)
MS = 10**6


def store_trace(service, *, duration_ms=300, name="POST /checkout", status=0, start_ns=None, child=None):
    """One root span, and a child named `child`; returns the trace id."""
    trace_id, root = fresh_trace_id(), fresh_span_id()
    times = {"start_ns": start_ns or time.time_ns() - 10**9, "duration_ns": duration_ms * MS}
    spans = [make_span(trace_id=trace_id, span_id=root, name=name, status=status, **times)]
    if child:
        spans.append(make_span(trace_id=trace_id, parent_id=root, name=child, **times))
    store(request_of(*spans, service=service))
    return trace_id


def search(htmx=False, **asked):
    headers = {"HX-Request": "true"} if htmx else {}
    return Client().get("/search", asked, headers=headers)


def text_of(response):
    return response.content.decode()


def location_of(response):
    return {key: values[0] for key, values in parse_qs(urlsplit(response["Location"]).query).items()}


def test_a_matching_trace_is_a_row_that_links_to_it():
    service = fresh_service("checkout")
    trace_id = store_trace(service, child="charge card")
    page = text_of(search(q=f"service={service} AND duration>200ms"))
    assert f'href="/trace/{trace_id}"' in page
    assert "POST /checkout" in page
    assert "300\u202fms" in page


def test_a_trace_below_the_asked_duration_is_not_listed():
    service = fresh_service()
    trace_id = store_trace(service, duration_ms=100)
    assert trace_id not in text_of(search(q=f"service={service} AND duration>200ms"))


def test_htmx_gets_the_list_alone_and_going_back_the_whole_page():
    service = fresh_service()
    store_trace(service)
    part = search(htmx=True, q=f"service={service}")
    assert "<html" not in text_of(part)
    assert "HX-Request" in part["Vary"]
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    whole = Client().get("/search", {"q": f"service={service}"}, headers=headers)
    assert "<html" in text_of(whole)


def test_the_form_writes_what_was_changed_into_the_query():
    answer = search(q="service=a", was="service=a", service="a", name="", min="200ms", max="", status="error")
    assert answer.status_code == 302
    query = location_of(answer)["q"]
    assert query.startswith("service=a AND ")
    assert "200ms" in query
    assert "status=error" in query


def test_a_query_typed_over_the_form_wins_over_controls_left_alone():
    answer = search(q="service=b", was="service=a", service="a", name="", min="", max="", status="")
    assert location_of(answer)["q"] == "service=b"


def test_the_rest_of_a_query_survives_the_form():
    asked = 'service=a AND (x=1 OR y="2 3")'
    answer = search(q=asked, was=asked, service="b", name="", min="", max="", status="")
    assert location_of(answer)["q"] == 'service=b AND (x=1 OR y="2 3")'


def test_htmx_is_told_the_address_that_holds_the_whole_state():
    answer = search(
        htmx=True, q="service=a", was="service=a", service="a", min="200ms", order="slowest", pick="1h"
    )
    asked = parse_qs(urlsplit(answer["HX-Push-Url"]).query)
    assert asked["order"] == ["slowest"]
    assert asked["last"] == ["1h"]
    assert "200ms" in asked["q"][0]


def test_from_and_to_without_a_zone_are_utc():
    where = location_of(
        search(q="", pick="exact", **{"from": "2026-11-23 10:02", "to": "2026-11-23 12:00:00.5"})
    )
    assert where == {"start": "2026-11-23T10:02:00Z", "end": "2026-11-23T12:00:00.500000000Z"}


@pytest.mark.parametrize("asked", [{"start": "yesterdayish"}, {"start": "200", "end": "100"}])
def test_a_window_that_is_none_is_told(asked):
    answer = search(**asked)
    assert answer.status_code == 422
    assert "query-error" in text_of(answer)


def test_a_window_bounds_the_list():
    service, start_ns = fresh_service(), time.time_ns() - 3 * 3600 * 10**9
    trace_id = store_trace(service, start_ns=start_ns)
    asked = f"service={service}"
    assert trace_id in text_of(search(q=asked, last="4h"))
    assert trace_id not in text_of(search(q=asked, last="1h"))
    assert trace_id in text_of(search(q=asked, start=str(start_ns), end=str(start_ns + 1)))
    assert trace_id not in text_of(search(q=asked, start=str(start_ns + 1)))


def test_a_query_that_cannot_be_read_says_where_and_offers_the_fix():
    answer = search(q="duration>200mss")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Column 10:" in page
    assert 'data-column="10"' in page
    assert "duration%3E200ms" in page


def test_to_htmx_such_a_query_changes_nothing_but_the_line_under_it():
    answer = search(htmx=True, q="duration>200mss")
    assert (answer.status_code, answer["HX-Reswap"], answer["HX-Push-Url"]) == (422, "none", "false")
    assert "search-results" not in text_of(answer)


def test_an_empty_list_offers_the_query_without_one_condition():
    service = fresh_service()
    store_trace(service)
    page = text_of(search(q=f"service={service} AND fraud.provider=nobody"))
    assert "No trace matches" in page
    assert "fraud.provider=nobody" in page
    assert f"/search?q=service%3D{service}&quot;" in page or f'/search?q=service%3D{service}"' in page
    assert "1 trace<" in page


def test_older_goes_on_where_the_page_ended():
    service = fresh_service()
    now_ns = time.time_ns()
    stored = [store_trace(service, start_ns=now_ns - place * 10**9) for place in range(41)]
    first = text_of(search(q=f"service={service}"))
    assert stored[39] in first
    assert stored[40] not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = Client().get(older).content.decode()
    assert stored[40] in second
    assert stored[39] not in second
    assert 'rel="first"' in second


def test_slowest_first_puts_the_longest_on_top():
    service = fresh_service()
    slow, quick = store_trace(service, duration_ms=900), store_trace(service, duration_ms=20)
    page = text_of(search(q=f"service={service}", order="slowest"))
    assert page.index(slow) < page.index(quick)


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("4BF92F3577B34DA6A3CE929D0E0E4736", "/trace/4bf92f3577b34da6a3ce929d0e0e4736"),
        ("a3ce929d0e0e4736", "/trace/0000000000000000a3ce929d0e0e4736"),
        (
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=00f067aa0ba902b7",
        ),
    ],
    ids=["upper case", "64 bits", "traceparent"],
)
def test_a_pasted_id_opens_its_trace(pasted, address):
    assert search(q=pasted)["Location"] == address
    assert search(htmx=True, q=pasted)["HX-Redirect"] == address


def test_the_chart_has_the_points_of_the_list():
    service = fresh_service()
    trace_id = store_trace(service, duration_ms=250, status=2)
    points = Client().get("/search/chart", {"q": f"service={service}"}).json()
    assert points["trace"] == [trace_id]
    assert points["duration_ms"] == [250]
    assert points["error"] == [1]


def test_operations_of_a_service_are_options():
    service = fresh_service()
    store_trace(service, name='GET /"quoted"')
    assert 'value="GET /&quot;quoted&quot;"' in text_of(
        Client().get("/search/operations", {"service": service})
    )


def test_names_of_spans_cannot_become_markup_or_hide_text():
    service = fresh_service()
    store_trace(service, name="<script>alert(1)</script>\u202egnp")
    page = text_of(search(q=f"service={service}"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;·gnp" in page


def test_no_page_carries_inline_code_or_styles():
    service = fresh_service()
    store_trace(service)
    for page in (text_of(search(q=f"service={service}")), text_of(search(q="duration>>"))):
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_an_address_that_is_none_of_ours_offers_the_trace_in_it():
    answer = Client().get("/traces/4bf92f3577b34da6a3ce929d0e0e4736")
    assert answer.status_code == 404
    assert 'href="/trace/4bf92f3577b34da6a3ce929d0e0e4736"' in text_of(answer)
