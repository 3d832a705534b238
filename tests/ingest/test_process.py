"""The receiver as a process: starts, says why it can't, drains, is killed."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from tests.builders import fresh_trace_id, make_span, request_of
from tests.ingest.database import eventually, is_stalled, stalled
from tests.ingest.post import PROTOBUF, post
from tests.ingest.process import ROOT, environ_of, free_ports, receiving, wait_until_closed
from tests.ingest.read_back import stored
from tests.ingest.running import Running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def refusal(environ: dict[str, str]) -> str:
    """What a receiver that can't start says."""
    command = [sys.executable, "manage.py", "receive"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_sigterm_answers_what_is_inside_and_ends_well(database_url: str):
    ports, trace_id = free_ports(), fresh_trace_id()
    url = f"http://127.0.0.1:{ports[0]}/v1/traces"
    with receiving(environ_of(database_url, ports)) as process, ThreadPoolExecutor(1) as pool:
        with stalled():
            reply = pool.submit(post, url, request_of(make_span(trace_id=trace_id)), PROTOBUF)
            eventually(is_stalled, "the flush has begun")
            process.send_signal(signal.SIGTERM)
            wait_until_closed(ports[0])
        assert (reply.result().status, process.wait(timeout=20)) == (200, 0)
    assert len(stored([trace_id])) == 1


@pytest.mark.parametrize(("taken", "name"), [(0, "HTTP"), (1, "GRPC")])
def test_a_taken_port_is_named(receiver: Running, database_url: str, taken: int, name: str):
    address = (receiver.url, receiver.grpc_address)[taken]
    ports = list(free_ports())
    ports[taken] = int(address.rpartition(":")[2])
    said = refusal(environ_of(database_url, (ports[0], ports[1])))
    assert f"127.0.0.1:{ports[taken]}: Address already in use" in said
    assert f"TRACING_UI_OTLP_{name}_PORT names another port" in said


def test_a_database_that_is_not_there_is_named():
    environ = environ_of("postgresql://postgres@127.0.0.1:9/nothing", free_ports())
    assert "the database can't be reached" in refusal(environ)


def test_two_receivers_share_their_ports(database_url: str):
    ports = free_ports()
    environ = environ_of(database_url, ports, receivers=2)
    url = f"http://127.0.0.1:{ports[0]}/v1/traces"
    trace_ids = [fresh_trace_id() for _ in range(8)]
    with receiving(environ), receiving(environ):
        for trace_id in trace_ids:
            assert post(url, request_of(make_span(trace_id=trace_id)), PROTOBUF).status == 200
    assert Counter(sent.span.trace_id.hex() for sent in stored(trace_ids)) == Counter(trace_ids)


def keep_exporting(exporter: SpanExporter, acknowledged: list[str], done: threading.Event) -> None:
    """One span at a time; the trace ids of those whose export succeeded."""
    tracer = TracerProvider().get_tracer("kill")
    while not done.is_set():
        span = tracer.start_span("work")
        span.end()
        if exporter.export([span]) is SpanExportResult.SUCCESS:
            acknowledged.append(f"{span.get_span_context().trace_id:032x}")
    exporter.shutdown()


def test_every_span_that_was_acknowledged_survives_kill_9_once(database_url: str):
    ports, acknowledged, done = free_ports(), [], threading.Event()
    environ = environ_of(database_url, ports)
    exporters = (
        HttpExporter(endpoint=f"http://127.0.0.1:{ports[0]}/v1/traces"),
        GrpcExporter(endpoint=f"127.0.0.1:{ports[1]}", insecure=True),
    )
    with ThreadPoolExecutor(2) as pool:
        sending = [pool.submit(keep_exporting, exporter, acknowledged, done) for exporter in exporters]
        for _ in range(3):
            before = len(acknowledged)
            with receiving(environ):
                eventually(lambda before=before: len(acknowledged) > before + 10, "spans are taken in")
        with receiving(environ):
            done.set()
            assert [one.result() for one in sending] == [None, None]
    assert Counter(sent.span.trace_id.hex() for sent in stored(acknowledged)) == Counter(acknowledged)
