"""What a stored span costs: CPU of the receiver and of Postgres, bytes of disk and of WAL."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import psycopg

from tracing_ui.bench import database
from tracing_ui.bench.processes import PostgresCpu, cpu_ns
from tracing_ui.bench.sender import Load, Sent

HTTP_PORT, GRPC_PORT = 34_318, 34_317


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    protocol: str
    spans_per_request: int
    spans: int
    connections: int


CASES = (
    Case("http 512", "http", 512, 1_048_576, 8),
    Case("http 8192", "http", 8_192, 524_288, 4),
    Case("grpc 512", "grpc", 512, 262_144, 8),
    Case("http 512 serial", "http", 512, 65_536, 1),
    Case("http 50 serial", "http", 50, 10_000, 1),
)


def run() -> Iterator[dict[str, object]]:
    """Measure every case into one fresh database, in turn."""
    address = database.create("tracing_ui_bench_ingest", afresh=True)
    with receiver(address) as pid, psycopg.connect(address, autocommit=True) as connection:
        for case in CASES:
            yield measure(case, connection, receiver_pid=pid)


def measure(case: Case, connection: psycopg.Connection, *, receiver_pid: int) -> dict[str, object]:
    port = HTTP_PORT if case.protocol == "http" else GRPC_PORT
    load = Load(case.protocol, port, case.spans_per_request, case.spans, case.connections)
    postgres = PostgresCpu(connection)
    connection.execute("CHECKPOINT")  # what the case before left to be written is not this one's
    before = books(connection)
    server_ns, postgres_ns = -cpu_ns(receiver_pid), -postgres.read_ns()
    sent = send(load)
    server_ns, postgres_ns = server_ns + cpu_ns(receiver_pid), postgres_ns + postgres.read_ns()
    after = books(connection)
    stored = after.spans - before.spans
    if stored != sent.spans:
        raise SystemExit(f"case {case.name}: {sent.spans:,} spans were acknowledged, {stored:,} are stored")
    flushes = after.flushes - before.flushes
    return {
        "case": case.name,
        "server_us_per_span": per_span_us(server_ns, stored),
        "postgres_us_per_span": per_span_us(postgres_ns, stored),
        "spans_per_s": round(stored / sent.seconds),
        "flush_spans": round(stored / flushes),
        "disk_bytes_per_span": round((after.disk_bytes - before.disk_bytes) / stored),
        "wal_bytes_per_span": round((after.wal_bytes - before.wal_bytes) / stored),
        "spans": stored,
        "answer_p50_ms": sent.answer_p50_ms,
        "answer_p99_ms": sent.answer_p99_ms,
    }


@dataclass(frozen=True, slots=True)
class Books:
    spans: int
    flushes: int
    disk_bytes: int
    wal_bytes: int


def books(connection: psycopg.Connection) -> Books:
    row = connection.execute(
        """SELECT (SELECT coalesce(sum(spans), 0) FROM spans_block),
                  (SELECT count(DISTINCT cid) FROM spans_block),
                  pg_current_wal_insert_lsn() - '0/0'"""
    ).fetchone()
    assert row is not None
    return Books(int(row[0]), int(row[1]), database.bytes_stored(connection), int(row[2]))


def send(load: Load) -> Sent:
    """Run the sender as a process of its own, so that its work is nobody else's."""
    done = subprocess.run(
        [sys.executable, "-m", "tracing_ui.bench.sender"],
        input=json.dumps(asdict(load)) + "\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr.strip()[-500:])
    return Sent(**json.loads(done.stdout))


@contextmanager
def receiver(address: str) -> Iterator[int]:
    """A running receiver that stores into `address`; its process id."""
    settings = {"TRACING_UI_OTLP_HTTP_PORT": str(HTTP_PORT), "TRACING_UI_OTLP_GRPC_PORT": str(GRPC_PORT)}
    process = subprocess.Popen(database.command("receive"), env=database.environment(address, **settings))
    try:
        for port in (GRPC_PORT, HTTP_PORT):
            database.wait_until_listening(process, port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def per_span_us(cpu_time_ns: int, spans: int) -> float:
    return round(cpu_time_ns / spans / 1000, 2)
