"""Names by hash id: services, operations, resources. They prune and suggest; nothing depends on them.

An id is a hash, so that any process computes it without asking. Past a cap a name gets the id 0 = other:
its spans are stored and found all the same, by looking at each.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b

import psycopg

from spans import limits
from spans.store import database

OTHER = 0
REMEMBERED_MAX = 200_000  # raw names whose id is kept at hand

# By (project_id, name); ≤ SERVICES_MAX rows.
SERVICE_NAMES = (
    "SELECT name FROM spans_service WHERE project_id = %(project_id)s ORDER BY name LIMIT %(limit)s"
)
# By (project_id, service_id).
OPERATION_NAMES = """
SELECT name
  FROM spans_operation
 WHERE project_id = %(project_id)s
   AND service_id = %(service_id)s
 ORDER BY name
 LIMIT %(limit)s
"""
KNOWN_SERVICES = "SELECT id FROM spans_service WHERE project_id = %s LIMIT %s"
KNOWN_OPERATIONS = "SELECT id, service_id FROM spans_operation WHERE project_id = %s LIMIT %s"
KNOWN_RESOURCES = "SELECT id FROM spans_resource WHERE project_id = %s AND day = %s LIMIT %s"
ADD_SERVICES = """
INSERT INTO spans_service (id, project_id, name)
SELECT id, %s, name FROM unnest(%s::bigint[], %s::text[]) AS new (id, name)
    ON CONFLICT DO NOTHING
"""
ADD_OPERATIONS = """
INSERT INTO spans_operation (id, project_id, service_id, name)
SELECT id, %s, service_id, name
  FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS new (id, service_id, name)
    ON CONFLICT DO NOTHING
"""
# The day moves on with use, so that resources nobody sends any more can go.
ADD_RESOURCES = """
INSERT INTO spans_resource (id, project_id, service_id, raw, day)
SELECT id, %s, service_id, raw, %s
  FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS new (id, service_id, raw)
    ON CONFLICT (id) DO UPDATE SET day = EXCLUDED.day WHERE spans_resource.day < EXCLUDED.day
"""


def dictionary_id(kind: str, *parts: bytes, project_id: int = database.PROJECT) -> int:
    """The id of a name: the same in every process; never 0."""
    content = b"\0".join((kind.encode(), b"%d" % project_id, *parts))
    found = int.from_bytes(blake2b(content, digest_size=8).digest(), "little", signed=True)
    return found or 1


def service_id(name: str, *, project_id: int = database.PROJECT) -> int:
    return dictionary_id("service", normal(name).encode(), project_id=project_id)


def operation_id(service: str, name: str, *, project_id: int = database.PROJECT) -> int:
    return dictionary_id("operation", normal(service).encode(), normal(name).encode(), project_id=project_id)


def normal(name: str) -> str:
    """A name as dictionaries hold it: no NUL, which Postgres can't, no lone surrogate, and not endless."""
    if len(name) <= limits.NAME_CHARACTERS_MAX and name.isprintable():
        return name
    cleaned = name.encode("utf-8", "replace").decode().replace("\0", "")
    return cleaned[: limits.NAME_CHARACTERS_MAX]


def service_names(*, project_id: int = database.PROJECT) -> list[str]:
    """Sorted."""
    rows = database.read(SERVICE_NAMES, {"project_id": project_id, "limit": limits.SERVICES_MAX})
    return [row[0] for row in rows]


def operation_names(service: str, *, project_id: int = database.PROJECT) -> list[str]:
    """Span names seen under a service, sorted; [] when there is no such service."""
    asked = {
        "project_id": project_id,
        "service_id": service_id(service, project_id=project_id),
        "limit": limits.OPERATIONS_PER_SERVICE_MAX,
    }
    return [row[0] for row in database.read(OPERATION_NAMES, asked)]


class Dictionaries:
    """Ids for one writer, the rows that are not sent yet, and the caps.

    Shape: ids known to be in the database are remembered by what they were made of, and the counts under
    the caps are those of the last `load()`; several writers may pass a cap together by what each added since.
    """

    def __init__(self, *, project_id: int = database.PROJECT) -> None:
        self.project_id = project_id
        self.forget()

    def forget(self) -> None:
        """After a new connection or a failed send: what was sent may not have arrived."""
        self.day: date | None = None
        self.ids: dict[tuple[bytes, ...], int] = {}
        self.stored: set[int] = set()
        self.services = self.operations = self.resources = 0
        self.operations_of: Counter[int] = Counter()
        self._clear()

    def _clear(self) -> None:
        self.new_services: list[tuple[int, str]] = []
        self.new_operations: list[tuple[int, int, str]] = []
        self.new_resources: list[tuple[int, int, bytes]] = []

    def load(self, connection: psycopg.Connection[tuple[object, ...]], day: date) -> None:
        """Learns what is stored; once for a connection and a day."""
        if self.day == day:
            return
        self.forget()
        at_most = limits.OPERATIONS_MAX
        services = _first_column(connection, KNOWN_SERVICES, (self.project_id, at_most))
        resources = _first_column(connection, KNOWN_RESOURCES, (self.project_id, day, at_most))
        operations = connection.execute(KNOWN_OPERATIONS, (self.project_id, at_most)).fetchall()
        self.services, self.resources, self.operations = len(services), len(resources), len(operations)
        self.operations_of.update(service for _, service in operations if isinstance(service, int))
        self.stored.update(services, resources, (found for found, _ in operations if isinstance(found, int)))
        self.day = day

    def service(self, name: bytes) -> int:
        known = self.ids.get((name,))
        if known is not None:
            return known
        clean = normal(name.decode("utf-8", "replace"))
        found = service_id(clean, project_id=self.project_id)
        if found not in self.stored:
            if self.services >= limits.SERVICES_MAX:
                return OTHER
            self.services += 1
            self.stored.add(found)
            self.new_services.append((found, clean))
        return self._remember((name,), found)

    def operation(self, service: bytes, name: bytes) -> int:
        known = self.ids.get((service, name))
        if known is not None:
            return known
        of_service = self.service(service)
        is_full = of_service == OTHER or self.operations >= limits.OPERATIONS_MAX
        clean_service, clean = (normal(raw.decode("utf-8", "replace")) for raw in (service, name))
        found = operation_id(clean_service, clean, project_id=self.project_id)
        if found not in self.stored:
            if is_full or self.operations_of[of_service] >= limits.OPERATIONS_PER_SERVICE_MAX:
                return OTHER
            self.operations += 1
            self.operations_of[of_service] += 1
            self.stored.add(found)
            self.new_operations.append((found, of_service, clean))
        return self._remember((service, name), found)

    def resource(self, service: bytes, raw: bytes) -> int:
        known = self.ids.get((b"resource", raw, b""))
        if known is not None:
            return known
        found = dictionary_id("resource", raw, project_id=self.project_id)
        if found not in self.stored:
            if self.resources >= limits.RESOURCES_PER_DAY_MAX:
                return OTHER
            self.resources += 1
            self.stored.add(found)
            self.new_resources.append((found, self.service(service), raw))
        return self._remember((b"resource", raw, b""), found)

    def _remember(self, key: tuple[bytes, ...], found: int) -> int:
        """Ids are bounded by the caps, but not in how many ways their names can be written."""
        if len(self.ids) >= REMEMBERED_MAX:
            self.ids.clear()
        self.ids[key] = found
        return found

    def send(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        """New rows, each table in a transaction of its own; sorted, so that writers never wait in a ring."""
        if self.new_services:
            connection.execute(ADD_SERVICES, (self.project_id, *_columns(self.new_services)))
        if self.new_operations:
            connection.execute(ADD_OPERATIONS, (self.project_id, *_columns(self.new_operations)))
        if self.new_resources:
            connection.execute(ADD_RESOURCES, (self.project_id, self.day, *_columns(self.new_resources)))
        self._clear()


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*sorted(rows, key=lambda row: row[:1]), strict=True)]


def _first_column(
    connection: psycopg.Connection[tuple[object, ...]], sql: str, parameters: Sequence[object]
) -> list[int]:
    return [row[0] for row in connection.execute(sql, parameters).fetchall() if isinstance(row[0], int)]
