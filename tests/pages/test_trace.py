import gzip
import json

import pytest
import zstandard
from django.test import Client

from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, make_span, request_of, store
from tracing_ui.staticfiles import collect_when_changed

pytestmark = pytest.mark.django_db(transaction=True)
START_NS = 1_795_393_953_123_456_789


@pytest.fixture(scope="module", autouse=True)
def static_files():
    collect_when_changed()


@pytest.fixture
def stored():
    """Trace id and span ids of a root with one child, stored."""
    trace_id, root, child = fresh_trace_id(), fresh_span_id(), fresh_span_id()
    spans = [
        make_span(trace_id=trace_id, span_id=root, name="POST /checkout", start_ns=START_NS, duration_ns=900),
        make_span(
            trace_id=trace_id, span_id=child, parent_id=root, name="charge", start_ns=START_NS + 100,
            duration_ns=300, status=2, message="card declined", attributes={"fraud.provider": "acme"},
        ),
    ]  # fmt: skip
    store(request_of(*spans, service=fresh_service()))
    return trace_id, root, child


def skeleton_of(client, trace_id, accept="gzip"):
    response = client.get(
        f"/trace/{trace_id}/skeleton.json", headers={"Accept-Encoding": accept}, follow=True
    )
    assert response.status_code == 200
    return response


def test_skeleton_holds_every_span_as_offsets(stored):
    response = skeleton_of(Client(), stored[0])
    skeleton = json.loads(gzip.decompress(response.content))
    assert (skeleton["n"], skeleton["t0"]) == (2, str(START_NS))
    assert (skeleton["start"], skeleton["duration"]) == ([0, 100], [900, 300])
    assert (skeleton["parent"], skeleton["errors"]) == ([0, 1], [1])


def test_skeleton_is_kept_for_good_under_its_rev(stored):
    response = skeleton_of(Client(), stored[0], accept="zstd, gzip")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["Vary"] == "Accept-Encoding"
    assert json.loads(zstandard.ZstdDecompressor().decompress(response.content))["v"] == 1


def test_stale_rev_leads_to_the_current_one(stored):
    trace_id = stored[0]
    before = skeleton_of(Client(), trace_id).request["QUERY_STRING"]
    store(request_of(make_span(trace_id=trace_id)))
    response = Client().get(f"/trace/{trace_id}/skeleton.json?{before}")
    assert response.status_code == 302
    assert before not in response["Location"]


def test_rev_stays_while_nothing_arrives(stored):
    queries = {skeleton_of(Client(), stored[0]).request["QUERY_STRING"] for _ in range(2)}
    assert len(queries) == 1


@pytest.mark.parametrize(
    "spell", [str.upper, lambda trace_id: trace_id.lstrip("0")], ids=["upper case", "short"]
)
def test_other_spellings_of_the_id_lead_to_the_page(spell):
    trace_id = "0" * 16 + fresh_span_id()
    store(request_of(make_span(trace_id=trace_id)))
    response = Client().get(f"/trace/{spell(trace_id)}?span=1")
    assert response["Location"] == f"/trace/{trace_id}?span=1"


@pytest.mark.parametrize("trace_id", [fresh_trace_id(), "no-id-at-all", "0" * 32])
def test_unknown_trace_is_said_in_a_sentence(trace_id):
    response = Client().get(f"/trace/{trace_id}")
    assert response.status_code == 404
    assert "This trace is not stored" in response.content.decode()


def test_page_of_a_64_bit_id_that_is_stored_with_128_bits_names_the_other(stored):
    response = Client().get(f"/trace/{'0' * 16}{stored[0][16:]}")
    assert response.status_code == 404
    assert stored[0] in response.content.decode()


def test_page_shows_the_spans_as_a_table(stored):
    html = Client().get(f"/trace/{stored[0]}").content.decode()
    assert "POST /checkout" in html
    assert f"/trace/{stored[0]}?span={stored[2]}" in html


def test_span_in_the_address_is_shown_in_the_page(stored):
    html = Client().get(f"/trace/{stored[0]}?span={stored[2]}").content.decode()
    assert f'data-span-id="{stored[2]}"' in html
    assert "card declined" in html


def test_row_of_a_span_is_its_place_in_the_skeleton(stored):
    trace_id, _, child = stored
    assert Client().get(f"/trace/{trace_id}/row?span={child}").json() == {"row": 1}
    assert Client().get(f"/trace/{trace_id}/row?span={fresh_span_id()}").status_code == 404


def test_drawer_shows_attributes_error_and_exact_times(stored):
    skeleton = json.loads(gzip.decompress(skeleton_of(Client(), stored[0]).content))
    place = f"{skeleton['chunks'][skeleton['chunk'][1]]}/{skeleton['place'][1]}"
    html = Client().get(f"/trace/{stored[0]}/span/{place}").content.decode()
    assert "fraud.provider" in html
    assert "card declined" in html
    assert "2026-11-23T00:32:33.123456889Z" in html


def test_drawer_of_another_trace_s_span_is_not_given(stored):
    skeleton = json.loads(gzip.decompress(skeleton_of(Client(), stored[0]).content))
    other = fresh_trace_id()
    store(request_of(make_span(trace_id=other)))
    assert Client().get(f"/trace/{other}/span/{skeleton['chunks'][0]}/0").status_code == 404


def test_table_goes_on_after_200_rows():
    trace_id = fresh_trace_id()
    store(
        request_of(*[make_span(trace_id=trace_id, name=f"n{i}", start_ns=START_NS + i) for i in range(250)])
    )
    html = Client().get(f"/trace/{trace_id}/table?after=200").content.decode()
    assert "n200" in html
    assert "n199" not in html
    assert "201 – 250 of 250" in html


def test_offsets_of_events_count_from_their_span():
    span = make_span(start_ns=START_NS)
    span.events.add(name="late", time_unix_nano=START_NS + 70)
    span.events.add(name="early", time_unix_nano=START_NS - 5)
    store(request_of(span))
    response = Client().get(f"/trace/{span.trace_id.hex()}/events.json", follow=True)
    assert json.loads(response.content)["offsets"] == [[-5, 70]]
