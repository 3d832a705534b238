"""The services of the shop: who they are, and one TracerProvider each."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Tracer

MILLISECOND_NS = 10**6
LANGUAGES = {
    "python": None,
    "java": "1.58.0",
    "nodejs": "2.4.0",
    "go": "1.40.0",
}  # SDK it claims to be sent by


@dataclass(frozen=True, slots=True)
class Service:
    """What a service's resource says. `skew_ns`: how far off its clock is. `is_grpc`: how it exports."""

    name: str
    version: str
    language: str
    host: int
    is_grpc: bool = False
    skew_ns: int = 0


SERVICES = (
    Service("web-gateway", "3.14.2", "nodejs", 11),
    Service("auth", "1.9.0", "go", 12),
    Service("catalog", "5.2.1", "java", 21),
    Service("recommendations", "0.31.0", "python", 22),
    Service("pricing", "2.7.4", "python", 23),
    Service("cart", "2.3.0", "go", 31),
    Service("checkout", "2.18.0", "java", 32),
    Service("payments", "4.0.7", "java", 33),
    Service("fraud-check", "1.6.3", "python", 34),
    Service("inventory", "1.22.5", "go", 35, is_grpc=True),
    Service("shipping", "0.12.1", "go", 41, is_grpc=True, skew_ns=-7 * MILLISECOND_NS),
    Service("notifications", "1.4.4", "nodejs", 42),
    Service("scheduler", "1.1.0", "python", 43),
)
BY_NAME = {service.name: service for service in SERVICES}


class SeededIds(IdGenerator):
    """Trace and span ids out of the generator that also decides about all else in a trace."""

    def __init__(self) -> None:
        self.rng = random.Random(0)

    def generate_span_id(self) -> int:
        return self.rng.getrandbits(64) or 1

    def generate_trace_id(self) -> int:
        return self.rng.getrandbits(128) or 1


class Shop:
    """A tracer per service and scope.

    `processors_of`: what is done with a service's spans when they end.
    """

    def __init__(self, processors_of: Callable[[Service], Iterable[SpanProcessor]]) -> None:
        self.ids = SeededIds()
        self.providers: dict[str, TracerProvider] = {}
        self.tracers: dict[tuple[str, str], Tracer] = {}
        for service in SERVICES:
            provider = TracerProvider(
                resource=resource_of(service),
                sampler=ALWAYS_ON,
                id_generator=self.ids,
                shutdown_on_exit=False,
            )
            for processor in processors_of(service):
                provider.add_span_processor(processor)
            self.providers[service.name] = provider

    def tracer(self, service: str, scope: str) -> Tracer:
        key = (service, scope)
        if key not in self.tracers:
            version = BY_NAME[service].version if scope == service else "0.66b1"
            self.tracers[key] = self.providers[service].get_tracer(scope, version)
        return self.tracers[key]


def resource_of(service: Service) -> Resource:
    """Where one instance of a service runs. Stable between starts."""
    rng = random.Random(service.name)
    claimed = LANGUAGES[service.language]
    sdk = {"telemetry.sdk.language": service.language, "telemetry.sdk.version": claimed} if claimed else {}
    return Resource.create(
        {
            "service.name": service.name,
            "service.namespace": "shop",
            "service.version": service.version,
            "service.instance.id": f"{rng.getrandbits(128):032x}",
            "deployment.environment.name": "production",
            "host.name": f"ip-10-0-{service.host}-17.eu-central-1.compute.internal",
            "k8s.namespace.name": "shop",
            "k8s.pod.name": f"{service.name}-{rng.getrandbits(36):09x}-{rng.getrandbits(20):05x}",
            "cloud.region": "eu-central-1",
            **sdk,
        }
    )
