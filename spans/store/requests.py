"""Requests that were stored already: a retry is acknowledged, not stored twice."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import psycopg

# Hashes not seen today or yesterday; a retry over midnight is found in yesterday's partition.
# Two receivers that insert the same hash wait for each other; sorted, so that they never wait in a ring.
ACCEPT = """
INSERT INTO spans_ingest_request (hash, day, project_id)
SELECT h, %(day)s, %(project_id)s
  FROM unnest(%(hashes)s::uuid[]) AS h
 WHERE NOT EXISTS (
       SELECT FROM spans_ingest_request r WHERE r.hash = h AND r.day = %(day)s - 1)
 ORDER BY h
    ON CONFLICT DO NOTHING
RETURNING hash
"""


def accept(
    connection: psycopg.Connection[tuple[object, ...]], hashes: Iterable[bytes], *, day: date, project_id: int
) -> set[bytes]:
    """Those of the hashes that are new; they are known from the end of this transaction on."""
    asked = [UUID(bytes=value) for value in sorted(set(hashes))]
    if not asked:
        return set()
    parameters = {"day": day, "project_id": project_id, "hashes": asked}
    rows = connection.execute(ACCEPT, parameters, binary=True).fetchall()
    return {row[0].bytes for row in rows if isinstance(row[0], UUID)}
