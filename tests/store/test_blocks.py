"""Zone maps and arrays against brute force over what was sent."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spans.store.blocks import ARRAYS, duration_bucket
from spans.store.chunk_reader import fetch_heads
from spans.store.database import connect, read
from spans.store.dictionaries import operation_id, service_id
from spans.store.flush import FlushWriter
from tests.builders import batch_of, fresh_service, make_span, request_of

pytestmark = pytest.mark.django_db(transaction=True)
RANDOM = random.Random(3)
NEWEST = """
SELECT u.start_ns
  FROM spans_block b, unnest(b.start_ns, b.duration_ns, b.status) u (start_ns, duration_ns, status)
 WHERE b.service_id = %(service_id)s
   AND (b.ok_durations | b.error_durations) & %(mask)s::bigint <> 0
   AND b.duration_max_ns >= %(least_ns)s
   AND u.duration_ns >= %(least_ns)s
 ORDER BY 1 DESC
 LIMIT 20
"""


def random_spans(count: int) -> list:
    return [
        make_span(
            name=f"op {RANDOM.randrange(5)}", start_ns=RANDOM.randrange(1, 10**15), kind=RANDOM.randrange(6),
            duration_ns=int(RANDOM.lognormvariate(13, 3)), status=RANDOM.choice([0, 0, 1, 2]),
        )
        for _ in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def stored(django_db_setup, django_db_blocker):
    """Spans by service, written in five flushes of two requests each."""
    spans = {fresh_service(): [] for _ in range(3)}
    with django_db_blocker.unblock(), connect() as connection:
        writer = FlushWriter(connection)
        for _ in range(5):
            batches = []
            for service in [*spans, next(iter(spans))]:
                sent = random_spans(RANDOM.randrange(1, 80))
                spans[service] += sent
                batches.append(batch_of(request_of(*sent, service=service)))
            writer.write(batches)
        connection.close()
    return spans


def bits_from(least_ns: int) -> int:
    """All buckets that a duration of at least this can be in, as a signed bitmap."""
    bucket = int(duration_bucket(np.array([least_ns]))[0])
    return int(np.uint64((1 << 64) - (1 << bucket)).view(np.int64))


@pytest.mark.parametrize("least_ns", [0, 10**3, 10**5, 442_413, 10**6, 50 * 10**6, 10**9, 10**14])
def test_newest_above_a_duration_by_zone_maps_equals_brute_force(stored, least_ns):
    for service, spans in stored.items():
        asked = {"service_id": service_id(service), "mask": bits_from(least_ns), "least_ns": least_ns}
        found = [row[0] for row in read(NEWEST, asked)]
        durations = {
            one.start_time_unix_nano: one.end_time_unix_nano - one.start_time_unix_nano for one in spans
        }
        assert (
            found
            == sorted((s for s, duration in durations.items() if duration >= least_ns), reverse=True)[:20]
        )


def test_zone_maps_say_exactly_what_the_arrays_hold(stored):
    sql = f"""SELECT spans, start_min_ns, start_max_ns, duration_max_ns, ok_durations, error_durations,
                     {", ".join(ARRAYS)} FROM spans_block WHERE service_id = ANY(%s)"""
    for count, first, last, longest, ok, error, *arrays in read(sql, [[service_id(name) for name in stored]]):
        columns = dict(zip(ARRAYS, map(np.array, arrays), strict=True))
        assert {len(column) for column in columns.values()} == {count}
        assert (first, last) == (columns["start_ns"].min(), columns["start_ns"].max())
        assert longest == columns["duration_ns"].max()
        is_error = columns["status"] == 2
        for bitmap, chosen in ((ok, ~is_error), (error, is_error)):
            buckets = set(duration_bucket(columns["duration_ns"][chosen]).tolist())
            assert {bit for bit in range(64) if bitmap >> bit & 1} == buckets


def test_operations_of_blocks_are_those_of_their_spans(stored):
    sql = "SELECT operations, operation FROM spans_block WHERE service_id = %s"
    for service, spans in stored.items():
        found = [ids[place] for ids, places in read(sql, [service_id(service)]) for place in places]
        assert sorted(found) == sorted(operation_id(service, span.name) for span in spans)


def test_blocks_and_chunks_hold_the_same_spans(stored):
    names = [service_id(name) for name in stored]
    columns = "cid, chunk, trace_low, span_id, parent_id, start_ns"
    sql = f"SELECT {columns} FROM spans_block WHERE service_id = ANY(%s)"
    of_blocks = set()
    for cid, *arrays in read(sql, [names]):
        of_blocks |= {(cid + chunk, *rest) for chunk, *rest in zip(*arrays, strict=True)}
    of_chunks = set()
    for head in fetch_heads(sorted({row[0] for row in of_blocks})):
        ids = (head.span_id.astype(np.int64), head.parent_id.astype(np.int64))
        columns = [head.trace_low, *ids, head.start_ns]
        of_chunks |= {(head.cid, *row) for row in zip(*[column.tolist() for column in columns], strict=True)}
    assert of_blocks == of_chunks


@given(st.integers(0, 2**63 - 1))
def test_a_bucket_holds_durations_of_half_an_octave(duration_ns):
    bucket = int(duration_bucket(np.array([duration_ns]))[0])
    micros = max(duration_ns, 1_000) / 1_000
    assert bucket == 63 or 2 ** (bucket / 2) * (1 - 1e-9) <= micros < 2 ** ((bucket + 1) / 2) * (1 + 1e-9)


def test_people_find_spans_by_sql(stored):
    service, spans = next(iter(stored.items()))
    sql = """SELECT trace_id, span_id, name, start_ns, duration_ns
               FROM tracing_spans('1970-01-01', '1971-01-01', %s, '1 millisecond')"""
    rows = {(s.trace_id.hex(), s.span_id.hex(), s.name, s.start_time_unix_nano): s for s in spans}
    found = read(sql, [service])
    assert {row[:4] for row in found} <= set(rows)
    assert len(found) == sum(s.end_time_unix_nano - s.start_time_unix_nano >= 10**6 for s in spans)
