"""How long the questions of the search and trace pages take on a big store. One JSON line a query.

`python -m tracing_ui.bench.search REPORT` runs in a process whose database is the bench's own; REPORT is what
`make_traces` wrote about the spans in it.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

RUNS, SLOW_RUNS = 20, 5
BUDGET_MS = 60_000  # a bench wants the whole answer


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    ask: Callable[[int], int]  # number of the run → rows
    runs: int = RUNS


def run(report: dict[str, Any]) -> Iterator[dict[str, object]]:
    for question in questions(report):
        question.ask(0)  # warm: the pages are about steady work, not the first touch of a file
        times_ms, rows = [], 0
        for number in range(question.runs):
            started = time.perf_counter()
            rows = question.ask(number)
            times_ms.append((time.perf_counter() - started) * 1000)
        p50, p95 = np.percentile(times_ms, [50, 95])
        yield {
            "query": question.name,
            "p50_ms": round(float(p50), 1),
            "p95_ms": round(float(p95), 1),
            "rows": rows,
        }


def questions(report: dict[str, Any]) -> list[Question]:
    services, operations = report["services"][:12], report["operations"]
    users, traces = report["user_ids"], report["trace_ids"]

    def service(number: int) -> str:
        return str(services[number % len(services)])

    return [
        Question("trace by id", lambda n: open_trace(traces[n % len(traces)])),
        Question("trace by id 11k spans", lambda _: open_trace(report["big_trace_id"]), SLOW_RUNS),
        Question("service newest", lambda n: find(f"service={service(n)}")),
        Question(
            "service operation newest",
            lambda n: find(f'service={service(n)} AND name="{operations[service(n)][n % 3]}"'),
        ),
        Question("service error newest", lambda n: find(f"service={service(n)} AND status=error")),
        Question("service duration>200ms newest", lambda n: find(f"service={service(n)} AND duration>200ms")),
        Question("service duration>5s newest", lambda n: find(f"service={service(n)} AND duration>5s")),
        Question("all newest", lambda _: find("")),
        Question("service slowest", lambda n: find(f"service={service(n)}", order="slowest")),
        Question("all slowest", lambda _: find("", order="slowest")),
        Question("rare attribute", lambda _: find(report["rare"]), SLOW_RUNS),
        Question("mid attribute", lambda n: find(f"user.id={users[n % len(users)]}")),
        Question("absent attribute", lambda n: find(f"user.id=nobody-{n}")),
        Question("common attribute", lambda _: find(report["common"]), SLOW_RUNS),
        Question("service attribute", lambda n: find(f"service={service(n)} AND {report['common']}")),
        Question("heatmap service", lambda n: heatmap(service(n)), SLOW_RUNS),
        Question("heatmap all", lambda _: heatmap(None), SLOW_RUNS),
    ]


def open_trace(trace_id: str) -> int:
    """What the trace page does: load, and encode the skeleton."""
    from spans.trace.load import load_trace
    from spans.trace.skeleton import skeleton

    trace = load_trace(trace_id)
    assert trace is not None, f"trace {trace_id} is not stored"
    skeleton(trace)
    return trace.n


def find(text: str, *, order: str = "newest") -> int:
    from spans.limits import PAGE_TRACES
    from spans.search.find import Order, Search, find_traces

    asked = Search(
        text=text, window=None, order=Order(order), limit=PAGE_TRACES, cursor=None, budget_ms=BUDGET_MS
    )
    return len(find_traces(asked).traces)


def heatmap(service: str | None) -> int:
    """Spans by five minutes and duration, over the whole store."""
    from spans.store.heatmap import count_by_time_and_duration

    return len(count_by_time_and_duration(service=service))


if __name__ == "__main__":
    import django

    django.setup()
    for line in run(json.loads(Path(sys.argv[1]).read_text())):
        print(json.dumps(line), flush=True)
