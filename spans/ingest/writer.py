"""The thread that stores: it takes all that queued while the last flush ran, and answers after COMMIT."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from spans.formats.otlp import Batch
from spans.ingest.reply import ACCEPTED, DATABASE_AWAY, OUR_FAULT, Answer
from spans.ingest.room import Hold
from spans.limits import FLUSH_BYTES_MAX, FLUSH_SPANS_MAX, LINGER_SPANS
from spans.store.attribute_names import AttributeNames
from spans.store.database import DatabaseAway, connect
from spans.store.flush import BadData, FlushWriter

WAIT_S_MAX = 8.0  # for an answer; exporters give up after 10 s, and what they were not told they send again
PAUSE_FIRST_S = 0.1  # between two attempts to reach the database
PAUSE_MAX_S = 1.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    batch: Batch
    future: "asyncio.Future[Answer]"
    deadline_s: float  # of time.monotonic()


class Writer:
    """A queue, and the one thread and connection that empty it. `write` belongs to the event loop."""

    def __init__(self, *, linger_ms: int, linger_spans: int = LINGER_SPANS) -> None:
        self.is_away = False
        self._linger_s = linger_ms / 1000
        self._linger_spans = linger_spans
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._queue: deque[_Waiting] = deque()  # guarded by _changed, as the three below
        self._queued_spans = 0
        self._is_stopping = False
        self._flushed_spans = 0  # by the last flush
        self._names = AttributeNames()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Raises: DatabaseAway. A server that can't store anything should not start to listen."""
        self._flush = FlushWriter(connect(), learner=self._names)
        self._names.start()
        self._thread.start()

    async def write(self, batch: Batch, hold: Hold) -> Answer:
        """What became of the batch, known after COMMIT; DATABASE_AWAY when that takes too long."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        future.add_done_callback(lambda _: hold.release())
        hold.is_handed_over = True
        with self._changed:
            self._queue.append(_Waiting(batch, future, time.monotonic() + WAIT_S_MAX))
            self._queued_spans += batch.spans
            self._changed.notify()
        try:
            async with asyncio.timeout(WAIT_S_MAX):
                return await asyncio.shield(
                    future
                )  # a sender that hangs up does not take its bytes out of the queue
        except TimeoutError:
            return DATABASE_AWAY

    def stop(self) -> None:
        """Stores what is queued, then ends. Blocks; nothing may be written afterwards."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()
        self._names.stop()

    # --- the thread

    def _run(self) -> None:
        while group := self._next_group():
            self._flushed_spans = sum(waiting.batch.spans for waiting in group)
            self._store(group)
        self._flush.close()
        self._names.stop()

    def _next_group(self) -> list[_Waiting]:
        """What is stored next; empty when the thread is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_stopping)
            if self._flushed_spans < self._linger_spans and self._linger_s:
                self._changed.wait_for(self._is_worth_a_flush, timeout=self._linger_s)
            return self._take()

    def _is_worth_a_flush(self) -> bool:
        return self._queued_spans >= self._linger_spans or self._is_stopping

    def _take(self) -> list[_Waiting]:
        """The head of the queue: one request at least, and no more than a flush should hold."""
        group: list[_Waiting] = []
        spans = raw_bytes = 0
        while self._queue:
            batch = self._queue[0].batch
            spans += batch.spans
            raw_bytes += batch.raw_bytes
            if group and (spans > FLUSH_SPANS_MAX or raw_bytes > FLUSH_BYTES_MAX):
                break
            group.append(self._queue.popleft())
            self._queued_spans -= batch.spans
        return group

    def _store(self, group: list[_Waiting]) -> None:
        """Writes the group; when the database refuses something in it, one request after the other."""
        try:
            self._write(group)
        except BadData as error:
            self._one_by_one(group, Answer(400, reason=f"the database refuses this request: {error}"))
        except Exception:  # the outermost edge of this thread: one bad request must not end it
            logger.exception("a flush of %d requests failed", len(group))
            self._flush.close()  # in an unknown state; the next flush makes a new connection
            self._one_by_one(group, OUR_FAULT)

    def _one_by_one(self, group: list[_Waiting], refusal: Answer) -> None:
        if len(group) == 1:
            self._answer(group, refusal)
            return
        for waiting in group:
            self._store([waiting])

    def _write(self, group: list[_Waiting]) -> None:
        """One flush, repeated while the database is away: the requests' keys make that harmless."""
        pause_s = 0.0  # the first loss is mostly a restart: a new connection is tried at once
        while not self._try_to_write(group):
            time.sleep(pause_s)
            pause_s = min(max(2 * pause_s, PAUSE_FIRST_S), PAUSE_MAX_S)
            group = self._refuse_overdue(group)
            if self._is_stopping and not group:
                return
        self._answer(group, ACCEPTED)

    def _try_to_write(self, group: list[_Waiting]) -> bool:
        """False when the database is away: new requests are refused until it is back."""
        try:
            if group:
                self._flush.write([waiting.batch for waiting in group])
            else:  # all of it waited too long
                connect().close()
        except DatabaseAway as error:
            if not self.is_away:
                logger.warning("the database is away, requests are refused until it is back: %s", error)
            self.is_away = True
            return False
        if self.is_away:
            logger.info("the database is back")
        self.is_away = False
        return True

    def _refuse_overdue(self, group: list[_Waiting]) -> list[_Waiting]:
        """Those who still wait. The others were answered at their deadline and will send again."""
        now_s = time.monotonic()
        with self._changed:
            overdue = [waiting for waiting in (*group, *self._queue) if waiting.deadline_s <= now_s]
            while self._queue and self._queue[0].deadline_s <= now_s:
                self._queued_spans -= self._queue.popleft().batch.spans
        self._answer(overdue, DATABASE_AWAY)
        return [waiting for waiting in group if waiting.deadline_s > now_s]

    def _answer(self, group: Iterable[_Waiting], answer: Answer) -> None:
        self._loop.call_soon_threadsafe(_resolve, [waiting.future for waiting in group], answer)


def _resolve(futures: list["asyncio.Future[Answer]"], answer: Answer) -> None:
    for future in futures:
        if not future.done():
            future.set_result(answer)
