"""Answers that never change under their rev: made and compressed once, kept by the browser for good."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import zstandard
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers

from spans.otel.ids import parse_trace_id
from spans.trace.columns import Trace
from spans.trace.load import current_rev
from spans.trace.opened import open_trace

KEPT_BYTES_MAX = 32 << 20  # compressed; a trace of 100,000 spans takes 0.8 MB
GZIP_LEVEL = 5
ZSTD_LEVEL = 3
FOR_GOOD = "private, max-age=31536000, immutable"

_Key = tuple[str, str, str, str]


class _Kept:
    """The answers given last, up to KEPT_BYTES_MAX; shared by all threads."""

    def __init__(self) -> None:
        self.answers: OrderedDict[_Key, bytes] = OrderedDict()
        self.bytes = 0
        self.lock = Lock()

    def find(self, key: _Key) -> bytes | None:
        with self.lock:
            content = self.answers.get(key)
            if content is not None:
                self.answers.move_to_end(key)
            return content

    def keep(self, key: _Key, content: bytes) -> None:
        with self.lock:
            if key in self.answers or len(content) > KEPT_BYTES_MAX:
                return
            self.answers[key] = content
            self.bytes += len(content)
            while self.bytes > KEPT_BYTES_MAX:
                self.bytes -= len(self.answers.popitem(last=False)[1])


_kept = _Kept()


def immutable_json(request: HttpRequest, trace_id: str, make: Callable[[Trace], bytes]) -> HttpResponse:
    """What `make` says of the trace, under `?rev=`. Any other rev than the current one is sent on to it."""
    canonical = parse_trace_id(trace_id) or ""
    rev = current_rev(canonical) if canonical else None
    if rev is None:
        return JsonResponse({"error": {"reason": f"no trace {trace_id} is stored"}}, status=404)
    if request.GET.get("rev") != rev:
        return redirect(f"{request.path}?rev={rev}")
    encoding = _encoding(request.headers.get("Accept-Encoding", ""))
    key = (make.__name__, canonical, rev, encoding)
    content = _kept.find(key)
    if content is None:
        opened = open_trace(canonical)
        if opened is None or opened.trace.rev != rev:  # spans arrived or were dropped since the line above
            return redirect(request.path)
        content = _compress(make(opened.trace), encoding)
        _kept.keep(key, content)
    response = HttpResponse(content, content_type="application/json")
    response["Cache-Control"] = FOR_GOOD
    if encoding != "identity":
        response["Content-Encoding"] = encoding
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _encoding(accepted: str) -> str:
    """zstd where it is accepted, else gzip, else none. Source: RFC 9110, section 12.5.3."""
    names = set()
    for part in accepted.split(","):
        name, _, weight = part.replace(" ", "").lower().partition(";q=")
        if weight.strip("0.") or not weight:
            names.add(name)
    return next((name for name in ("zstd", "gzip") if name in names or "*" in names), "identity")


def _compress(content: bytes, encoding: str) -> bytes:
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(content)
    return gzip.compress(content, GZIP_LEVEL, mtime=0) if encoding == "gzip" else content
