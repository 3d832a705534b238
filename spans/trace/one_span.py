"""One span, whole: decoded, and as the JSON of OTLP."""

import json
from dataclasses import dataclass

from spans.formats.otlp_decode import decode_resource, decode_scope, decode_span
from spans.otel.span import Repair, Span
from spans.store import trace_reader
from spans.trace.export import span_json


@dataclass(frozen=True, slots=True)
class StoredSpan:
    span: Span
    raw_json: str


def stored_span(trace_id: str, cid: int, place: int) -> StoredSpan | None:
    """The span of `trace_id` at `place` of chunk `cid`; None when there is none. Decodes one chunk."""
    for head, body in trace_reader.chunks([cid]):
        if place >= head.n or head.trace_id[place].tobytes().hex() != trace_id:
            return None
        raw = body.spans[place]
        span = decode_span(
            raw,
            decode_resource(body.resources[head.resource[place]]),
            decode_scope(body.scopes[head.scope[place]]),
            start_ns=int(head.start_ns[place]),
            duration_ns=int(head.duration_ns[place]),
            repairs=Repair(int(head.flags[place])),
        )
        return StoredSpan(span, json.dumps(span_json(raw), ensure_ascii=False, indent=2))
    return None
