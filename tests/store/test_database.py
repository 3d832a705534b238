"""The one door to Postgres."""

import time

import psycopg
import pytest
from django.db import connection, transaction

from spans.store.database import DatabaseAway, OutOfTime, connect, conninfo, read

pytestmark = pytest.mark.django_db(transaction=True)


def test_values_come_back_exact_and_in_python_types():
    rows = read("SELECT %(b)s::bytea, ARRAY[1, %(n)s]::bigint[], %(n)s", {"b": b"\0\xff", "n": 2**63 - 1})
    assert rows == [(b"\0\xff", [1, 2**63 - 1], 2**63 - 1)]


def test_a_list_is_an_array():
    assert read("SELECT 1 WHERE 5 = ANY (%s)", [[1, 5]]) == [(1,)]
    assert read("SELECT 1 WHERE 5 = ANY (%s::bigint[])", [[]]) == []


def test_a_statement_past_its_time_is_stopped():
    started_s = time.monotonic()
    with pytest.raises(OutOfTime):
        read("SELECT pg_sleep(20)", timeout_ms=50)
    assert time.monotonic() - started_s < 10
    assert read("SELECT 1", timeout_ms=5_000) == [(1,)]


def test_no_time_left_is_out_of_time_without_asking():
    with pytest.raises(OutOfTime):
        read("not even SQL", timeout_ms=0)


def test_the_limit_of_one_statement_is_not_that_of_the_next():
    with transaction.atomic():
        read("SELECT 1", timeout_ms=20)
        assert read("SHOW statement_timeout") == [("0",)]


def test_a_connection_that_was_closed_by_the_server_is_replaced():
    (pid,) = read("SELECT pg_backend_pid()")[0]
    with connect() as own:
        own.execute("SELECT pg_terminate_backend(%s)", (pid,))
    assert read("SELECT 1") == [(1,)]


def lose_the_connection_inside_a_transaction():
    with transaction.atomic():
        (pid,) = read("SELECT pg_backend_pid()")[0]
        with connect() as own:
            own.execute("SELECT pg_terminate_backend(%s)", (pid,))
        read("SELECT 1")


def test_a_connection_lost_inside_a_transaction_is_said():
    with pytest.raises(DatabaseAway):
        lose_the_connection_inside_a_transaction()
    connection.close()


def test_ones_own_connection_goes_to_the_same_database():
    with connect() as own, psycopg.connect(conninfo()) as other:
        sql = "SELECT current_database()"
        assert own.execute(sql).fetchall() == other.execute(sql).fetchall() == read(sql)
        assert own.autocommit
