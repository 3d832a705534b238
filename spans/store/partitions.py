"""One partition per day of arrival, of every big table: made, sealed and dropped by the server itself.

Nothing here stands in the way of writers: a partition is made as a table of its own and attached, and
detached CONCURRENTLY before it is dropped. `pg_inherits` is the truth of what there is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import psycopg
from psycopg import sql

from spans.otel.clock import DAY_NS

CID_TIME_SHIFT = 21  # a cid is unix_ms << 21 | writer << 12 | chunk
BY_CID = ("spans_chunk", "spans_block", "spans_trace_chunk", "spans_token_run")
BY_DAY = "spans_ingest_request"
REQUEST_DAYS = 2  # a retry is looked for today and yesterday
DAYS_AHEAD = 2
MAKING, DROPPING = (
    7_301_001,
    7_301_002,
)  # advisory locks: a drop may wait for readers, a new day never for a drop
EPOCH, ONE_DAY = date(1970, 1, 1), timedelta(days=1)

PARTITIONS = """
SELECT c.relname, i.inhdetachpending
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = %s::regclass
 ORDER BY c.relname
"""
# Tables that were detached but not dropped: a server was stopped in between.
TABLES = """
SELECT relname
  FROM pg_class
 WHERE relkind = 'r'
   AND relname ~ %s
   AND pg_table_is_visible(oid)
"""
ADD_META = "INSERT INTO spans_partition_meta (day, sealed) VALUES (%s, false) ON CONFLICT DO NOTHING"
UNSEALED = "SELECT day FROM spans_partition_meta WHERE NOT sealed AND day < %s ORDER BY day"
SEAL = """
UPDATE spans_partition_meta
   SET sealed = true,
       (start_min_ns, start_max_ns) = (
         SELECT min(start_min_ns), max(start_max_ns)
           FROM spans_block
          WHERE cid >= %(first)s AND cid < %(last)s)
 WHERE day = %(day)s
"""
DROP_RESOURCES = "DELETE FROM spans_resource WHERE day < %s"

Connection = psycopg.Connection[tuple[object, ...]]


def first_cid(day: date) -> int:
    """The smallest cid that a day of arrival can have."""
    return (day - EPOCH).days * (DAY_NS // 10**6) << CID_TIME_SHIFT


def day_of_ns(time_ns: int) -> date:
    """The UTC day of a moment."""
    return EPOCH + timedelta(days=time_ns // DAY_NS)


def maintain(connection: Connection, *, today: date | None = None, retention_days: int) -> list[str]:
    """Makes the days from yesterday to the day after tomorrow, seals old ones, drops those past retention.

    Shape: what was done, a sentence each; [] when nothing was to do. `connection` is in autocommit mode.
    Unit: `retention_days` whole days before today that are kept.
    """
    today = today or datetime.now(UTC).date()
    done = []
    for ahead in range(-1, DAYS_AHEAD + 1):
        done += ensure_day(connection, today + timedelta(days=ahead))
    done += _seal(connection, before=today - timedelta(days=1))
    return done + _drop(connection, before=today - timedelta(days=retention_days), today=today)


def ensure_day(connection: Connection, day: date) -> list[str]:
    """Makes the partitions of a day that are missing; what was made, a sentence each. In autocommit mode."""
    done = []
    with _locked(connection, MAKING):
        for table in (*BY_CID, BY_DAY):
            name = _name(table, day)
            if name not in days_of(connection, table):
                _make(connection, table, day)
                done.append(f"made {name}")
        connection.execute(ADD_META, (day,))
    return done


def days_of(connection: Connection, table: str) -> dict[str, date]:
    """Partitions of a table and the days they hold."""
    rows = connection.execute(PARTITIONS, (table,)).fetchall()
    return {
        str(name): datetime.strptime(str(name)[-8:], "%Y%m%d").replace(tzinfo=UTC).date() for name, _ in rows
    }


def _name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def _make(connection: Connection, table: str, day: date) -> None:
    """LIKE … INCLUDING ALL carries storage, compression, indexes; the CHECK spares ATTACH from reading."""
    following = day + timedelta(days=1)
    column = "day" if table == BY_DAY else "cid"
    bounds = (day, following) if table == BY_DAY else (first_cid(day), first_cid(following))
    first, last = (sql.Literal(str(bound) if table == BY_DAY else bound) for bound in bounds)
    names = {
        "table": sql.Identifier(table),
        "part": sql.Identifier(_name(table, day)),
        "column": sql.Identifier(column),
    }
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = '10s'")
        connection.execute(sql.SQL("CREATE TABLE {part} (LIKE {table} INCLUDING ALL)").format(**names))
        check = (
            "ALTER TABLE {part} ADD CONSTRAINT of_its_day CHECK ({column} >= {first} AND {column} < {last})"
        )
        connection.execute(sql.SQL(check).format(**names, first=first, last=last))
        attach = "ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last})"
        connection.execute(sql.SQL(attach).format(**names, first=first, last=last))


def _seal(connection: Connection, *, before: date) -> list[str]:
    """Marks days that get no more spans, and notes the true times of what they hold."""
    days = [row[0] for row in connection.execute(UNSEALED, (before,)).fetchall()]
    for day in days:
        assert isinstance(day, date)
        bounds = {"first": first_cid(day), "last": first_cid(day + timedelta(days=1))}
        connection.execute(SEAL, {"day": day, **bounds})
    return [f"sealed {day}" for day in days]


def _drop(connection: Connection, *, before: date, today: date) -> list[str]:
    done = []
    with _locked(connection, DROPPING):
        for table in (*BY_CID, BY_DAY):
            least = max(before, today - timedelta(days=REQUEST_DAYS - 1)) if table == BY_DAY else before
            for name, day in days_of(connection, table).items():
                if day < least:
                    _detach(connection, table, name)
                    done.append(f"dropped {name}")
            for name in _detached(connection, table, before=least):
                connection.execute(sql.SQL("DROP TABLE {part}").format(part=sql.Identifier(name)))
        connection.execute("DELETE FROM spans_partition_meta WHERE day < %s", (before,))
        connection.execute(DROP_RESOURCES, (before,))
    return done


def _detach(connection: Connection, table: str, name: str) -> None:
    """Waits for those who still read it, and lets everyone else pass."""
    names = {"table": sql.Identifier(table), "part": sql.Identifier(name)}
    rows = connection.execute(PARTITIONS, (table,)).fetchall()
    for pending in [str(part) for part, is_pending in rows if is_pending]:
        finalize = sql.SQL("ALTER TABLE {table} DETACH PARTITION {part} FINALIZE")
        connection.execute(finalize.format(table=names["table"], part=sql.Identifier(pending)))
        if pending == name:
            return
    connection.execute(sql.SQL("ALTER TABLE {table} DETACH PARTITION {part} CONCURRENTLY").format(**names))


def _detached(connection: Connection, table: str, *, before: date) -> list[str]:
    """Tables of old days that no longer belong to `table`."""
    attached = days_of(connection, table)
    pattern = f"^{table}_[0-9]{{8}}$"
    rows = connection.execute(TABLES, (pattern,)).fetchall()
    names = [str(row[0]) for row in rows]
    return [name for name in names if name not in attached and name < _name(table, before)]


@contextmanager
def _locked(connection: Connection, lock: int) -> Iterator[None]:
    """One process at a time, over several transactions."""
    assert connection.autocommit, "DETACH CONCURRENTLY can't run inside a transaction"
    connection.execute("SELECT pg_advisory_lock(%s)", (lock,))
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", (lock,))
