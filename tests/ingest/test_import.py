"""`manage.py import_traces`: every OTLP file there is, and what it says."""

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from spans.ingest.files import Imported
from spans.management.commands.import_traces import link_to
from spans.otel.clock import TimeWindow
from tests.builders import fresh_trace_id, make_span, request_of
from tests.ingest.official import official_request
from tests.ingest.read_back import Sent, spans_of, stored, stored_bytes
from tests.shared_data import SHARED, needs_shared_data, otlp_files, shared_bytes

pytestmark = pytest.mark.django_db(transaction=True)
# File → spans rejected; of all others none is.
REJECTED: dict[str, int] = {}
START_NS = 1_795_393_953_123_456_789


def run(*paths: Path) -> list[str]:
    """The lines that the import of these files prints."""
    out = StringIO()
    call_command("import_traces", *map(str, paths), stdout=out)
    return out.getvalue().splitlines()


def whole(sent: Sent) -> tuple[Any, ...]:
    """A span with all around it, hashable; schema URLs, resource and scope as bytes."""
    around = (sent.resource, sent.scope)
    inside = tuple(message.SerializeToString(deterministic=True) for message in around)
    return sent.key, inside, sent.resource_schema, sent.scope_schema


@needs_shared_data
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * name.startswith("scale-")) for name in otlp_files()],
)
def test_every_otlp_file_comes_back_as_it_is(name: str):
    sent = spans_of(official_request(shared_bytes(name)))
    rejected = REJECTED.get(name, 0)
    counts = f"{len(sent) - rejected:,} stored, {rejected:,} rejected"
    assert run(SHARED / name)[0] == f"{name}: {len(sent):,} span{'s' * (len(sent) != 1)} read, {counts}"
    trace_ids = sorted({one.span.trace_id.hex() for one in sent})
    found = {
        whole(one)
        for start in range(0, len(trace_ids), 500)
        for one in stored(trace_ids[start : start + 500])
    }
    assert {whole(one) for one in sent} <= found


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_a_file_of_one_trace_ends_with_its_link(tmp_path: Path, pack):
    trace_id = fresh_trace_id()
    path = tmp_path / "one.otlp.pb"
    path.write_bytes(pack(request_of(make_span(trace_id=trace_id))))
    said, link = run(path)
    assert said == "one.otlp.pb: 1 span read, 1 stored, 0 rejected"
    assert link == f"http://127.0.0.1:8000/trace/{trace_id}"
    assert len(stored([trace_id])) == 1


@pytest.mark.parametrize("size", [ord("["), ord("{")])
def test_protobuf_that_begins_like_json_is_protobuf(tmp_path: Path, size: int):
    path, trace_id = tmp_path / "odd.otlp.pb", fresh_trace_id()
    bodies = (request_of(make_span(trace_id=trace_id, name="x" * n), service="s") for n in range(100))
    path.write_bytes(next(body for body in bodies if body[:2] == bytes([0x0A, size])))
    assert run(path)[0] == "odd.otlp.pb: 1 span read, 1 stored, 0 rejected"


def test_several_traces_end_with_a_search_over_their_starts(tmp_path: Path):
    path = tmp_path / "two.otlp.pb"
    path.write_bytes(request_of(make_span(start_ns=START_NS), make_span(start_ns=START_NS + 5_000_000_000)))
    window = "start=2026-11-23T00:32:33.123456789Z&end=2026-11-23T00:32:38.123456790Z"
    assert run(path)[-1] == f"http://127.0.0.1:8000/search?{window}"


def test_the_window_holds_every_start_and_ends_right_behind_the_last():
    imported = Imported()
    imported.add(Imported(stored=1, start_min_ns=50, start_max_ns=60))
    imported.add(Imported(rejected=1))
    imported.add(Imported(stored=1, start_min_ns=40, start_max_ns=55))
    assert imported.window == TimeWindow(40, 61)
    assert link_to(Imported(rejected=3)) is None


def test_rejected_spans_are_counted_with_their_reasons(tmp_path: Path):
    path = tmp_path / "some.otlp.pb"
    bad = make_span(name="cart")
    bad.trace_id = b"short"
    path.write_bytes(request_of(bad, make_span()))
    said, reason, _ = run(path)
    assert said == "some.otlp.pb: 2 spans read, 1 stored, 1 rejected"
    assert "cart" in reason
    assert "5 bytes instead of 16" in reason


def test_spans_that_json_can_not_carry_over_are_counted_too(tmp_path: Path):
    path = tmp_path / "some.otlp.json"
    span = {"traceId": fresh_trace_id(), "spanId": "xyz", "name": "cart", "startTimeUnixNano": START_NS}
    path.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    assert run(path)[0] == "some.otlp.json: 1 span read, 0 stored, 1 rejected"


def test_a_file_imported_twice_is_stored_twice_as_it_was_asked_for(tmp_path: Path):
    trace_id = fresh_trace_id()
    path = tmp_path / "again.otlp.pb"
    path.write_bytes(request_of(make_span(trace_id=trace_id)))
    run(path, path)
    assert len(stored_bytes([trace_id])) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"data": []}', "it looks like Jaeger's"),
        (b'{"resourceSpans": [', "the file is not JSON"),
        (b"\x1f\x8bno", "begins like gzip"),
        (b"PK\x03\x04", "neither JSON nor OTLP protobuf"),
        (None, "No such file"),
    ],
    ids=["jaeger", "cut", "not gzip", "zip", "missing"],
)
def test_a_file_that_can_not_be_read_is_named_and_the_others_are_imported(tmp_path: Path, content, reason):
    bad, good, trace_id = tmp_path / "bad.json", tmp_path / "good.pb", fresh_trace_id()
    good.write_bytes(request_of(make_span(trace_id=trace_id)))
    if content is not None:
        bad.write_bytes(content)
    errors = StringIO()
    with pytest.raises(CommandError, match="1 of 2 files could not be imported"):
        call_command("import_traces", str(bad), str(good), stdout=StringIO(), stderr=errors)
    assert str(bad) in errors.getvalue()
    assert reason in errors.getvalue()
    assert len(stored([trace_id])) == 1


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_that_fills_and_goes(tmp_path: Path):
    path = tmp_path / "one.otlp.pb"
    path.write_bytes(request_of(make_span()))
    out = Terminal()
    call_command("import_traces", str(path), stdout=out)
    assert "█" * 30 + " 100 %" in out.getvalue()
    assert "\r\033[Kone.otlp.pb: 1 span read" in out.getvalue()
