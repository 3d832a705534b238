"""Answers in the two spellings of HTTP and in gRPC's trailers."""

import json

import pytest
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from spans.ingest.reply import (
    ACCEPTED,
    DATABASE_AWAY,
    QUEUE_FULL,
    Answer,
    Wire,
    grpc_code,
    grpc_trailers,
    http_body,
    http_headers,
    response,
)

PARTIAL = Answer(200, rejected=300, reason='span "cart": trace id of 3 bytes')


def test_full_success_leaves_partial_success_unset():
    assert response(ACCEPTED) == http_body(ACCEPTED, Wire.PROTOBUF) == b""
    assert http_body(ACCEPTED, Wire.JSON) == b"{}"


def test_partial_success_counts_and_explains():
    message = ExportTraceServiceResponse.FromString(response(PARTIAL))
    assert message.partial_success.rejected_spans == 300
    assert message.partial_success.error_message == PARTIAL.reason


def test_partial_success_in_json_has_its_count_as_text():
    partial = json.loads(http_body(PARTIAL, Wire.JSON))["partialSuccess"]
    assert partial == {"rejectedSpans": "300", "errorMessage": PARTIAL.reason}


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 429, 500, 503])
def test_every_failure_is_a_status_message(status):
    answer = Answer(status, reason="because")
    assert status_pb2.Status.FromString(http_body(answer, Wire.PROTOBUF)).message == "because"
    assert json.loads(http_body(answer, Wire.JSON))["message"] == "because"


def test_bad_data_carries_a_bad_request():
    answer = Answer(400, reason="no OTLP")
    status = status_pb2.Status.FromString(http_body(answer, Wire.PROTOBUF))
    detail = error_details_pb2.BadRequest()
    assert status.details[0].Unpack(detail)
    assert detail.field_violations[0].description == "no OTLP"
    [json_detail] = json.loads(http_body(answer, Wire.JSON))["details"]
    assert json_detail["fieldViolations"] == [{"description": "no OTLP"}]


@pytest.mark.parametrize(
    ("answer", "is_retryable"), [(QUEUE_FULL, True), (DATABASE_AWAY, True), (Answer(413), False)]
)
def test_only_those_who_may_try_again_are_told_when(answer, is_retryable):
    assert (b"retry-after" in dict(http_headers(answer, Wire.JSON))) == is_retryable
    trailers = dict(grpc_trailers(answer))
    assert ("google.rpc.retryinfo-bin" in trailers) == is_retryable
    assert bool(status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details) == is_retryable


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "INVALID_ARGUMENT"),
        (413, "RESOURCE_EXHAUSTED"),
        (429, "RESOURCE_EXHAUSTED"),
        (503, "UNAVAILABLE"),
    ],
)
def test_http_and_grpc_say_the_same(status, code):
    assert grpc_code(Answer(status)).name == code


def test_a_reason_is_cut_and_can_always_be_encoded():
    answer = Answer(400, reason="half a pair \ud800" + "x" * 5000)
    assert len(status_pb2.Status.FromString(http_body(answer, Wire.PROTOBUF)).message) == 1000
