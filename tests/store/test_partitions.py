"""Days: made ahead, sealed, dropped, by the server itself and in nobody's way."""

import threading
from datetime import date, timedelta

import pytest

from spans.store import partitions
from spans.store.database import connect, read
from spans.store.flush import FlushWriter
from spans.store.trace_map import chunks_of
from tests.builders import batch_of, fresh_trace_id, make_span, request_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("partitions")]
DAY = timedelta(days=1)
TABLES = (*partitions.BY_CID, partitions.BY_DAY)


@pytest.fixture
def connection():
    with connect() as own:
        yield own


@pytest.fixture
def far_day(connection):
    """A day long ago that no other test uses; it and its neighbours are dropped in the end."""
    day = date(1985, 6, 15)
    yield day
    partitions._drop(connection, before=day + 10 * DAY, today=day + 10 * DAY)


def days(connection, table="spans_chunk") -> set[date]:
    return set(partitions.days_of(connection, table).values())


def test_days_are_made_ahead_for_every_table_and_only_once(connection, far_day):
    made = partitions.maintain(connection, today=far_day, retention_days=9_000)
    assert "made spans_chunk_19850617" in made
    for table in TABLES:
        assert {far_day - DAY, far_day, far_day + DAY, far_day + 2 * DAY} <= days(connection, table)
    assert not [
        line
        for line in partitions.maintain(connection, today=far_day, retention_days=9_000)
        if "made" in line
    ]


def test_a_day_is_kept_like_its_table(connection, far_day):
    partitions.ensure_day(connection, far_day)
    sql = """SELECT attname, attstorage, attcompression FROM pg_attribute
              WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"""
    for table in partitions.BY_CID:
        assert read(sql, [f"{table}_19850615"]) == read(sql, [table])
    sql = """SELECT replace(regexp_replace(indexdef, '.* USING ', ''), 'x', 'x') FROM pg_indexes
              WHERE tablename = %s ORDER BY 1"""
    assert read(sql, ["spans_block_19850615"]) == read(sql, ["spans_block"])


def test_a_stored_trace_goes_with_its_day(connection, far_day):
    noon_ns = (partitions.first_cid(far_day) >> 21) * 10**6 + 12 * 3600 * 10**9
    trace_id = fresh_trace_id()
    FlushWriter(connection, clock=lambda: noon_ns).write([batch_of(request_of(make_span(trace_id=trace_id)))])
    assert trace_id in chunks_of([trace_id])
    partitions._drop(connection, before=far_day, today=far_day)
    assert trace_id in chunks_of([trace_id])
    dropped = partitions._drop(connection, before=far_day + DAY, today=far_day + DAY)
    assert "dropped spans_chunk_19850615" in dropped
    assert chunks_of([trace_id]) == {}
    assert read("SELECT to_regclass('spans_chunk_19850615') IS NULL") == [(True,)]
    assert read("SELECT day FROM spans_partition_meta WHERE day = %s", [far_day]) == []


def test_hashes_of_requests_are_kept_for_two_days_only(connection, far_day):
    for ahead in range(4):
        partitions.ensure_day(connection, far_day + ahead * DAY)
    partitions._drop(connection, before=far_day, today=far_day + 3 * DAY)
    assert days(connection, partitions.BY_DAY) & {far_day + n * DAY for n in range(4)} == {
        far_day + 2 * DAY, far_day + 3 * DAY,
    }  # fmt: skip
    assert far_day in days(connection)


def test_a_day_that_is_over_is_sealed_with_its_true_times(connection, far_day):
    noon_ns = (partitions.first_cid(far_day) >> 21) * 10**6 + 12 * 3600 * 10**9
    spans = [make_span(start_ns=start_ns) for start_ns in (5_000, 9_000)]
    FlushWriter(connection, clock=lambda: noon_ns).write([batch_of(request_of(*spans))])
    partitions._seal(connection, before=far_day + DAY)
    sql = "SELECT sealed, start_min_ns, start_max_ns FROM spans_partition_meta WHERE day = %s"
    assert read(sql, [far_day]) == [(True, 5_000, 9_000)]


def test_a_drop_that_was_interrupted_is_finished(connection, far_day):
    partitions.ensure_day(connection, far_day)
    connection.execute("ALTER TABLE spans_chunk DETACH PARTITION spans_chunk_19850615")
    partitions._drop(connection, before=far_day + DAY, today=far_day + DAY)
    assert read("SELECT to_regclass('spans_chunk_19850615') IS NULL") == [(True,)]


def test_two_servers_that_start_at_once_make_each_day_once(far_day):
    failures = []

    def run():
        with connect() as own:
            try:
                partitions.ensure_day(own, far_day)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failures == []


def test_a_writer_is_not_held_up_by_a_drop(connection, far_day):
    partitions.ensure_day(connection, far_day)
    trace_id = fresh_trace_id()
    with connect() as reader, connect() as own:
        reader.autocommit = False
        reader.execute("SELECT count(*) FROM spans_chunk_19850615")
        reader.execute("SELECT count(*) FROM spans_chunk WHERE cid = 0")
        drop = threading.Thread(
            target=partitions._drop,
            args=(connection,),
            kwargs={"before": far_day + DAY, "today": far_day + DAY},
        )
        drop.start()
        FlushWriter(own).write([batch_of(request_of(make_span(trace_id=trace_id)))])
        reader.rollback()
        drop.join()
    assert trace_id in chunks_of([trace_id])


def test_the_first_cid_of_a_day_is_its_midnight():
    day = date(2026, 11, 23)
    assert partitions.first_cid(day) == 1_795_392_000_000 << 21
    assert partitions.day_of_ns(1_795_392_000_000 * 10**6) == day
    assert partitions.day_of_ns(1_795_392_000_000 * 10**6 - 1) == day - DAY
