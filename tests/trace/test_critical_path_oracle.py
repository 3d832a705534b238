"""Jaeger UI's critical paths of real traces.

Where it may differ, on purpose: Jaeger UI asks for a child that ended *before* the next one started, so of
children that touch back to back every other one falls out; and children clipped to one end are taken in
another order.
Those traces are told apart by `has_ties`; of all others every section is the same.
"""

from itertools import pairwise

import pytest

from spans.trace.assemble import assemble
from spans.trace.columns import Trace
from spans.trace.critical_path import critical_path
from tests.shared_data import SHARED, needs_shared_data, shared_json
from tests.trace.rows import KINDS, Row, trace_of, traces_in

FOLDER = "oracles/critical-path"
ENDING = ".jaeger-ui-cp.json.gz"
WITHOUT_HEX_IDS = {"jaeger-ui-graph-testtrace"}
CAPTURES = sorted(
    path.name.removesuffix(ENDING)
    for path in (SHARED / FOLDER / "open").glob(f"*{ENDING}")
    if path.name.removesuffix(ENDING) not in WITHOUT_HEX_IDS
)
CRISP_ENDING = ".crisp-cp.json.gz"
CRISP_CAPTURES = sorted(
    path.name.removesuffix(CRISP_ENDING) for path in (SHARED / FOLDER / "open").glob(f"*{CRISP_ENDING}")
)

pytestmark = needs_shared_data


def traces_of(capture: str) -> dict[str, Trace]:
    """By id of 32 digits; whole microseconds, as the oracles have them."""
    (path,) = (p for p in SHARED.glob(f"{capture}.*") if ".otlp." in p.name or ".jaeger." in p.name)
    return {trace_id.zfill(32): trace for trace_id, trace in traces_in(path, floor_ns=1000).items()}


def sections(trace: Trace) -> list[list[object]]:
    path = critical_path(trace, assemble(trace))
    return [
        [trace.span_hex(row), *times] for row, *times in zip(path.row, path.from_ns, path.to_ns, strict=True)
    ]


def has_ties(trace: Trace) -> bool:
    """Whether clipped children of one span touch, end together or are empty; or there are several roots."""
    tree = assemble(trace)
    window = {
        row: (start, start + duration)
        for row, (start, duration) in enumerate(
            zip(trace.start_ns.tolist(), trace.duration_ns.tolist(), strict=True)
        )
    }
    for row in tree.order.tolist():
        low, high = window[row]
        moments = []
        for child in tree.children_of(row):
            window[child] = (max(window[child][0], low), min(window[child][1], high))
            moments += [(window[child][1], 0), (window[child][0], 1)]
        for (moment, is_start), (following, is_next_start) in pairwise(sorted(moments)):
            if moment == following and not (is_start and is_next_start):
                return True
    return len(tree.roots) != 1 or bool(trace.parent_id[0])


def unit_cases():
    return shared_json(f"{FOLDER}/jaeger-ui-unit-cases.json") if SHARED.is_dir() else []


@pytest.mark.parametrize("case", unit_cases(), ids=lambda case: case["case"])
def test_jaeger_s_own_cases(case):
    number = {span["spanID"]: i for i, span in enumerate(case["spans"], start=1)}
    rows = [
        Row(
            number[span["spanID"]], number.get(span["parentSpanID"], 0),
            span["startTime"], span["duration"], kind=KINDS[span["kind"]],
        )
        for span in case["spans"]
    ]  # fmt: skip
    expected = [
        [f"{number[section['spanID']]:016x}", section["sectionStart"], section["sectionEnd"]]
        for section in case["expectedSections"]
    ]
    assert sections(trace_of(rows)) == expected


@pytest.mark.parametrize("capture", CAPTURES)
def test_real_traces_without_ties_agree_section_by_section(capture):
    traces = traces_of(capture)
    expected = shared_json(f"{FOLDER}/open/{capture}{ENDING}")
    compared = 0
    for trace_id, of_trace in expected.items():
        trace = traces[trace_id.zfill(32)]
        if of_trace["failed"] or has_ties(trace):
            continue
        compared += 1
        assert sections(trace) == [[span.zfill(16), *times] for span, *times in of_trace["sections"]], (
            trace_id
        )
    if not compared:
        pytest.skip("all its traces have ties, or Jaeger UI gives up on them")


@pytest.mark.parametrize("capture", CRISP_CAPTURES)
def test_where_crisp_and_jaeger_agree_on_the_spans_so_do_we(capture):
    traces = traces_of(capture)
    for trace_id, of_trace in shared_json(f"{FOLDER}/open/{capture}{CRISP_ENDING}").items():
        trace = traces[trace_id.zfill(32)]
        if of_trace["same"] and not has_ties(trace):
            path = critical_path(trace, assemble(trace))
            of_crisp = {span.zfill(16) for span in of_trace["crispSpans"]}
            assert {trace.span_hex(row) for row in path.row} == of_crisp, trace_id
