"""Keys and values of attributes, for suggestions: learned beside the flush by a thread of its own.

What does not get here is only not suggested: under load flushes are skipped, and past the caps nothing is
added.
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence

import psycopg

from spans import limits
from spans.formats.otlp_decode import decode_attribute
from spans.otel.attributes import as_text
from spans.store.database import PROJECT, DatabaseAway, connect
from spans.store.dictionaries import dictionary_id, normal

FLUSHES_WAITING_MAX = 4
ATTRIBUTES_PER_FLUSH_MAX = 2_000  # ≤ 16 ms of this thread, which shares the interpreter with the writer
VALUE_CHARACTERS_MAX = 256  # a longer value is no name of anything
SEEN_MAX = 200_000  # raw attributes that are known not to be new
IDLE_S = 60  # then the connection is given back
PAUSE_S = (
    1.0  # between two flushes that are learned from: each is a transaction, small flushes come 40 a second
)

ADD_KEYS = """
INSERT INTO spans_attribute_key (id, project_id, key)
SELECT id, %s, key FROM unnest(%s::bigint[], %s::text[]) AS new (id, key)
    ON CONFLICT DO NOTHING
"""
ADD_VALUES = """
INSERT INTO spans_attribute_value (id, project_id, key_id, value)
SELECT id, %s, key_id, value FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS new (id, key_id, value)
    ON CONFLICT DO NOTHING
"""
KNOWN_KEYS = "SELECT id FROM spans_attribute_key WHERE project_id = %s LIMIT %s"
KNOWN_VALUES = "SELECT id, key_id FROM spans_attribute_value WHERE project_id = %s LIMIT %s"
logger = logging.getLogger(__name__)
Connection = psycopg.Connection[tuple[object, ...]]


class AttributeNames:
    """A thread that fills `attribute_key` and `attribute_value`. `offer` never waits."""

    def __init__(
        self, *, make_connection: Callable[[], Connection] = connect, project_id: int = PROJECT
    ) -> None:
        self._make_connection = make_connection
        self._project_id = project_id
        self._queue: queue.Queue[Sequence[bytes] | None] = queue.Queue(FLUSHES_WAITING_MAX)
        self._connection: Connection | None = None
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attribute-names", daemon=True)
        self._forget()

    def start(self) -> None:
        self._thread.start()

    def offer(self, attributes: Sequence[bytes], /) -> None:
        """Distinct KeyValue messages of one flush; dropped while earlier ones wait."""
        step = -(-len(attributes) // ATTRIBUTES_PER_FLUSH_MAX) or 1
        try:
            self._queue.put_nowait(attributes[::step])
        except queue.Full:
            return

    def stop(self) -> None:
        """Learns what waits, then ends."""
        self._is_stopping.set()
        self._queue.put(None)
        self._thread.join()

    def _forget(self) -> None:
        self._is_loaded = False
        self._keys: set[int] = set()
        self._values: set[int] = set()
        self._full: set[bytes] = set()  # key fields whose values are past a cap
        self._values_of: Counter[int] = Counter()
        self._seen: set[bytes] = set()

    def _run(self) -> None:
        while True:
            try:
                attributes = self._queue.get(timeout=IDLE_S if self._connection else None)
            except queue.Empty:
                self._hang_up()
                continue
            if attributes is None:
                self._hang_up()
                return
            try:
                self._learn(attributes)
            except (psycopg.Error, DatabaseAway) as error:  # only suggestions are lost
                logger.warning("attribute names were not kept: %s", str(error).strip())
                self._hang_up()
                self._forget()
            self._is_stopping.wait(PAUSE_S)

    def _hang_up(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _learn(self, attributes: Sequence[bytes]) -> None:
        connection = self._connection or self._connect()
        if len(self._seen) > SEEN_MAX:
            self._seen.clear()
        keys: dict[int, str] = {}
        values: dict[int, tuple[int, str]] = {}
        for raw in attributes:
            if len(raw) > 1 and raw[: raw[1] + 2] not in self._full and raw not in self._seen:
                self._seen.add(raw)
                self._take(raw, keys, values)
        rows = sorted((found, key_id, value) for found, (key_id, value) in values.items())
        with connection.transaction():
            if keys:
                connection.execute(
                    ADD_KEYS, (self._project_id, sorted(keys), [keys[key] for key in sorted(keys)])
                )
            if rows:
                connection.execute(ADD_VALUES, (self._project_id, *map(list, zip(*rows, strict=True))))

    def _connect(self) -> Connection:
        """What is stored already counts towards the caps."""
        connection = self._connection = self._make_connection()
        if self._is_loaded:
            return connection
        rows = connection.execute(KNOWN_KEYS, (self._project_id, limits.ATTRIBUTE_KEYS_MAX)).fetchall()
        self._keys = {row[0] for row in rows if isinstance(row[0], int)}
        for value_id, key_id in connection.execute(KNOWN_VALUES, (self._project_id, SEEN_MAX)).fetchall():
            assert isinstance(value_id, int)
            assert isinstance(key_id, int)
            self._values.add(value_id)
            self._values_of[key_id] += 1
        self._is_loaded = True
        return connection

    def _take(self, raw: bytes, keys: dict[int, str], values: dict[int, tuple[int, str]]) -> None:
        key, value = decode_attribute(raw)
        key = normal(key)
        key_id = dictionary_id("attribute_key", key.encode(), project_id=self._project_id)
        if key_id not in self._keys:
            if len(self._keys) >= limits.ATTRIBUTE_KEYS_MAX or not key or key.startswith("link:"):
                self._full.add(raw[: raw[1] + 2])
                return
            self._keys.add(key_id)
            keys[key_id] = key
        text = "" if isinstance(value, tuple | bytes) else normal(as_text(value))
        if not text or len(text) > VALUE_CHARACTERS_MAX:
            return
        parts = (key.encode(), text.encode())
        value_id = dictionary_id("attribute_value", *parts, project_id=self._project_id)
        if value_id not in self._values and self._values_of[key_id] < limits.ATTRIBUTE_VALUES_PER_KEY_MAX:
            self._values_of[key_id] += 1
            self._values.add(value_id)
            values[value_id] = (key_id, text)
        elif self._values_of[key_id] >= limits.ATTRIBUTE_VALUES_PER_KEY_MAX:
            self._full.add(raw[: raw[1] + 2])
