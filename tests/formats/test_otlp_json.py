"""OTLP/JSON as senders really write it, against the stock classes."""

import base64
import json
import math

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from spans.formats.otlp import BadBatch, Rejected, parse_batch
from spans.formats.otlp_json import to_protobuf
from tests.builders import make_span, request_of
from tests.formats.test_otlp_decode import values
from tests.shared_data import needs_shared_data, shared_bytes, shared_json

IDS = {"traceId": "ab" * 16, "spanId": "cd" * 8}


def converted(document) -> tuple[ExportTraceServiceRequest, Rejected]:
    body, rejected = to_protobuf(json.dumps(document).encode())
    return ExportTraceServiceRequest.FromString(body), rejected


def span_of(**fields) -> Span:
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [{**IDS, **fields}]}]}]}
    request, rejected = converted(document)
    assert rejected.text == ""
    return request.resource_spans[0].scope_spans[0].spans[0]


def rejection_of(**fields) -> str:
    request, rejected = converted({"resourceSpans": [{"scopeSpans": [{"spans": [{**IDS, **fields}, IDS]}]}]})
    assert rejected.count == 1
    assert len(request.resource_spans[0].scope_spans[0].spans) == 1
    return rejected.text


@pytest.mark.parametrize(
    "trace_id",
    ["0aB1" * 8, "0AB1" * 8, base64.b64encode(bytes.fromhex("0ab1" * 8)).decode()],
    ids=["mixed case", "upper case", "base64"],
)
def test_a_trace_id_is_hex_of_any_case_or_base64(trace_id):
    assert span_of(traceId=trace_id).trace_id == bytes.fromhex("0ab1" * 8)


def test_a_span_id_in_base64_is_read():
    assert span_of(spanId="gMESAMlL4Rc8"[:11] + "=").span_id == base64.b64decode("gMESAMlL4Rc=")


def test_an_id_of_another_length_is_left_to_be_rejected_by_name():
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [{**IDS, "traceId": "abcd"}, IDS]}]}]}
    batch = parse_batch(to_protobuf(json.dumps(document).encode())[0], arrival_ns=1)
    assert (batch.spans, batch.rejected) == (1, 1)
    assert "trace_id has 2 bytes instead of 16" in batch.rejected_reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"traceId": "abc"}, "traceId is 'abc'"),
        ({"traceId": 5}, "traceId is 5 instead of a string"),
        ({"startTimeUnixNano": "-1"}, "startTimeUnixNano is '-1'"),
        ({"startTimeUnixNano": "soon"}, "startTimeUnixNano is 'soon'"),
        ({"endTimeUnixNano": 2**64}, "endTimeUnixNano is 18446744073709551616"),
        ({"endTimeUnixNano": 1.5}, "endTimeUnixNano is 1.5"),
        ({"kind": "SPAN_KIND_NOTHING"}, "kind is 'SPAN_KIND_NOTHING', not one of"),
        ({"attributes": {"a": 1}}, "attributes is an object instead of an array"),
        (
            {"attributes": [{"key": "a", "value": {"intValue": str(2**63)}}]},
            "intValue is '9223372036854775808'",
        ),
        ({"attributes": [{"key": "a", "value": {"bytesValue": "#"}}]}, "bytesValue is '#' instead of base64"),
        ({"name": 7}, "name is 7 instead of a string"),
    ],
)
def test_a_span_that_cannot_be_carried_over_is_named_and_the_rest_goes_on(fields, reason):
    assert reason in rejection_of(**fields)


@pytest.mark.parametrize("value", [1_790_000_000_123_456_789, "1790000000123456789", " 1790000000123456789"])
def test_nanoseconds_are_exact_as_number_and_as_string(value):
    assert span_of(startTimeUnixNano=value).start_time_unix_nano == 1_790_000_000_123_456_789


@pytest.mark.parametrize("kind", [2, "2", "SPAN_KIND_SERVER", "SERVER", "server"])
def test_kinds_are_numbers_or_names(kind):
    assert span_of(kind=kind).kind == 2


@pytest.mark.parametrize("code", [2, "STATUS_CODE_ERROR", "ERROR", "Error"])
def test_status_codes_are_numbers_or_names(code):
    assert span_of(status={"code": code, "message": "no"}).status.code == 2


@pytest.mark.parametrize("value", ["NaN", math.nan])
def test_not_a_number_is_read_bare_and_as_text(value):
    span = span_of(attributes=[{"key": "a", "value": {"doubleValue": value}}])
    assert math.isnan(span.attributes[0].value.double_value)


@pytest.mark.parametrize(
    ("value", "number"), [("Infinity", math.inf), ("-Infinity", -math.inf), (3, 3.0), ("1e3", 1e3)]
)
def test_doubles_are_numbers_or_text(value, number):
    span = span_of(attributes=[{"key": "a", "value": {"doubleValue": value}}])
    assert span.attributes[0].value.double_value == number


def test_snake_case_and_unknown_fields_are_understood_and_ignored():
    span = {"trace_id": "ab" * 16, "span_id": "cd" * 8, "start_time_unix_nano": 5, "surprise": {"a": []}}
    request, _ = converted(
        {"resource_spans": [{"scope_spans": [{"spans": [span]}], "more": 1}], "other": None}
    )
    found = request.resource_spans[0].scope_spans[0].spans[0]
    assert (found.trace_id, found.start_time_unix_nano) == (bytes.fromhex("ab" * 16), 5)


def test_old_and_new_names_of_scopes_may_stand_in_one_resource():
    new = {"scope": {"name": "new"}, "spans": [IDS]}
    old = {"instrumentationLibrary": {"name": "old", "version": "1"}, "spans": [IDS]}
    request, _ = converted({"resourceSpans": [{"scopeSpans": [new], "instrumentationLibrarySpans": [old]}]})
    assert [part.scope.name for part in request.resource_spans[0].scope_spans] == ["new", "old"]


@pytest.mark.parametrize("pair", [{"key": "a"}, {"key": "a", "value": None}, {"key": "a", "value": {}}])
def test_an_attribute_without_a_value_keeps_its_key(pair):
    (attribute,) = span_of(attributes=[pair]).attributes
    assert (attribute.key, attribute.value.WhichOneof("value")) == ("a", None)


def test_a_lone_surrogate_becomes_a_replacement_character():
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a\\ud800b"}]}]}]}'
    request = ExportTraceServiceRequest.FromString(to_protobuf(body)[0])
    assert request.resource_spans[0].scope_spans[0].spans[0].name == "a\ufffdb"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "an array instead of an object"),
        (b'"text"', "instead of an object"),
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b'{"a":"\xff"}', "not UTF-8: byte 6 is 0xff"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"resourceSpans":{}}', "resourceSpans is an object instead of an array"),
        (b'{"resourceSpans":[5]}', "resourceSpans is 5 instead of an object"),
    ],
)
def test_a_body_that_is_no_request_is_refused_whole(body, reason):
    with pytest.raises(BadBatch) as refused:
        to_protobuf(body)
    assert refused.value.status == 400
    assert reason in refused.value.reason


def test_values_nested_too_deeply_reject_their_span():
    value: dict = {"intValue": 1}
    for _ in range(100):
        value = {"arrayValue": {"values": [value]}}
    assert "nested deeper than 64" in rejection_of(attributes=[{"key": "a", "value": value}])


@given(st.dictionaries(st.text(), values, max_size=4), st.text())
def test_json_as_the_stock_library_writes_it_becomes_the_same_bytes(attributes, name):
    body = request_of(make_span(name=name, attributes=attributes, parent_id="ab" * 8, status=2), scope="x")
    document = MessageToDict(ExportTraceServiceRequest.FromString(body))  # ids in base64, enums by name
    assert ExportTraceServiceRequest.FromString(to_protobuf(json.dumps(document).encode())[0]) == (
        ExportTraceServiceRequest.FromString(body)
    ) or "nan" in repr(attributes)


@needs_shared_data
@pytest.mark.parametrize(
    "case", shared_json("hostile/INDEX.json") if needs_shared_data.args[0] is False else []
)
def test_hostile_requests_are_refused_or_taken_but_never_raise_else(case):
    if case["endpoint"] != "/v1/traces":
        pytest.skip("not OTLP")
    body, rejects = shared_bytes(case["file"].removeprefix("open/")), Rejected()
    is_refused = False
    try:
        if case["contentType"].startswith(("application/json", "text/plain")):
            body, rejects = to_protobuf(body)
        parse_batch(body, arrival_ns=1, rejects=rejects)
    except BadBatch as error:
        is_refused = error.status == 400 and bool(error.reason)
    name = case["file"].rpartition("/")[2][:3]
    assert is_refused == (name in {"h36", "h37", "h39", "h41", "h51", "h52"})
