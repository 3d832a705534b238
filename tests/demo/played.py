"""The shop's spans in memory, as its SDKs hand them to their exporters."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tracing_ui.demo.faults import MINUTE_NS
from tracing_ui.demo.schedule import Player
from tracing_ui.demo.services import Shop

START_MINUTE = 29_833_335  # the demo began then; divisible by 15: the large report runs
START_NS = START_MINUTE * MINUTE_NS


@cache
def play(
    *, seed: int = 1, from_minute: int = 0, minutes: int = 3, per_minute: int = 200
) -> list[ReadableSpan]:
    """What the shop sends in some minutes, counted from the start of the demo."""
    memory = InMemorySpanExporter()
    player = Player(Shop(lambda _: [SimpleSpanProcessor(memory)]), seed=seed, began_ns=START_NS)
    for minute in range(minutes):
        player.play_minute(START_MINUTE + from_minute + minute, per_minute=per_minute)
    return list(memory.get_finished_spans())


def by_trace(spans: Sequence[ReadableSpan]) -> dict[int, list[ReadableSpan]]:
    found = defaultdict(list)
    for span in spans:
        found[span.context.trace_id].append(span)
    return found


def service_of(span: ReadableSpan) -> str:
    return str(span.resource.attributes["service.name"])


def named(spans: Sequence[ReadableSpan], name: str, service: str = "") -> list[ReadableSpan]:
    return [span for span in spans if span.name == name and service in ("", service_of(span))]


def duration_ms(span: ReadableSpan) -> float:
    assert span.end_time
    assert span.start_time
    return (span.end_time - span.start_time) / 1e6
