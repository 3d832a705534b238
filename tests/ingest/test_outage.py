"""The database goes away and comes back: nothing that was acknowledged is lost, nothing is stored twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from django.db import connection
from opentelemetry.sdk.trace.export import SpanExportResult

from spans.store.database import connect
from tests.builders import fresh_trace_id, make_span, request_of
from tests.ingest.database import away, eventually, hang_up, is_stalled, stalled
from tests.ingest.post import PROTOBUF, post
from tests.ingest.read_back import stored
from tests.ingest.running import Running, running
from tests.ingest.test_exporters import EXPORTERS, recorded
from tests.ingest.test_grpc import METHOD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own(django_db_setup: None) -> Iterator[Running]:
    """A receiver whose connections are ended."""
    with running() as started:
        yield started


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.mark.parametrize("exporter", ["gRPC", "HTTP protobuf"])
def test_a_request_outlives_an_absence_of_the_database(own: Running, pool, exporter: str):
    spans, sender = recorded(), EXPORTERS[exporter](own)
    with away():
        exported = pool.submit(sender.export, spans)
        eventually(lambda: own.receiver.writer.is_away, "the writer notices")
    assert exported.result() is SpanExportResult.SUCCESS
    sender.shutdown()
    connection.close()
    assert len(stored([f"{span.context.trace_id:032x}" for span in spans])) == len(spans)


def test_new_requests_are_refused_while_the_database_is_away(own: Running, pool):
    with away():
        queued = pool.submit(post, own.traces_url, request_of(make_span()), PROTOBUF)
        eventually(lambda: own.receiver.writer.is_away, "the writer notices")
        refused = post(own.traces_url, request_of(make_span()), PROTOBUF)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert post(f"{own.url}/healthz", b"", {}, method="GET").status == 503
        with grpc.insecure_channel(own.grpc_address) as channel, pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(METHOD)(request_of(make_span()))
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert queued.result().status == 200


def test_a_request_that_waits_too_long_is_refused_and_not_counted_any_more(own: Running, monkeypatch):
    monkeypatch.setattr("spans.ingest.writer.WAIT_S_MAX", 0.5)
    with away():
        refused = post(own.traces_url, request_of(make_span()), PROTOBUF)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        eventually(lambda: own.receiver.gate.room.held_bytes == 0, "its bytes are free")
    eventually(lambda: not own.receiver.writer.is_away, "the writer finds its way back without a request")


def test_a_connection_that_ends_inside_a_flush_costs_nothing(own: Running, pool):
    trace_id = fresh_trace_id()
    with stalled():
        reply = pool.submit(post, own.traces_url, request_of(make_span(trace_id=trace_id)), PROTOBUF)
        eventually(is_stalled, "the flush has begun")
        with connect() as ours:
            ours.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                             WHERE datname = current_database() AND wait_event_type = 'Lock'""")
    assert (reply.result().status, len(stored([trace_id]))) == (200, 1)


def test_what_is_acknowledged_while_connections_break_is_stored_once(own: Running, pool):
    acknowledged: list[str] = []
    done = threading.Event()

    def send() -> None:
        while not done.is_set():
            trace_id = fresh_trace_id()
            if post(own.traces_url, request_of(make_span(trace_id=trace_id)), PROTOBUF).status == 200:
                acknowledged.append(trace_id)

    senders = [pool.submit(send) for _ in range(4)]
    for count in (20, 60, 100, 140):
        eventually(lambda count=count: len(acknowledged) > count, "requests are stored")
        assert hang_up() > 0
    eventually(lambda: len(acknowledged) > 200, "requests are stored again")
    done.set()
    assert [sender.result() for sender in senders] == [None] * 4
    connection.close()
    assert Counter(sent.span.trace_id.hex() for sent in stored(acknowledged)) == Counter(acknowledged)


def test_a_flush_that_fails_for_a_reason_of_ours_is_500_and_the_next_one_works(own: Running):
    with connect() as ours:
        ours.execute("ALTER TABLE spans_token_run RENAME TO moved_away")
        try:
            failed = post(own.traces_url, request_of(make_span()), PROTOBUF)
        finally:
            ours.execute("ALTER TABLE moved_away RENAME TO spans_token_run")
    assert (failed.status, "log" in failed.reason) == (500, True)
    assert post(own.traces_url, request_of(make_span()), PROTOBUF).status == 200
