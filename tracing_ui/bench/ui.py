"""How the trace page feels: fresh traces opened in a real Chromium through the real server."""

import os
import secrets
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tracing_ui.bench import big_trace, database

WEB_PORT, HTTP_PORT, GRPC_PORT = 34_000, 34_328, 34_327
SIZES = (1_000, 10_000, 100_000)
PAGE_TIMEOUT_MS = 60_000
WHEELS = 240
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--js-flags=--expose-gc"]
# Notes when the first row of the grid stands on the page, counted from the start of the navigation.
NOTE_FIRST_ROW = """
addEventListener("DOMContentLoaded", () => {
  const look = () => {
    const row = document.querySelector("[role=treegrid] [role=row][aria-rowindex]");
    if (row && row.textContent.trim()) {
      requestAnimationFrame(() => { window.firstRowMs = performance.now(); });
    } else requestAnimationFrame(look);
  };
  look();
});
"""
RECORD_FRAMES = """
() => {
  window.frames_ms = [];
  let last = performance.now();
  const step = () => {
    const now = performance.now();
    window.frames_ms.push(now - last);
    last = now;
    window.recording = requestAnimationFrame(step);
  };
  window.recording = requestAnimationFrame(step);
}
"""


def run() -> Iterator[dict[str, object]]:
    address = database.create("tracing_ui_bench_ui", afresh=True)
    with server(address), sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *root])
        for spans in SIZES:
            yield measure(browser, spans)
        browser.close()


def measure(browser: Browser, spans: int) -> dict[str, object]:
    trace_id = secrets.token_bytes(16)
    for body in big_trace.requests(spans, trace_id=trace_id, now_ns=time.time_ns()):
        post(body)
    page = browser.new_context(viewport={"width": 1600, "height": 1000}).new_page()
    page.set_default_timeout(PAGE_TIMEOUT_MS)
    page.add_init_script(NOTE_FIRST_ROW)
    page.goto(f"http://127.0.0.1:{WEB_PORT}/trace/{trace_id.hex()}", wait_until="commit")
    first_rows_ms = wait_for_first_row_ms(page)
    page.wait_for_load_state("networkidle")
    frames_ms, cpu_ms = scroll(page)
    p50, p95 = np.percentile(frames_ms, [50, 95])
    line: dict[str, object] = {
        "spans": spans,
        "first_rows_ms": round(first_rows_ms),
        "scroll_frame_p50_ms": round(float(p50), 1),
        "scroll_frame_p95_ms": round(float(p95), 1),
        "wheel_cpu_ms": round(cpu_ms / WHEELS, 2),
        "heap_mb": heap_mb(page),
    }
    page.context.close()
    return line


def wait_for_first_row_ms(page: Page) -> float:
    """Asked from outside: the page's policy lets nobody evaluate text inside it."""
    deadline_s = time.monotonic() + PAGE_TIMEOUT_MS / 1000
    while time.monotonic() < deadline_s:
        if first_row_ms := page.evaluate("window.firstRowMs"):
            return float(first_row_ms)
        page.wait_for_timeout(20)
    raise SystemExit("no row was drawn")


def scroll(page: Page) -> tuple[list[float], float]:
    """(frame times in ms, CPU of the main thread in ms) while the wheel turns over the rows."""
    box = page.get_by_role("treegrid").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(RECORD_FRAMES)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before_ms = task_ms(session)
    for number in range(WHEELS):
        page.mouse.wheel(0, 170 if number // 60 % 2 == 0 else -170)
        page.wait_for_timeout(8)
    spent_ms = task_ms(session) - before_ms
    page.evaluate("cancelAnimationFrame(window.recording)")
    frames_ms: list[float] = page.evaluate("window.frames_ms")
    return frames_ms, spent_ms


def task_ms(session: CDPSession) -> float:
    """CPU time of the page's main thread since the session began to count."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")) * 1000


def heap_mb(page: Page) -> float:
    """JavaScript heap and typed arrays after a collection."""
    page.evaluate("window.gc && window.gc()")
    session = page.context.new_cdp_session(page)
    usage = session.send("Runtime.getHeapUsage")
    used_bytes = float(usage["usedSize"] + usage.get("backingStorageSize", 0))
    return round(used_bytes / 1e6, 1)


def post(body: bytes) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{HTTP_PORT}/v1/traces", body, {"Content-Type": "application/x-protobuf"}
    )
    urllib.request.urlopen(request, timeout=60).close()


@contextmanager
def server(address: str) -> Iterator[None]:
    ports = {
        "TRACING_UI_PORT": str(WEB_PORT),
        "TRACING_UI_OTLP_HTTP_PORT": str(HTTP_PORT),
        "TRACING_UI_OTLP_GRPC_PORT": str(GRPC_PORT),
    }
    process = subprocess.Popen(
        database.command("serve"), env=database.environment(address, **ports), stdout=subprocess.DEVNULL
    )
    try:
        for port in (WEB_PORT, HTTP_PORT):
            database.wait_until_listening(process, port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
