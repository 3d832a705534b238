"""Stored bytes read back whole, with the stock OTLP classes as the oracle."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from spans.formats.otlp_decode import UNREADABLE, decode_attribute, decode_resource, decode_scope, decode_span
from spans.formats.otlp_lite import length_delimited
from spans.otel.attributes import KeyValueList
from spans.otel.resource import NO_RESOURCE, NO_SCOPE
from spans.otel.span import Repair, SpanKind, StatusCode
from tests.builders import any_value, key_values, make_span

scalars = st.none() | st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.binary()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def expected(value):
    if isinstance(value, list):
        return tuple(map(expected, value))
    if isinstance(value, dict):
        return KeyValueList((key, expected(item)) for key, item in value.items())
    return value


def decode(raw: bytes):
    return decode_span(raw, NO_RESOURCE, NO_SCOPE, start_ns=1, duration_ns=2)


@given(st.text(), values)
def test_attributes_come_back_as_they_were_sent(key, value):
    raw = KeyValue(key=key, value=any_value(value)).SerializeToString()
    assert repr(decode_attribute(raw)) == repr((key, expected(value)))  # repr: NaN is not equal to itself


def test_every_field_of_a_span_comes_back():
    span = make_span(
        trace_id="ab" * 16, span_id="cd" * 8, parent_id="ef" * 8, name="GET /", kind=3, status=2,
        message="no", attributes={"a": 1}, trace_state="x=1", flags=0x101, dropped_attributes_count=1,
        dropped_events_count=2,
        dropped_links_count=3,
    )  # fmt: skip
    span.events.add(
        name="e", time_unix_nano=2**63, attributes=key_values({"b": 2}), dropped_attributes_count=4
    )
    span.links.add(
        trace_id=b"t" * 16, span_id=b"s" * 8, trace_state="y=2", attributes=key_values({"c": 3}), flags=7,
        dropped_attributes_count=5,
    )  # fmt: skip
    found = decode(span.SerializeToString())
    assert (found.trace_id, found.span_id, found.parent_span_id) == ("ab" * 16, "cd" * 8, "ef" * 8)
    assert (found.name, found.kind, found.start_ns, found.end_ns) == ("GET /", SpanKind.CLIENT, 1, 3)
    assert (found.status.code, found.status.message) == (StatusCode.ERROR, "no")
    assert (found.attributes, found.trace_state, found.flags) == ((("a", 1),), "x=1", 0x101)
    counts = (found.dropped_attributes_count, found.dropped_events_count, found.dropped_links_count)
    assert counts == (1, 2, 3)
    (event,), (link,) = found.events, found.links
    assert (event.name, event.time_ns, event.attributes) == ("e", 2**63, (("b", 2),))
    assert event.dropped_attributes_count == 4
    assert (link.trace_id, link.span_id, link.trace_state) == ((b"t" * 16).hex(), (b"s" * 8).hex(), "y=2")
    assert (link.attributes, link.flags, link.dropped_attributes_count) == ((("c", 3),), 7, 5)


def test_a_root_has_no_parent():
    assert decode(make_span(parent_id="00" * 8).SerializeToString()).parent_span_id == ""


def test_unknown_kind_and_status_are_unspecified_and_unset():
    found = decode(Span(kind=9, status={"code": 7}).SerializeToString())
    assert (found.kind, found.status.code) == (SpanKind.UNSPECIFIED, StatusCode.UNSET)


def test_repairs_are_carried_through():
    found = decode_span(b"", NO_RESOURCE, NO_SCOPE, start_ns=1, duration_ns=0, repairs=Repair.NO_DURATION)
    assert found.repairs == Repair.NO_DURATION


def test_resource_and_scope_come_back_without_their_spans():
    in_resource = ResourceSpans(schema_url="r")
    in_resource.resource.attributes.extend(key_values({"service.name": "shop"}))
    in_resource.resource.dropped_attributes_count = 1
    in_scope = ScopeSpans(schema_url="s", scope={"name": "n", "version": "v", "dropped_attributes_count": 2})
    in_scope.scope.attributes.extend(key_values({"k": [1]}))
    resource, scope = (
        decode_resource(in_resource.SerializeToString()),
        decode_scope(in_scope.SerializeToString()),
    )
    assert (resource.service, resource.dropped_attributes_count, resource.schema_url) == ("shop", 1, "r")
    assert (scope.name, scope.version, scope.attributes) == ("n", "v", (("k", (1,)),))
    assert (scope.dropped_attributes_count, scope.schema_url) == (2, "s")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_raise(raw):
    decode(raw), decode_resource(raw), decode_scope(raw), decode_attribute(raw)


def test_text_that_is_not_utf8_is_replaced_and_the_rest_is_read():
    raw = length_delimited(5, b"caf\xe9") + make_span(name="", attributes={"a": 1}).SerializeToString()
    found = decode(raw)
    assert (found.name, found.attributes) == ("caf\ufffd", (("a", 1),))


def test_an_attribute_that_is_broken_becomes_a_note():
    raw = make_span(attributes={"a": 1}).SerializeToString() + length_delimited(9, b"\xff")
    assert decode(raw).attributes == (("a", 1), (UNREADABLE, b"\xff"))


@pytest.mark.parametrize("depth", [10, 200, 5_000])
def test_deeply_nested_values_are_read_up_to_a_depth(depth):
    inner = AnyValue(int_value=1).SerializeToString()
    for _ in range(depth):
        inner = length_delimited(5, length_delimited(1, inner))
    key, value = decode_attribute(length_delimited(1, b"k") + length_delimited(2, inner))
    assert key == "k"
    assert isinstance(value, tuple)


def test_not_a_number_stays_one():
    raw = KeyValue(key="k", value=any_value(math.nan)).SerializeToString()
    assert math.isnan(decode_attribute(raw)[1])
