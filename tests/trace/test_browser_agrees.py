"""The browser's tree, self times and critical path are the server's."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spans.trace.assemble import assemble
from spans.trace.columns import Trace
from spans.trace.critical_path import critical_path
from spans.trace.self_time import self_times_ns
from spans.trace.skeleton import skeleton

SCRIPT = Path(__file__).resolve().parents[1] / "js/waterfall/print-model.js"
T0_NS = 1_795_393_953_123_456_789


def random_trace(seed: int, n: int) -> Trace:
    """Overlapping and overrunning children, orphans, rings, twins, empty spans, producers and consumers."""
    draw = random.Random(seed)
    times = sorted(
        ((draw.randrange(1000), int(draw.random() ** 3 * 900)) for _ in range(n)), key=lambda t: (t[0], -t[1])
    )
    ids = [draw.randrange(1, 2 * n) if draw.random() < 0.1 else 10 * n + row for row in range(n)]
    parents = [
        0 if draw.random() < 0.05 else draw.choice(ids) if draw.random() < 0.9 else 7 for _ in range(n)
    ]
    whole = {
        "start_ns": [T0_NS + start for start, _ in times],
        "duration_ns": [duration for _, duration in times],
    }
    picked = {
        name: [draw.randrange(k) for _ in range(n)]
        for name, k in (("service", 3), ("name", 4), ("kind", 6), ("status", 3))
    }
    zeros = {name: np.zeros(n, np.int32) for name in ("flags", "events", "chunk")}
    columns: dict[str, Any] = {
        name: np.array(values, np.int64) for name, values in {**whole, **picked}.items()
    }
    duplicate = np.array([ids.index(each) != row for row, each in enumerate(ids)])
    return Trace(
        trace_id="0" * 31 + "1",
        rev="00000000",
        cids=(1,),
        services=("a", "b", "c"),
        names=("k", "l", "m", "n"),
        span_id=np.array(ids, np.uint64),
        parent_id=np.array(parents, np.uint64),
        place=np.arange(n, dtype=np.int32),
        duplicate=duplicate,
        **columns,
        **zeros,
    )


def in_browser(traces: list[Trace]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if node is None:
        reason = "node is missing, which runs the browser's half"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    skeletons = b"[" + b",".join(map(skeleton, traces)) + b"]"
    done = subprocess.run([node, str(SCRIPT)], input=skeletons, capture_output=True, check=True)
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said


def on_server(trace: Trace) -> dict[str, Any]:
    tree = assemble(trace)
    path = critical_path(trace, tree)
    stretches = zip(path.row, path.from_ns, path.to_ns, strict=True)
    return {
        "order": tree.order.tolist(),
        "depth": tree.depth.tolist(),
        "flags": [int(flag) for flag in tree.flags],
        "self_ns": self_times_ns(trace, tree).tolist(),
        "critical": [
            [row, from_ns - trace.start_min_ns, to_ns - trace.start_min_ns]
            for row, from_ns, to_ns in stretches
        ],
    }


def test_browser_and_server_agree_on_every_row_and_stretch():
    traces = [random_trace(seed, n) for seed, n in enumerate([1, 2, 3, 5, 8, 13, 40, 40, 40, 200, 200, 1000])]
    for trace, said in zip(traces, in_browser(traces), strict=True):
        assert said == on_server(trace)
