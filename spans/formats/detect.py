"""Which format is this file? Its content as OTLP protobuf requests."""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

from spans import limits
from spans.formats.batch import BadBatch, Rejected
from spans.formats.json_fields import member
from spans.formats.otlp_json import document_to_protobuf, load_json

GZIP = b"\x1f\x8b"
FILE_BYTES_MAX = 4096 * limits.MIB  # of a file after decompression
REQUEST_BYTES = 4 * limits.MIB  # a file of protobuf is read in requests of about this size
RESOURCE_SPANS_TAG = 0x0A


def requests_in(content: bytes, rejects: Rejected | None = None) -> Iterator[bytes]:
    """ExportTraceServiceRequests in protobuf, one for each JSON document or some MiB of protobuf.

    Takes OTLP as JSON (also in a {"result": …} or {"trace": …} wrapper, in an array, as JSON lines) and as
    protobuf (one request or several behind one another), each gzipped or not. `rejects` collects the spans
    of JSON that can't be carried over.
    Raises: BadBatch with what the file is not, while iterating.
    """
    content = unzipped(content)
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"[") and not _is_framed(content):
        return _json_requests(content, rejects if rejects is not None else Rejected())
    return _protobuf_requests(content)


def _is_framed(content: bytes) -> bool:
    """Whether this is protobuf from end to end: its tag is a line break, a length of 91 or 123 a bracket."""
    try:
        for _ in _protobuf_requests(content):
            pass
    except BadBatch:
        return False
    return True


def unzipped(content: bytes) -> bytes:
    """The content without gzip, if it is gzipped. Raises: BadBatch 400 or 413."""
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            inflated = file.read(FILE_BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadBatch(400, f"the file begins like gzip, but can't be read: {error}") from error
    if len(inflated) > FILE_BYTES_MAX:
        raise BadBatch(413, f"the file inflates to more than {FILE_BYTES_MAX // limits.MIB:,} MiB")
    return inflated


def _json_requests(content: bytes, rejects: Rejected) -> Iterator[bytes]:
    for document in _documents(content):
        body, rejected = document_to_protobuf(_unwrapped(document))
        rejects.extend(rejected)
        yield body


def _documents(content: bytes) -> Iterator[Any]:
    """One document, the members of an array, or one document a line."""
    try:
        whole = json.loads(content)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise BadBatch(400, f"the file is not JSON: {error}") from error
        for line in content.splitlines():
            if line.strip():
                yield load_json(line)
        return
    except (ValueError, RecursionError):
        whole = load_json(content)
    if isinstance(whole, list):
        yield from whole
    else:
        yield whole


def _unwrapped(document: Any) -> dict[str, Any]:
    """The object with `resourceSpans`. Raises: BadBatch 400, naming the format it looks like."""
    if not isinstance(document, dict):
        raise BadBatch(400, "the file is JSON, but not OTLP: there is no object with resourceSpans")
    for wrapper in ("result", "trace"):
        inner = document.get(wrapper)
        if isinstance(inner, dict):
            return _unwrapped(inner)
    if "batches" in document:
        return {"resourceSpans": document["batches"]}
    if member(document, "resourceSpans") is None and document:
        raise BadBatch(400, f"the file is JSON, but not OTLP: {_looks_like(document)}")
    return document


def _looks_like(document: dict[str, Any]) -> str:
    if "data" in document or "processes" in document:
        return "it looks like Jaeger's, which is not read"
    if "traceId" in document and "id" in document:
        return "it looks like Zipkin's, which is not read"
    return f"its fields are {', '.join(sorted(map(str, document))[:5])}, and resourceSpans is not among them"


def _protobuf_requests(content: bytes) -> Iterator[bytes]:
    """Cut between ResourceSpans. Requests behind one another are one request, by protobuf's own rule."""
    start = at = 0
    while at < len(content):
        if content[at] != RESOURCE_SPANS_TAG:
            raise BadBatch(
                400, f"the file is neither JSON nor OTLP protobuf: byte {at} is 0x{content[at]:02x}"
            )
        size, at = _varint(content, at + 1)
        at += size
        if at > len(content):
            raise BadBatch(400, "the file looks like OTLP protobuf, but ends in the middle of a message")
        if at - start >= REQUEST_BYTES:
            yield content[start:at]
            start = at
    if start < at:
        yield content[start:at]


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(content):
            break
        value |= (content[at] & 127) << shift
        at += 1
        if content[at - 1] < 128:
            return value, at
    raise BadBatch(400, "the file looks like OTLP protobuf, but a length in it can't be read")
