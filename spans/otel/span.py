"""A span and what hangs on it, as plain values.

Source: opentelemetry/proto/trace/v1/trace.proto.
"""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from spans.otel.attributes import Attributes
from spans.otel.resource import NO_RESOURCE, NO_SCOPE, Resource, Scope


class SpanKind(IntEnum):
    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class StatusCode(IntEnum):
    UNSET = 0
    OK = 1
    ERROR = 2


class Repair(IntFlag):
    """What was put right when a span was taken in; stored as `flags` in the chunk head."""

    NONE = 0
    START_FROM_END = 1
    START_OF_ARRIVAL = 2
    NO_DURATION = 4


@dataclass(frozen=True, slots=True)
class Status:
    code: StatusCode = StatusCode.UNSET
    message: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something at one moment of a span. Unit: `time_ns` is Unix nanoseconds, as sent."""

    name: str
    time_ns: int
    attributes: Attributes = ()
    dropped_attributes_count: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A pointer to another span. Ids are lowercase hex; 32 and 16 digits when well-formed."""

    trace_id: str
    span_id: str
    trace_state: str = ""
    attributes: Attributes = ()
    dropped_attributes_count: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """One span, decoded whole.

    Shape: `trace_id` 32 and `span_id`, `parent_span_id` 16 lowercase hex digits; no parent is "".
    Unit: nanoseconds. `start_ns` and `duration_ns` are as stored, after the repairs named in `repairs`.
    """

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: SpanKind
    start_ns: int
    duration_ns: int
    status: Status = Status()
    attributes: Attributes = ()
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    resource: Resource = field(default=NO_RESOURCE)
    scope: Scope = field(default=NO_SCOPE)
    trace_state: str = ""
    flags: int = 0
    dropped_attributes_count: int = 0
    dropped_events_count: int = 0
    dropped_links_count: int = 0
    repairs: Repair = Repair.NONE

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.duration_ns

    @property
    def service(self) -> str:
        return self.resource.service
