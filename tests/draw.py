"""Traces drawn as text.

    draw_trace('''
        shop   GET /cart     |------------------|
          cart load items       |-----|
    ''')

One line a span: indentation makes it the child of the line above that is indented less; then service, span
name and a bar. One column is a millisecond, the leftmost bar's column is when the trace starts. "!" in the
bar: an error.
"""

import re
from dataclasses import dataclass
from textwrap import dedent

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.builders import fresh_span_id, fresh_trace_id, make_span, request_of

LINE = re.compile(r"(?P<indent> *)(?P<service>\S+) +(?P<name>.*?) *(?P<bar>\|[-!]*\|?)\s*")
MS_NS = 10**6
START_NS = 1_790_000_000 * 10**9


@dataclass(frozen=True, slots=True)
class DrawnSpan:
    service: str
    span: Span


def draw_trace(picture: str, *, trace_id: str | None = None, start_ns: int = START_NS) -> list[DrawnSpan]:
    """The spans of a picture, in its order. Unit: a column is a millisecond."""
    lines = [LINE.fullmatch(line) for line in dedent(picture).splitlines() if line.strip()]
    matches = [line for line in lines if line]
    assert len(matches) == len(lines), "a line has no indentation, service, name and bar"
    first = min(match.start("bar") for match in matches)
    trace_id, above, drawn = trace_id or fresh_trace_id(), [], []
    for match in matches:
        indent = len(match["indent"])
        above = [(depth, span_id) for depth, span_id in above if depth < indent]
        span_id = fresh_span_id()
        span = make_span(
            trace_id=trace_id,
            span_id=span_id,
            parent_id=above[-1][1] if above else "",
            name=match["name"],
            start_ns=start_ns + (match.start("bar") - first) * MS_NS,
            duration_ns=(len(match["bar"]) - 1) * MS_NS,
            status=2 if "!" in match["bar"] else 0,
        )
        above.append((indent, span_id))
        drawn.append(DrawnSpan(match["service"], span))
    return drawn


def requests_of(drawn: list[DrawnSpan]) -> list[bytes]:
    """One request for each service, as its own SDK would send it."""
    services = sorted({one.service for one in drawn})
    return [
        request_of(*[one.span for one in drawn if one.service == name], service=name) for name in services
    ]


def without(drawn: list[DrawnSpan], name: str) -> list[DrawnSpan]:
    """The same trace with the spans of one name lost."""
    return [one for one in drawn if one.span.name != name]
