"""What a request becomes before it is stored."""

import pytest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from spans import limits
from spans.formats import otlp_lite
from spans.formats.otlp import BadBatch, parse_batch, request_hash
from spans.otel.span import Repair
from tests.builders import any_value, make_span, request_of

ARRIVAL_NS, T_NS = 1_795_000_000 * 10**9, 1_790_000_000 * 10**9
MAX_NS = limits.START_NS_MAX


def parse(*spans: Span, **changes):
    return parse_batch(request_of(*spans, **changes), arrival_ns=ARRIVAL_NS)


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "stored_start_ns", "duration_ns", "flags"),
    [
        pytest.param(T_NS, T_NS + 5, T_NS, 5, Repair.NONE, id="as sent"),
        pytest.param(T_NS, T_NS, T_NS, 0, Repair.NONE, id="no time at all"),
        pytest.param(0, T_NS, T_NS, 0, Repair.START_FROM_END, id="no start"),
        pytest.param(0, 0, ARRIVAL_NS, 0, Repair.START_OF_ARRIVAL | Repair.NO_DURATION, id="neither"),
        pytest.param(T_NS, T_NS - 1, T_NS, 0, Repair.NO_DURATION, id="end before start"),
        pytest.param(T_NS, 0, T_NS, 0, Repair.NO_DURATION, id="no end"),
        pytest.param(
            1_790_000_000_000, 1_790_000_000_005, 1_790_000_000_000, 5, Repair.NONE, id="milliseconds"
        ),
        pytest.param(T_NS, 2**64 - 1, T_NS, 0, Repair.NO_DURATION, id="end past int64"),
        pytest.param(T_NS, 2**63 - 1, T_NS, 2**63 - 1 - T_NS, Repair.NONE, id="end at int64"),
        pytest.param(MAX_NS, MAX_NS + 1, MAX_NS, 1, Repair.NONE, id="the last start"),
    ],
)
def test_times_are_taken_or_repaired_and_flagged(start_ns, end_ns, stored_start_ns, duration_ns, flags):
    (row,) = parse(make_span(start_ns=start_ns, end_ns=end_ns)).header
    assert (row["start_ns"], row["duration_ns"], row["flags"]) == (stored_start_ns, duration_ns, flags)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"trace_id": "ab" * 15}, "trace_id has 15 bytes instead of 16"),
        ({"trace_id": "00" * 16}, "trace_id is all zero"),
        ({"span_id": "ab" * 9}, "span_id has 9 bytes instead of 8"),
        ({"span_id": "00" * 8}, "span_id is all zero"),
        ({"parent_id": "ab" * 16}, "parent_span_id has 16 bytes instead of 8"),
        ({"start_ns": MAX_NS + 1}, "later than 2100-01-01"),
        ({"start_ns": 0, "end_ns": MAX_NS + 1}, "later than 2100-01-01"),
    ],
)
def test_a_span_that_cannot_be_stored_is_named_and_the_rest_goes_on(changes, reason):
    batch = parse(make_span(name="bad", **changes), make_span(name="good"))
    assert (batch.spans, batch.rejected, batch.names) == (1, 1, [b"good"])
    assert 'span "bad"' in batch.rejected_reason
    assert reason in batch.rejected_reason


def test_only_some_of_many_rejected_spans_are_named():
    batch = parse(*[make_span(trace_id="00" * 16) for _ in range(9)])
    assert batch.rejected == 9
    assert batch.rejected_reason.endswith("; and 6 more")


def test_a_parent_of_zeros_is_no_parent():
    (row,) = parse(make_span(parent_id="00" * 8)).header
    assert row["parent_id"] == 0


@pytest.mark.parametrize(
    ("value", "service"),
    [
        ("shop", "shop"), ("", "unknown_service"), (None, "unknown_service"), (5, "5"), (2.5, "2.5"),
        (True, "true"), ("x" * 5_000, "x" * 5_000), (["a", 1], '["a", 1]'), ("服务", "服务"),
    ],
)  # fmt: skip
def test_service_name_is_read_whatever_its_type_and_length(value, service):
    batch = parse(make_span(), service=None, resource={"a": 1, "service.name": value})
    assert batch.services == [service.encode()]


def test_without_service_name_a_service_is_unknown():
    assert parse(make_span(), service=None).services == [b"unknown_service"]


def test_service_name_is_found_when_the_value_comes_before_the_key():
    pair = otlp_lite.length_delimited(2, any_value("shop").SerializeToString()) + b"\x0a\x0cservice.name"
    resource = otlp_lite.length_delimited(1, pair)
    scope_spans = otlp_lite.length_delimited(2, make_span().SerializeToString())
    body = otlp_lite.length_delimited(1, resource) + otlp_lite.length_delimited(2, scope_spans)
    batch = parse_batch(otlp_lite.length_delimited(1, body), arrival_ns=ARRIVAL_NS)
    assert batch.services == [b"shop"]


def test_unknown_kinds_and_status_codes_become_unspecified_and_unset():
    batch = parse(make_span(kind=17), make_span(kind=-1), make_span(status=3))
    assert [(row["kind"], row["status"]) for row in batch.header] == [(0, 0), (0, 0), (2, 0)]


@pytest.mark.parametrize(
    "body", [b"\xff\xff", b"\x0a\xff\xff\xff\xff\x07", b'{"resourceSpans":[]}', b"\x0a\x05abc"]
)
def test_bytes_that_are_no_request_are_refused_whole(body):
    with pytest.raises(BadBatch) as refused:
        parse_batch(body, arrival_ns=ARRIVAL_NS)
    assert refused.value.status == 400


def test_an_empty_request_is_a_batch_of_no_spans():
    batch = parse_batch(b"", arrival_ns=ARRIVAL_NS)
    assert (batch.spans, batch.rejected, batch.rejected_reason) == (0, 0, "")


def test_too_many_spans_in_one_request_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "REQUEST_SPANS_MAX", 3)
    with pytest.raises(BadBatch, match="more than 3 spans") as refused:
        parse(*[make_span() for _ in range(4)])
    assert refused.value.status == 413


def test_attributes_of_span_events_links_resource_and_scope_are_all_noted():
    span = make_span(attributes={"a": 1})
    span.events.add(name="e").attributes.append(KeyValue(key="b", value=any_value(2)))
    link = span.links.add(trace_id=bytes.fromhex("ab" * 16), span_id=b"12345678")
    link.attributes.append(KeyValue(key="c", value=any_value(3)))
    batch = parse(span, service="s", scope_attributes={"d": 4})
    keys = {KeyValue.FromString(raw).key for raw in batch.attributes}
    assert keys == {"a", "b", "c", "d", "service.name", "link:traceID"}
    assert KeyValue(key="link:traceID", value=any_value("ab" * 16)).SerializeToString() in batch.attributes


def test_the_hash_of_a_request_depends_on_its_format_project_and_bytes():
    hashes = {
        request_hash(body, format=f, project_id=p)
        for body in (b"a", b"b")
        for f in ("x", "y")
        for p in (1, 2)
    }
    assert len(hashes) == 8
    assert all(len(value) == 16 for value in hashes)
