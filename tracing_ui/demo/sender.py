"""Plays the shop against the clock: what happens now, and meanwhile the last hour, newest minute first."""

import os
import time
from collections import deque
from dataclasses import dataclass
from threading import Event, Thread

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from tracing_ui.demo.faults import MINUTE_NS
from tracing_ui.demo.schedule import Player, live
from tracing_ui.demo.services import Service, Shop
from tracing_ui.demo.stored import is_stored, wait_for_receiver

SECOND_NS = 10**9
DELAY_NS = 3 * SECOND_NS  # a trace is sent when it is over, not while it lies in the future
MISSED_NS = 60 * SECOND_NS  # what a sleeping laptop has missed is not made up for
BACKFILL_MINUTES = 60
BACKFILL_PER_MINUTE = (20, 70)  # at the hour's beginning, and how much more at its end
MINUTES_PER_FLUSH = 5
QUEUE_SPANS_MAX = 32_768  # of one service: minutes without a receiver
BATCH_SPANS_MAX = 2_048
SEND_EVERY_MS = 1_000
EXPORT_TIMEOUT_S = 60.0  # the SDK tries again until then
LAST_WORDS_S = 1.2
TRY_THIS = (
    "The demo shop is sending. Checkout has become slow: search for\n"
    "  service=checkout AND duration>200ms\n"
    "open a trace and click the wide fraud-check span.\n\n"
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send to. `web`: whom to ask what is stored already; "" when nobody, then all is sent."""

    http: str
    grpc: str
    web: str = ""


class Sender:
    """The demo's process. `began_ns`: now."""

    def __init__(self, target: Target, *, seed: int, began_ns: int, stop: Event) -> None:
        self.target, self.seed, self.began_ns, self.stop = target, seed, began_ns, stop
        self.shop = Shop(lambda service: [processor(service, target)])
        self.player = Player(self.shop, seed=seed, began_ns=began_ns)

    def run(self) -> None:
        """Sends until `stop` is set."""
        wait_for_receiver(self.target.http, self.stop)
        this_minute = self.began_ns // MINUTE_NS
        past = deque(range(this_minute - 1, this_minute - 1 - BACKFILL_MINUTES, -1))
        for moment in live(seed=self.seed, from_ns=self.began_ns):
            while not self.stop.is_set() and (wait_ns := moment.start_ns + DELAY_NS - time.time_ns()) > 0:
                if past:
                    self._send_minute(past.popleft(), left=len(past))
                else:
                    self.stop.wait(wait_ns / SECOND_NS)
            if self.stop.is_set():
                break
            if time.time_ns() - moment.start_ns < MISSED_NS:
                self.player.play(moment)

    def _send_minute(self, minute: int, *, left: int) -> None:
        if not (self.target.web and is_stored(self.target.web, minute)):
            self.player.play_minute(minute, per_minute=backfill_rate(left))
        if left % MINUTES_PER_FLUSH == 0 or left == BACKFILL_MINUTES - 1:
            for provider in self.shop.providers.values():
                provider.force_flush()

    def close(self) -> None:
        """Sends what has ended, as far as that is possible at once."""
        threads = [Thread(target=provider.shutdown, daemon=True) for provider in self.shop.providers.values()]
        for thread in threads:
            thread.start()
        end_s = time.monotonic() + LAST_WORDS_S
        for thread in threads:
            thread.join(max(0.0, end_s - time.monotonic()))


def backfill_rate(minutes_before: int) -> int:
    """Traces per minute: the shop fills up towards the present."""
    base, more = BACKFILL_PER_MINUTE
    return round(base + more * (minutes_before / BACKFILL_MINUTES) ** 2)


def processor(service: Service, target: Target) -> BatchSpanProcessor:
    """The real exporter of a service: OTLP over HTTP or gRPC."""
    exporter = (
        GrpcExporter(
            endpoint=target.grpc,
            insecure=True,
            timeout=EXPORT_TIMEOUT_S,
            channel_options=(("grpc.max_reconnect_backoff_ms", "2000"),),
        )
        if service.is_grpc
        else HttpExporter(endpoint=f"{target.http}/v1/traces", timeout=EXPORT_TIMEOUT_S)
    )
    return BatchSpanProcessor(
        exporter,
        max_queue_size=QUEUE_SPANS_MAX,
        max_export_batch_size=BATCH_SPANS_MAX,
        schedule_delay_millis=SEND_EVERY_MS,
    )


def end_process() -> None:
    """At once, also when an exporter's thread still waits for a receiver that is gone."""
    os._exit(0)
