"""One flush is one transaction: what is stored, what is refused, what is tried again."""

import secrets
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from spans import limits
from spans.formats.otlp import request_hash
from spans.store import flush, partitions
from spans.store.database import DatabaseAway, connect, read
from spans.store.flush import BadData, FlushWriter, Outcome
from spans.store.trace_map import chunks_of
from tests.builders import batch_of, fresh_service, fresh_trace_id, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)
DAY_NS = 86_400 * 10**9


@pytest.fixture
def writer():
    with connect() as connection:
        yield FlushWriter(connection)


def body_of(trace_id: str) -> bytes:
    return request_of(make_span(trace_id=trace_id), service="flush-test")


def count_of(trace_id: str) -> int:
    return sum(part.spans for part in chunks_of([trace_id]).get(trace_id, []))


def test_a_repeated_request_is_acknowledged_and_not_stored_again():
    trace_id, key = fresh_trace_id(), secrets.token_bytes(16)
    outcomes = [store(body_of(trace_id), request_hash=key) for _ in range(2)]
    assert outcomes == [Outcome(1), Outcome(0, is_repeat=True)]
    assert count_of(trace_id) == 1


def test_of_a_group_only_the_new_requests_are_stored(writer):
    known, new = fresh_trace_id(), fresh_trace_id()
    keys = {trace_id: request_hash(body_of(known), format=trace_id) for trace_id in (known, new)}
    writer.write([batch_of(body_of(known), request_hash=keys[known])])
    group = [batch_of(body_of(trace_id), request_hash=keys[trace_id]) for trace_id in (known, new, new)]
    assert writer.write(group) == [Outcome(0, is_repeat=True), Outcome(1), Outcome(0, is_repeat=True)]
    assert (count_of(known), count_of(new)) == (1, 1)


def test_a_request_without_a_key_is_stored_each_time(writer):
    trace_id = fresh_trace_id()
    writer.write([batch_of(body_of(trace_id)), batch_of(body_of(trace_id))])
    assert count_of(trace_id) == 2


def test_a_retry_after_midnight_is_known():
    trace_id, key = fresh_trace_id(), secrets.token_bytes(16)
    midnight_ns = int(datetime(2031, 5, 5, tzinfo=UTC).timestamp()) * 10**9
    with connect() as connection:
        before = FlushWriter(connection, clock=lambda: midnight_ns - 5 * 10**9)
        after = FlushWriter(connection, clock=lambda: midnight_ns + 5 * 10**9)
        assert before.write([batch_of(body_of(trace_id), request_hash=key)]) == [Outcome(1)]
        assert after.write([batch_of(body_of(trace_id), request_hash=key)]) == [Outcome(0, is_repeat=True)]


def test_empty_batches_are_acknowledged(writer):
    assert writer.write([]) == []
    assert writer.write([batch_of(b"")]) == [Outcome(0)]


def test_a_clash_of_chunk_ids_gets_another_number_and_is_stored(writer, monkeypatch):
    now_ns = 1_900_000_000 * 10**9 + secrets.randbelow(10**9) * 10**6
    numbers = iter([5, 5, 5, 6])
    monkeypatch.setattr("spans.store.writer_connection.secrets.randbelow", lambda _: next(numbers))
    first, second = fresh_trace_id(), fresh_trace_id()
    FlushWriter(writer.connection, clock=lambda: now_ns).write([batch_of(body_of(first))])
    FlushWriter(writer.connection, clock=lambda: now_ns).write([batch_of(body_of(second))])
    assert (count_of(first), count_of(second)) == (1, 1)


def test_chunk_ids_of_one_writer_only_grow(writer):
    cids = []
    for _ in range(5):
        trace_id = fresh_trace_id()
        writer.write([batch_of(body_of(trace_id))])
        cids += [part.cid for part in chunks_of([trace_id])[trace_id]]
    assert cids == sorted(set(cids))
    assert abs((cids[-1] >> partitions.CID_TIME_SHIFT) - time.time_ns() // 10**6) < 60_000


def test_a_flush_whose_day_has_no_partition_makes_it(writer):
    day = partitions.day_of_ns(time.time_ns()) + timedelta(days=400 + secrets.randbelow(3_000))
    writer.stamps.clock = lambda: partitions.first_cid(day) // 2**21 * 10**6 + 12 * 3600 * 10**9
    trace_id = fresh_trace_id()
    assert writer.write([batch_of(body_of(trace_id), request_hash=secrets.token_bytes(16))]) == [Outcome(1)]
    assert day in partitions.days_of(writer.connection, "spans_chunk").values()
    assert count_of(trace_id) == 1


def test_a_writer_goes_on_over_midnight(writer):
    day = partitions.day_of_ns(time.time_ns()) + timedelta(days=4_000 + secrets.randbelow(3_000))
    midnight_ns = partitions.first_cid(day) // 2**21 * 10**6
    trace_id = fresh_trace_id()
    for now_ns in (midnight_ns - 10**9, midnight_ns, midnight_ns + 1):
        writer.stamps.clock = lambda now_ns=now_ns: now_ns
        writer.write([batch_of(body_of(trace_id))])
    days = {partitions.day_of_ns((part.cid >> 21) * 10**6) for part in chunks_of([trace_id])[trace_id]}
    assert days == {day - timedelta(days=1), day}


def test_a_lost_connection_is_said_and_replaced_by_the_next_call(writer):
    trace_id, key = fresh_trace_id(), secrets.token_bytes(16)
    with connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (writer.connection.info.backend_pid,))
    with pytest.raises(DatabaseAway):
        writer.write([batch_of(body_of(trace_id), request_hash=key)])
    assert writer.write([batch_of(body_of(trace_id), request_hash=key)]) == [Outcome(1)]
    writer.close()


def test_when_the_answer_to_commit_is_lost_the_retry_finds_its_hash(writer, monkeypatch):
    trace_id, key = fresh_trace_id(), secrets.token_bytes(16)
    copy = flush._copy

    def commit_and_lose_the_connection(connection, packed):
        copy(connection, packed)
        connection.execute("COMMIT")
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(flush, "_copy", commit_and_lose_the_connection)
    with pytest.raises(DatabaseAway):
        writer.write([batch_of(body_of(trace_id), request_hash=key)])
    monkeypatch.setattr(flush, "_copy", copy)
    assert writer.write([batch_of(body_of(trace_id), request_hash=key)]) == [Outcome(0, is_repeat=True)]
    assert count_of(trace_id) == 1


def test_what_postgres_refuses_is_bad_data_and_nothing_is_stored(writer, monkeypatch):
    trace_id = fresh_trace_id()
    monkeypatch.setattr("spans.store.copy_buffers.END", b"\0\0rubbish")
    monkeypatch.setattr("spans.store.pack.copy_buffers.END", b"\0\0rubbish")
    with pytest.raises(BadData, match="22P04"):
        writer.write([batch_of(body_of(trace_id))])
    monkeypatch.undo()
    assert writer.write([batch_of(body_of(trace_id))]) == [Outcome(1)]
    assert count_of(trace_id) == 1


def test_more_than_a_transaction_should_hold_is_stored_in_several(writer, monkeypatch):
    monkeypatch.setattr(limits, "FLUSH_SPANS_MAX", 2)
    trace_id = fresh_trace_id()
    assert writer.write([batch_of(body_of(trace_id)) for _ in range(5)]) == [Outcome(1)] * 5
    assert len(chunks_of([trace_id])[trace_id]) == 3


def test_late_and_early_spans_stand_in_a_block_of_their_own():
    service, now_ns = fresh_service(), time.time_ns()
    starts = (now_ns, now_ns - 3_600 * 10**9, now_ns + 3_600 * 10**9)
    store(request_of(*[make_span(start_ns=start) for start in starts], service=service))
    rows = read(
        "SELECT b.part, b.spans FROM spans_block b JOIN spans_service s ON s.id = b.service_id"
        " WHERE s.name = %s ORDER BY 1",
        [service],
    )
    assert rows == [(0, 1), (1, 2)]
