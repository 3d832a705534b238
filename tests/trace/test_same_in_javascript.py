"""The browser and the server draw the same tree, self times and critical path."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from spans.trace.assemble import assemble
from spans.trace.columns import Trace
from spans.trace.critical_path import critical_path
from spans.trace.self_time import self_times_ns
from spans.trace.skeleton import skeleton
from tests.shared_data import SHARED, needs_shared_data
from tests.trace.rows import Row, chain, trace_of, traces_in

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent.parent / "static/js/waterfall/model.js"
EXACT_NS_MAX = 2**53  # offsets beyond are not exact in a double
CAPTURES = sorted(
    path.name
    for path in SHARED.glob("*")
    if (".otlp." in path.name or ".jaeger." in path.name)
    and not path.name.startswith(("jaeger-ui-graph", "scale"))
)


def as_browser(traces: Sequence[Trace]) -> list[dict[str, object]]:
    node = shutil.which("node")
    if node is None or not MODEL.exists():
        assert os.environ.get("CI") != "true", "node is needed to compare the two"
        pytest.skip("no node")
    skeletons = b"[" + b",".join(map(skeleton, traces)) + b"]"
    answer = subprocess.run(
        [node, HERE / "build_models.mjs"], input=skeletons, capture_output=True, check=True
    )
    return json.loads(answer.stdout)


def as_server(trace: Trace) -> dict[str, object]:
    tree = assemble(trace)
    path, self_ns = critical_path(trace, tree), self_times_ns(trace, tree)
    origin = trace.start_min_ns
    stretches = zip(path.row, path.from_ns, path.to_ns, strict=True)
    return {
        "order": tree.order.tolist(),
        "depth": tree.depth[tree.order].tolist(),
        "selfNs": self_ns[tree.order].tolist(),
        "path": [[row, from_ns - origin, to_ns - origin] for row, from_ns, to_ns in stretches],
    }


def assert_same(traces: Sequence[Trace]) -> None:
    exact = [trace for trace in traces if trace.end_max_ns - trace.start_min_ns < EXACT_NS_MAX]
    for trace, browser in zip(exact, as_browser(exact), strict=True):
        assert browser == as_server(trace), trace.trace_id


@needs_shared_data
@pytest.mark.parametrize("capture", CAPTURES)
def test_real_traces(capture):
    assert_same(list(traces_in(SHARED / capture).values()))


def test_tangled_traces():
    chance = random.Random(7)
    rows = [
        [
            Row(
                chance.randint(1, 12), chance.randint(0, 13), chance.randint(0, 40), chance.randint(0, 40),
                kind=chance.randint(0, 5),
            )
            for _ in range(chance.randint(1, 16))
        ]
        for _ in range(2_000)
    ]  # fmt: skip
    assert_same([trace_of(of_trace) for of_trace in rows])


def test_chain_of_20_000_spans():
    assert_same([trace_of(chain(20_000))])
