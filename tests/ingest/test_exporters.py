"""The exporters of the OpenTelemetry Python SDK send; what is stored is what they recorded."""

from collections.abc import Callable, Sequence

import grpc
import pytest
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter as JsonExporter
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer

from tests.builders import fresh_service
from tests.ingest.read_back import spans_of, stored
from tests.ingest.running import Running

pytestmark = pytest.mark.django_db(transaction=True)
EXPORTERS: dict[str, Callable[[Running], SpanExporter]] = {
    "gRPC": lambda running: GrpcExporter(endpoint=running.grpc_address, insecure=True),
    "gRPC gzip": lambda running: GrpcExporter(
        endpoint=running.grpc_address, insecure=True, compression=grpc.Compression.Gzip
    ),
    "HTTP protobuf": lambda running: HttpExporter(endpoint=running.traces_url),
    "HTTP protobuf gzip": lambda running: HttpExporter(
        endpoint=running.traces_url, compression=Compression.Gzip
    ),
    "HTTP JSON": lambda running: JsonExporter(endpoint=running.traces_url),
}
ATTRIBUTES = {
    "text": "ünïcode ✓ \u202e",
    "empty": "",
    "whole": 9_007_199_254_740_993,
    "negative": -(2**63),
    "part": 0.1,
    "yes": True,
    "texts": ("a", "b"),
    "wholes": (1, 2**53 + 1),
    "parts": (1.5, float("inf")),
    "flags": (True, False),
}


def recorded() -> Sequence[ReadableSpan]:
    """Two traces of one service: nested spans, an exception, events, a link between them."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": fresh_service("sdk"), "replica": 3}))
    provider.add_span_processor(SimpleSpanProcessor(memory))
    _record(
        provider.get_tracer("shop.checkout", "1.2.3", "https://opentelemetry.io/schemas/1.30.0", {"a": 1})
    )
    return memory.get_finished_spans()


def _record(tracer: Tracer) -> None:
    with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER, attributes=ATTRIBUTES) as root:
        with tracer.start_as_current_span("SELECT cards", kind=SpanKind.CLIENT) as query:
            query.add_event("rows", {"count": 3}, timestamp=1_795_393_953_123_456_789)
            query.record_exception(ValueError("card declined – ünïcode ✓"))
            query.set_status(Status(StatusCode.ERROR, "card declined"))
        root.set_status(StatusCode.OK)
    link = Link(root.get_span_context(), {"messaging.system": "kafka"})
    tracer.start_span("orders process", kind=SpanKind.CONSUMER, links=[link], start_time=1).end(2)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_what_the_sdk_recorded_is_what_is_stored(receiver: Running, exporter: str):
    spans = recorded()
    sender = EXPORTERS[exporter](receiver)
    assert sender.export(spans) is SpanExportResult.SUCCESS
    sender.shutdown()
    trace_ids = {f"{span.context.trace_id:032x}" for span in spans}
    assert len(trace_ids) == 2
    assert stored(list(trace_ids)) == spans_of(encode_spans(spans))
