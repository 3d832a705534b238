"""One HTTP request, and what a plain client sees of the answer."""

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers["content-type"]

    @property
    def rejected(self) -> int:
        """`partial_success.rejected_spans`, in either spelling."""
        if self.content_type == "application/json":
            return int(json.loads(self.body).get("partialSuccess", {}).get("rejectedSpans", 0))
        return int(ExportTraceServiceResponse.FromString(self.body).partial_success.rejected_spans)

    @property
    def reason(self) -> str:
        """The message of a google.rpc.Status, in either spelling."""
        if self.content_type == "application/json":
            return str(json.loads(self.body)["message"])
        return str(Status.FromString(self.body).message)


def post(url: str, body: bytes | Iterable[bytes], headers: dict[str, str], *, method: str = "POST") -> Reply:
    """Sends one request on a connection of its own; an iterable is sent in pieces, without a length."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, parts.path, body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
