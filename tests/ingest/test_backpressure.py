"""A queue that is full, a flush that fails: who is told what, and that nothing is lost."""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace.export import SpanExportResult

from tests.builders import fresh_trace_id, make_span, request_of
from tests.ingest.database import eventually, is_stalled, stalled
from tests.ingest.post import PROTOBUF, Reply, post
from tests.ingest.read_back import spans_of, stored
from tests.ingest.running import Running, running
from tests.ingest.test_exporters import EXPORTERS, recorded
from tests.ingest.test_grpc import METHOD

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE_BYTES = 100_000


@pytest.fixture
def small(django_db_setup: None) -> Iterator[Running]:
    """A receiver whose queue is full after one request of 100 kB."""
    with running(queue_bytes_max=QUEUE_BYTES) as started:
        yield started


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def fill(started: Running, pool: ThreadPoolExecutor) -> tuple[str, Future[Reply]]:
    """Sends a request as large as the queue, which waits in a flush that is stalled."""
    trace_id = fresh_trace_id()
    body = request_of(make_span(trace_id=trace_id, attributes={"text": "x" * QUEUE_BYTES}))
    sent = pool.submit(post, started.traces_url, body, PROTOBUF)
    eventually(lambda: started.receiver.gate.room.is_full and is_stalled(), "the queue is full")
    return trace_id, sent


def test_a_full_queue_is_429_with_a_time_to_wait(small: Running, pool: ThreadPoolExecutor):
    with stalled():
        trace_id, first = fill(small, pool)
        refused = post(small.traces_url, request_of(make_span()), PROTOBUF)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    assert (first.result().status, len(stored([trace_id]))) == (200, 1)


def test_a_body_that_does_not_fit_beside_the_others_is_429(small: Running, pool: ThreadPoolExecutor):
    half = request_of(make_span(attributes={"text": "x" * (QUEUE_BYTES // 2)}))
    with stalled():
        first = pool.submit(post, small.traces_url, half, PROTOBUF)
        eventually(is_stalled, "the first is in its flush")
        assert post(small.traces_url, half + b"\x0a\x00" * 10, PROTOBUF).status == 429
    assert first.result().status == 200


def test_grpc_says_resource_exhausted_and_when_to_try_again(small: Running, pool: ThreadPoolExecutor):
    with stalled(), grpc.insecure_channel(small.grpc_address) as channel:
        fill(small, pool)
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(METHOD)(request_of(make_span()))
    trailers = dict(caught.value.trailing_metadata())
    detail = RetryInfo()
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert Status.FromString(trailers["grpc-status-details-bin"]).details[0].Unpack(detail)
    assert detail == RetryInfo.FromString(trailers["google.rpc.retryinfo-bin"])
    assert detail.retry_delay.seconds == 1


@pytest.mark.parametrize("exporter", ["gRPC", "HTTP protobuf", "HTTP JSON"])
def test_an_exporter_that_is_refused_delivers_later(small: Running, pool, caplog, exporter: str):
    spans, sender = recorded(), EXPORTERS[exporter](small)
    with stalled(), caplog.at_level(logging.WARNING):
        fill(small, pool)
        exported = pool.submit(sender.export, spans)
        eventually(lambda: "Transient error" in caplog.text, "the exporter is told to wait")
    assert exported.result() is SpanExportResult.SUCCESS
    sender.shutdown()
    assert stored([f"{span.context.trace_id:032x}" for span in spans]) == spans_of(encode_spans(spans))


def test_a_sender_that_hangs_up_keeps_its_bytes_in_the_queue(small: Running):
    room = small.receiver.gate.room
    with stalled(), grpc.insecure_channel(small.grpc_address) as channel:
        with pytest.raises(grpc.RpcError):
            channel.unary_unary(METHOD)(request_of(make_span()), timeout=0.3)
        assert room.held_bytes > 0
    eventually(lambda: room.held_bytes == 0, "the flush ends")


def test_a_request_that_the_database_refuses_is_400_and_the_others_are_stored(small: Running, pool):
    """Made so by a constraint that refuses traces of seven spans, in the flush of three requests."""
    trace_ids = [fresh_trace_id() for _ in range(3)]
    bodies = [
        request_of(*(make_span(trace_id=of) for _ in range(n)))
        for of, n in zip(trace_ids, (1, 7, 2), strict=True)
    ]
    refuse = "ALTER TABLE spans_trace_chunk ADD CONSTRAINT no_seven CHECK (spans <> 7) NOT VALID"
    try:
        with stalled(refuse):
            plug = pool.submit(post, small.traces_url, request_of(make_span()), PROTOBUF)
            eventually(is_stalled, "a flush waits, so that the three queue behind it")
            replies = [pool.submit(post, small.traces_url, body, PROTOBUF) for body in bodies]
            eventually(lambda: len(small.receiver.writer._queue) == 3, "the three have queued")
        assert [reply.result().status for reply in (plug, *replies)] == [200, 200, 400, 200]
        assert "no_seven" in replies[1].result().reason
    finally:
        with stalled("ALTER TABLE spans_trace_chunk DROP CONSTRAINT no_seven"):
            pass
    assert [len(stored([trace_id])) for trace_id in trace_ids] == [1, 0, 2]
