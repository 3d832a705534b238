"""OTLP/gRPC: what the service answers."""

import zlib
from collections.abc import Iterator

import grpc
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from spans.limits import BODY_BYTES_MAX, MIB
from tests.builders import fresh_trace_id, make_span, request_of
from tests.ingest.read_back import stored
from tests.ingest.running import Running

pytestmark = pytest.mark.django_db(transaction=True)
METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@pytest.fixture
def export(receiver: Running) -> Iterator[grpc.UnaryUnaryMultiCallable]:
    """Bytes in, bytes out; messages of any size may be sent."""
    with grpc.insecure_channel(receiver.grpc_address, [("grpc.max_send_message_length", -1)]) as channel:
        yield channel.unary_unary(METHOD)


def refused(export: grpc.UnaryUnaryMultiCallable, body: bytes, **options: object) -> grpc.Call:
    with pytest.raises(grpc.RpcError) as caught:
        export(body, **options)
    return caught.value


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_spans_are_stored_before_they_are_acknowledged(export, compression):
    trace_id = fresh_trace_id()
    assert export(request_of(make_span(trace_id=trace_id)), compression=compression) == b""
    assert len(stored([trace_id])) == 1


def test_an_empty_request_is_a_success(export):
    assert export(b"") == b""


def test_bad_spans_are_counted_and_explained(export):
    bad = make_span(name="cart", start_ns=2**63, end_ns=2**63 + 1)
    partial = ExportTraceServiceResponse.FromString(export(request_of(bad))).partial_success
    assert partial.rejected_spans == 1
    assert "cart" in partial.error_message


def test_bad_data_is_an_invalid_argument(export):
    error = refused(export, b"\xff\xff\xff\xff")
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    status = Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert (status.code, status.message) == (3, error.details())


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_message_above_the_limit_is_refused_for_good(export, compression):
    error = refused(export, bytes(BODY_BYTES_MAX + MIB), compression=compression)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" not in dict(error.trailing_metadata())


def test_a_message_of_eight_mib_is_taken(export):
    trace_id = fresh_trace_id()
    noise = zlib.compress(bytes(MIB)).hex()
    spans = (make_span(trace_id=trace_id, attributes={"text": noise * 400}) for _ in range(10))
    export(request_of(*spans))
    assert len(stored([trace_id])) == 10


def test_a_request_sent_again_is_stored_once(export):
    trace_id = fresh_trace_id()
    body = request_of(make_span(trace_id=trace_id))
    assert export(body) == export(body) == b""
    assert len(stored([trace_id])) == 1


def test_other_methods_are_unimplemented(receiver: Running):
    with grpc.insecure_channel(receiver.grpc_address) as channel:
        other = channel.unary_unary("/opentelemetry.proto.collector.logs.v1.LogsService/Export")
        assert refused(other, b"").code() is grpc.StatusCode.UNIMPLEMENTED
