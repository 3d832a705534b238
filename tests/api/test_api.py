import json
import time

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from tests.builders import fresh_service, fresh_span_id, fresh_trace_id, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)


def get(path, **query):
    return Client().get(f"/api/v1/{path}", query)


def test_services_and_operations_are_listed():
    service = fresh_service("shop/über")
    store(request_of(make_span(name="GET /cart"), make_span(name="POST /cart"), service=service))
    assert service in get("services").json()["services"]
    answer = Client().get(f"/api/v1/services/{service}/operations").json()
    assert answer == {"service": service, "operations": ["GET /cart", "POST /cart"]}


def test_trace_with_a_matching_span_is_found_once():
    service, trace_id = fresh_service(), fresh_trace_id()
    spans = [make_span(trace_id=trace_id, duration_ns=10**9, name=f"n{i}") for i in range(3)]
    store(request_of(*spans, service=service))
    answer = get("traces", q=f"service={service} AND duration>200ms").json()
    assert [trace["trace_id"] for trace in answer["traces"]] == [trace_id]
    assert answer["next_cursor"] is None
    assert answer["traces"][0]["spans"] == 3


def test_pages_follow_the_cursor_and_repeat_nothing():
    service = fresh_service()
    store(request_of(*[make_span() for _ in range(5)], service=service))
    seen, cursor = [], ""
    while cursor is not None:
        answer = get("traces", q=f"service={service}", limit=2, cursor=cursor).json()
        seen += [trace["trace_id"] for trace in answer["traces"]]
        cursor = answer["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


def test_window_is_half_open_on_the_start_of_the_span():
    service, at = fresh_service(), time.time_ns()
    store(request_of(make_span(start_ns=at), service=service))
    found = {
        (start, end): len(get("traces", q=f"service={service}", start=start, end=end).json()["traces"])
        for start, end in [(at, at + 1), (at - 1, at), (at + 1, at + 2)]
    }
    assert list(found.values()) == [1, 0, 0]


def test_start_of_a_trace_keeps_all_digits():
    service = fresh_service()
    store(request_of(make_span(start_ns=1_795_393_953_123_456_789), service=service))
    (trace,) = get("traces", q=f"service={service}").json()["traces"]
    assert trace["start_ns"] == "1795393953123456789"
    assert trace["matched"]["start_ns"] == "1795393953123456789"


def test_query_that_can_t_be_read_is_answered_with_the_column():
    response = get("traces", q="service=")
    assert response.status_code == 422
    assert set(response.json()["error"]) == {"reason", "column"}


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "many"}, {"order": "tallest"}, {"start": "yesterday"}, {"cursor": "???"},
     {"start": "2", "end": "1"}],
    ids=lambda query: ",".join(query),
)  # fmt: skip
def test_wrong_parameter_is_named(query):
    response = get("traces", **query)
    assert response.status_code == 400
    assert next(iter(query)) in response.json()["error"]["reason"]


@pytest.mark.parametrize("trace_id", [fresh_trace_id(), "nonsense"])
def test_unknown_trace_is_not_found(trace_id):
    response = get(f"traces/{trace_id}")
    assert response.status_code == 404
    assert trace_id in response.json()["error"]["reason"]


def test_trace_is_found_under_any_spelling_of_its_id():
    trace_id = "0" * 16 + fresh_span_id()
    store(request_of(make_span(trace_id=trace_id)))
    for spelling in (trace_id, trace_id.upper(), trace_id[16:]):
        answer = get(f"traces/{spelling}").json()
        assert answer["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] == trace_id


def test_only_reading_is_allowed():
    assert Client().post("/api/v1/traces").status_code == 405


def test_schema_is_valid_openapi():
    response = Client().get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    schema = json.loads(response.content)
    validate_schema(schema)
    assert set(schema["paths"]) >= {"/api/v1/services", "/api/v1/traces", "/api/v1/traces/{trace_id}"}
