"""What a sender is told, in the words of OTLP/HTTP and OTLP/gRPC.

Source: OTLP specification, "OTLP/gRPC Response", "OTLP/HTTP Response"; google/rpc/status.proto.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from spans.limits import RETRY_AFTER_S

REASON_CHARACTERS_MAX = 1_000  # of a message to a sender; the specification allows 4 MiB, a log line does not
BAD_REQUEST_TYPE = "type.googleapis.com/google.rpc.BadRequest"


class Wire(StrEnum):
    """How an OTLP request is spelt; the value is its media type."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request, for both transports.

    `status` is the HTTP status: 200, 400 (bad data), 404, 405, 413, 415, 429 (queue full), 500 (our fault),
    503 (database away). `rejected` spans of a request with status 200 were not stored, `reason` says why.
    """

    status: int
    rejected: int = 0
    reason: str = ""

    @property
    def retry_after_s(self) -> int | None:
        """What a sender who may try again is asked to wait; None when the answer is final."""
        return RETRY_AFTER_S if self.status in (429, 503) else None


ACCEPTED = Answer(200)
QUEUE_FULL = Answer(429, reason="the ingest queue is full; send the request again")
DATABASE_AWAY = Answer(503, reason="the database can't be reached; send the request again")
OUR_FAULT = Answer(500, reason="the server failed on this request; its log says why")

GRPC_CODES = {
    400: StatusCode.INVALID_ARGUMENT,
    413: StatusCode.RESOURCE_EXHAUSTED,  # without RetryInfo: final
    415: StatusCode.INVALID_ARGUMENT,
    429: StatusCode.RESOURCE_EXHAUSTED,  # with RetryInfo: to be sent again
    500: StatusCode.INTERNAL,
    503: StatusCode.UNAVAILABLE,
}


# --- OTLP/HTTP


def http_headers(answer: Answer, wire: Wire) -> list[tuple[bytes, bytes]]:
    """Headers of the response; its content type is that of the request."""
    headers = [(b"content-type", wire.encode())]
    if answer.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % answer.retry_after_s))
    return headers


def http_body(answer: Answer, wire: Wire) -> bytes:
    """An ExportTraceServiceResponse for status 200, else a google.rpc.Status, spelt as the request was."""
    if answer.status == 200:
        return _response_json(answer) if wire is Wire.JSON else response(answer)
    return _status_json(answer) if wire is Wire.JSON else status(answer).SerializeToString()


def response(answer: Answer) -> bytes:
    """ExportTraceServiceResponse in protobuf: no bytes at all when everything was stored."""
    if not answer.rejected and not answer.reason:
        return b""
    message = trace_service_pb2.ExportTraceServiceResponse()
    message.partial_success.rejected_spans = answer.rejected
    message.partial_success.error_message = _readable(answer.reason)
    return bytes(message.SerializeToString())


def _response_json(answer: Answer) -> bytes:
    if not answer.rejected and not answer.reason:
        return b"{}"
    partial = {"rejectedSpans": str(answer.rejected), "errorMessage": _readable(answer.reason)}
    return json.dumps({"partialSuccess": partial}).encode()


def _status_json(answer: Answer) -> bytes:
    body: dict[str, object] = {"code": _grpc_number(answer), "message": _readable(answer.reason)}
    if answer.status == 400:
        violations = [{"description": _readable(answer.reason)}]
        body["details"] = [{"@type": BAD_REQUEST_TYPE, "fieldViolations": violations}]
    return json.dumps(body).encode()


# --- OTLP/gRPC


def grpc_code(answer: Answer) -> StatusCode:
    return GRPC_CODES[answer.status]


def grpc_trailers(answer: Answer) -> tuple[tuple[str, bytes], ...]:
    """The status in detail, and how long to wait: once for Go and Java, once for the Python exporter."""
    trailers: list[tuple[str, bytes]] = [("grpc-status-details-bin", status(answer).SerializeToString())]
    if answer.retry_after_s is not None:
        trailers.append(("google.rpc.retryinfo-bin", _retry_info(answer).SerializeToString()))
    return tuple(trailers)


def status(answer: Answer) -> status_pb2.Status:
    """google.rpc.Status, with RetryInfo for who may try again and BadRequest for bad data."""
    message = status_pb2.Status(code=_grpc_number(answer), message=_readable(answer.reason))
    if answer.retry_after_s is not None:
        message.details.append(_packed(_retry_info(answer)))
    if answer.status == 400:
        violation = error_details_pb2.BadRequest.FieldViolation(description=_readable(answer.reason))
        message.details.append(_packed(error_details_pb2.BadRequest(field_violations=[violation])))
    return message


def _retry_info(answer: Answer) -> error_details_pb2.RetryInfo:
    return error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=answer.retry_after_s))


def _packed(message: error_details_pb2.RetryInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


def _grpc_number(answer: Answer) -> int:
    code = GRPC_CODES.get(answer.status, StatusCode.UNIMPLEMENTED)  # 404 and 405 have no gRPC twin
    return int(code.value[0])


def _readable(reason: str) -> str:
    """Cut to a line's length; what can't be encoded as UTF-8 (half a surrogate pair) replaced."""
    return reason[:REASON_CHARACTERS_MAX].encode("utf-8", "replace").decode()
