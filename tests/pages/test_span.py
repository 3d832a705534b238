import pytest
from django.test import Client

from spans.limits import VALUE_CHARACTERS_SHOWN
from spans.trace.load import load_trace
from tests.builders import fresh_span_id, fresh_trace_id, key_values, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)


def drawer_of(span, **request) -> str:
    """The drawer of a span stored just for this."""
    store(request_of(span, **request))
    trace = load_trace(span.trace_id.hex())
    response = Client().get(f"/trace/{trace.trace_id}/span/{trace.cids[0]}/{trace.place[0]}")
    assert response.status_code == 200
    return response.content.decode()


def test_resource_scope_and_status_are_shown():
    span = make_span(status=2, message="disk full")
    html = drawer_of(span, resource={"host.name": "h-17"}, scope="my.library", scope_version="4.2")
    assert all(text in html for text in ("disk full", "h-17", "my.library", "4.2"))


def test_exception_is_shown_with_its_stack_trace():
    span = make_span()
    about = {
        "exception.type": "ValueError",
        "exception.message": "no",
        "exception.stacktrace": "line 1\n  line 2",
    }
    span.events.add(name="exception", time_unix_nano=1).attributes.extend(key_values(about))
    html = drawer_of(span)
    assert ">line 1\n  line 2</pre>" in html
    assert "ValueError" in html


def test_link_opens_the_linked_span():
    span, trace_id, span_id = make_span(), fresh_trace_id(), fresh_span_id()
    span.links.add(trace_id=bytes.fromhex(trace_id), span_id=bytes.fromhex(span_id))
    assert f'href="/trace/{trace_id}?span={span_id}"' in drawer_of(span)


def test_long_value_is_cut_and_whole():
    html = drawer_of(make_span(attributes={"long": "x" * (VALUE_CHARACTERS_SHOWN + 1)}))
    assert "x" * VALUE_CHARACTERS_SHOWN + "…" in html
    assert "show all 4,001 characters" in html


def test_ten_thousand_attributes_are_all_there():
    html = drawer_of(make_span(attributes={f"key-{i}": i for i in range(10_000)}))
    assert html.count('title="key-') == 10_000
    assert "Show 9,800 more" in html


def test_markup_and_bidi_controls_are_inert():
    html = drawer_of(make_span(name="<b>a</b>\u202egpj.exe", attributes={"<i>": "<script>"}))
    assert "<script>" not in html
    assert "<b>a</b>" not in html
    assert "·gpj.exe" in html


def test_span_whose_text_is_not_utf8_is_shown_and_exported():
    span = make_span(name="name", attributes={"k": "value"})
    body = request_of(span).replace(b"value", b"va\xffue")
    store(body)
    trace = load_trace(span.trace_id.hex())
    html = Client().get(f"/trace/{trace.trace_id}/span/{trace.cids[0]}/{trace.place[0]}").content.decode()
    exported = Client().get(f"/api/v1/traces/{trace.trace_id}").json()
    assert "va\ufffdue" in html
    (attribute,) = exported["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
    assert attribute == {"key": "k", "value": {"stringValue": "va\ufffdue"}}


def test_orphan_and_repair_are_told():
    html = drawer_of(make_span(parent_id=fresh_span_id(), start_ns=100, end_ns=50))
    assert "is not stored." in html
    assert "its duration is 0" in html


@pytest.mark.parametrize("place", ["1/0", f"{2**70}/0", "1/999"])
def test_span_that_is_not_there_is_said_in_a_sentence(place):
    span = make_span()
    store(request_of(span))
    response = Client().get(f"/trace/{span.trace_id.hex()}/span/{place}")
    assert response.status_code == 404
    assert "no longer where it was" in response.content.decode()
