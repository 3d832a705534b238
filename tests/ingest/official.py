"""OTLP files read with Google's own parsers, as the oracle of ours."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

IDS = ("traceId", "spanId", "parentSpanId")
RENAMED = {"instrumentationLibrarySpans": "scopeSpans", "instrumentationLibrary": "scope"}


def official_request(content: bytes) -> ExportTraceServiceRequest:
    """All spans of a file's content (inflated) as one request."""
    if content.lstrip()[:1] != b"{":
        return ExportTraceServiceRequest.FromString(content)
    request = ExportTraceServiceRequest()
    for document in _documents(content.decode()):
        document = _as_protojson(document.get("result", document))
        json_format.ParseDict(document, request_of := ExportTraceServiceRequest(), ignore_unknown_fields=True)
        request.MergeFrom(request_of)
    return request


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        document, place = decoder.raw_decode(text, place)
        yield document
        place += len(text[place:]) - len(text[place:].lstrip())


def _as_protojson(value: Any) -> Any:
    """Ids in base64, where OTLP writes hex; scopes under their name of today."""
    if isinstance(value, list):
        return [_as_protojson(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _base64(item) if key in IDS else _as_protojson(item) for key, item in value.items()}
    for old, new in RENAMED.items():
        if old in found:
            found[new] = found.get(new, []) + found.pop(old) if new == "scopeSpans" else found.pop(old)
    return found


def _base64(text: str) -> str:
    """Some files have base64 already; sixteen bytes of it are 24 characters, eight are 12."""
    return text if text.endswith("=") else base64.b64encode(bytes.fromhex(text)).decode()
