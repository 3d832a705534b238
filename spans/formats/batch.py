"""What one request brings: its columns and bytes, or the sentence that refuses it."""

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

# One span of a batch; the codes are places in the batch's tables.
SPAN = np.dtype([
    ("trace_high", ">u8"), ("trace_low", ">u8"), ("span_id", ">u8"), ("parent_id", ">u8"),
    ("start_ns", "<i8"), ("duration_ns", "<i8"), ("service", "<u4"), ("name", "<u4"), ("resource", "<u4"),
    ("scope", "<u4"), ("span_bytes", "<u4"), ("attributes", "<u4"), ("events", "<u2"), ("kind", "u1"),
    ("status", "u1"), ("flags", "u1"),
])  # fmt: skip
REASONS_MAX = 3  # spans that one answer names


class BadBatch(Exception):
    """The sender's fault: nothing of the request is stored.

    `status`: the answer's in HTTP, one of 400, 413, 415.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(slots=True)
class Rejected:
    """Spans of a request that are not stored while the rest is, and why."""

    count: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, reason: str) -> None:
        self.count += 1
        if len(self.reasons) < REASONS_MAX:
            self.reasons.append(reason)

    def extend(self, others: "Rejected") -> None:
        """Takes in the spans that another step rejected."""
        self.count += others.count
        self.reasons += others.reasons[: REASONS_MAX - len(self.reasons)]

    @property
    def text(self) -> str:
        """For `partial_success.error_message`; "" when there is none."""
        more = self.count - len(self.reasons)
        return "; ".join(self.reasons) + (f"; and {more} more" if more else "")


@dataclass(slots=True)
class Batch:
    """What one request brings, ready to be packed with others into one flush.

    Shape: `header` of type SPAN in the order of arrival, `raw` the spans' bytes in the same order. `codes`
    are those of all spans' attributes one after another, `header["attributes"]` of them each; they are
    places in `attributes`, distinct KeyValue messages. `resources`, `scopes`: ResourceSpans, ScopeSpans
    messages without spans.
    """

    arrival_ns: int
    raw_bytes: int
    request_hash: bytes | None
    header: NDArray[Any]
    raw: list[bytes]
    attributes: list[bytes]
    codes: "array[int]"
    services: list[bytes]
    names: list[bytes]
    resources: list[bytes]
    scopes: list[bytes]
    resource_service: list[int]
    resource_attributes: list[list[int]]
    scope_attributes: list[list[int]]
    rejects: Rejected

    @property
    def spans(self) -> int:
        """How many will be stored."""
        return len(self.raw)

    @property
    def rejected(self) -> int:
        return self.rejects.count

    @property
    def rejected_reason(self) -> str:
        """ "" when none was rejected."""
        return self.rejects.text
