"""Who produced a span, and with which instrumentation."""

from dataclasses import dataclass

from spans.otel.attributes import Attributes, as_text

UNKNOWN_SERVICE = "unknown_service"


@dataclass(frozen=True, slots=True)
class Resource:
    attributes: Attributes = ()
    dropped_attributes_count: int = 0
    schema_url: str = ""

    @property
    def service(self) -> str:
        return service_name(self.attributes)


@dataclass(frozen=True, slots=True)
class Scope:
    name: str = ""
    version: str = ""
    attributes: Attributes = ()
    dropped_attributes_count: int = 0
    schema_url: str = ""


NO_RESOURCE = Resource()
NO_SCOPE = Scope()


def service_name(attributes: Attributes) -> str:
    """The value of `service.name` as text; `unknown_service` when it is missing or empty.

    Shape: of several equal keys the first counts.
    """
    for key, value in attributes:
        if key == "service.name":
            return as_text(value) or UNKNOWN_SERVICE
    return UNKNOWN_SERVICE
