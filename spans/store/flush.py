"""Batches → one transaction over all tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import psycopg
from psycopg import errors

from spans import limits
from spans.formats.otlp import Batch
from spans.store import partitions, requests
from spans.store.database import PROJECT, DatabaseAway, connect
from spans.store.dictionaries import Dictionaries
from spans.store.pack import TABLES, Packed, pack
from spans.store.writer_connection import Stamps, day_of_cid

ATTEMPTS_MAX = 5  # a missing partition, then a clash or two; more is not bad luck
GROUP_BYTES_MAX = 4 * limits.FLUSH_BYTES_MAX  # of one transaction, a single larger request apart


class BadData(Exception):
    """Postgres refuses a value (SQLSTATE class 22 or 23): nothing of this call is stored.

    The caller writes the batches one by one; the culprit's sender gets 400, the others are stored.
    """

    def __init__(self, sqlstate: str, reason: str) -> None:
        super().__init__(f"{reason} ({sqlstate})")
        self.sqlstate = sqlstate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one batch. A repeated request is acknowledged like a stored one."""

    spans: int
    is_repeat: bool = False


class Learner(Protocol):
    """Takes the attributes of a flush, for the names and values that search suggests."""

    def offer(self, attributes: Sequence[bytes], /) -> None: ...


class FlushWriter:
    """Writes flushes over one connection, from one thread.

    `clock`: Unix nanoseconds of arrival, for made-up traffic; else the server's clock. `learner`: see
    `attribute_names.AttributeNames`; without one no attribute names are suggested.
    """

    def __init__(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        *,
        clock: Callable[[], int] | None = None,
        learner: Learner | None = None,
        project_id: int = PROJECT,
    ) -> None:
        self.connection = connection
        self.learner = learner
        self.stamps = Stamps(clock)
        self.dictionaries = Dictionaries(project_id=project_id)

    def now_ns(self) -> int:
        """The time of arrival as this writer sees it."""
        return self.stamps.now_ns()

    def write(self, batches: Sequence[Batch]) -> list[Outcome]:
        """Stores all batches, in one transaction up to FLUSH_SPANS_MAX spans; what became of each.

        A batch whose request hash is known already is acknowledged, not stored: after DatabaseAway the caller
        repeats the same call, whether or not the lost COMMIT had arrived. Batches without a hash (files)
        may be stored twice then.
        Raises: DatabaseAway when the connection was lost (a new one is made by the next call); BadData.
        """
        outcomes: list[Outcome] = []
        for group in _groups(batches):
            outcomes += self._write_group(group)
        return outcomes

    def close(self) -> None:
        self.connection.close()

    def _write_group(self, group: Sequence[Batch]) -> list[Outcome]:
        try:
            for attempt in range(1, ATTEMPTS_MAX + 1):
                try:
                    return self._flush(group)
                except errors.CheckViolation as error:
                    if error.diag.constraint_name or attempt == ATTEMPTS_MAX:  # else a day is missing
                        raise
                    self._make_partitions()
                except errors.UniqueViolation:
                    if attempt == ATTEMPTS_MAX:
                        raise
                    self.stamps.renew()
            raise AssertionError("the loop returns or raises")
        except (errors.DataError, errors.IntegrityError) as error:
            raise BadData(error.sqlstate or "", str(error).splitlines()[0]) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self.forget()
            raise DatabaseAway(str(error).strip()) from error

    def forget(self) -> None:
        """What this writer believes of the database is asked anew; a connection that broke is replaced."""
        self.dictionaries.forget()
        self.stamps.checked_s = None

    def _flush(self, group: Sequence[Batch]) -> list[Outcome]:
        """Packs as if all were new, which is what they nearly always are, before the transaction begins."""
        connection = self._connection()
        self.stamps.check_clock(connection)
        cid, now_ns = self.stamps.next_cid(), self.stamps.now_ns()
        day = day_of_cid(cid)
        self.dictionaries.load(connection, day)
        fresh, repeats = _without_copies(group)
        packed = self._pack(fresh, cid, now_ns)
        hashes = [batch.request_hash for batch in fresh if batch.request_hash]
        with connection.transaction():
            new = requests.accept(connection, hashes, day=day, project_id=self.dictionaries.project_id)
            if len(new) < len(hashes):
                known = {number for number, batch in enumerate(group) if _is_known(batch, new)}
                repeats |= known
                fresh = [batch for number, batch in enumerate(group) if number not in repeats]
                packed = self._pack(fresh, cid, now_ns)
            if packed:
                _copy(connection, packed)
        if packed and self.learner:
            self.learner.offer(packed.attributes)
        return [Outcome(0, is_repeat=True) if n in repeats else Outcome(b.spans) for n, b in enumerate(group)]

    def _pack(self, batches: Sequence[Batch], cid: int, now_ns: int) -> Packed | None:
        """None: no span among them. Names that are new are sent, outside of any transaction."""
        full = [batch for batch in batches if batch.spans]
        if not full:
            return None
        packed = pack(full, cid, now_ns, self.dictionaries)
        self.dictionaries.send(self.connection)
        return packed

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        if self.connection.closed:  # broken ones are closed too
            self.connection = connect()
            self.stamps.renew()
            self.forget()
        return self.connection

    def _make_partitions(self) -> None:
        """Today's, and the next two days' while at it."""
        today = partitions.day_of_ns(self.stamps.now_ns())
        for ahead in range(partitions.DAYS_AHEAD + 1):
            partitions.ensure_day(self._connection(), today + ahead * partitions.ONE_DAY)


def _copy(connection: psycopg.Connection[tuple[object, ...]], packed: Packed) -> None:
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)") as copy:
                copy.write(packed.copies[table])


def _groups(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Never more than the 4,096 chunks that a flush can number: even shares of 512 spans or 1 MiB."""
    group: list[Batch] = []
    spans = raw_bytes = 0
    for batch in batches:
        is_full = (
            spans + batch.spans > limits.FLUSH_SPANS_MAX or raw_bytes + batch.raw_bytes > GROUP_BYTES_MAX
        )
        if group and is_full:
            yield group
            group, spans, raw_bytes = [], 0, 0
        group.append(batch)
        spans, raw_bytes = spans + batch.spans, raw_bytes + batch.raw_bytes
    if group:
        yield group


def _without_copies(group: Sequence[Batch]) -> tuple[list[Batch], set[int]]:
    """(the batches but second copies of a request in one group, the numbers of those copies)."""
    seen: set[bytes] = set()
    fresh, repeats = [], set()
    for number, batch in enumerate(group):
        if batch.request_hash and batch.request_hash in seen:
            repeats.add(number)
        else:
            fresh.append(batch)
            seen.update([batch.request_hash] if batch.request_hash else [])
    return fresh, repeats


def _is_known(batch: Batch, new: set[bytes]) -> bool:
    return batch.request_hash is not None and batch.request_hash not in new
