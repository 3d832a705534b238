import pytest
from hypothesis import given
from hypothesis import strategies as st

from spans.otel.ids import from_halves, halves, parse_pasted, parse_span_id, parse_trace_id

FULL = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("text", "trace_id"),
    [
        (FULL, FULL),
        (FULL.upper(), FULL),
        (f"  {FULL}\n", FULL),
        ("a3ce929d0e0e4736", "0" * 16 + "a3ce929d0e0e4736"),
        ("1", "0" * 31 + "1"),
        ("0" * 32, None),
        (FULL + "0", None),
        ("checkout", None),
        ("", None),
    ],
)
def test_a_trace_id_is_padded_and_lowered(text, trace_id):
    assert parse_trace_id(text) == trace_id


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FULL, (FULL, "")),
        ("A3CE929D0E0E4736", ("0" * 16 + "a3ce929d0e0e4736", "")),
        (f"00-{FULL}-00f067aa0ba902b7-01", (FULL, "00f067aa0ba902b7")),
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", (FULL, "")),
        ("deadbeef", None),
        ("service=checkout", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
    ],
)
def test_what_people_paste_opens_the_trace(text, found):
    assert parse_pasted(text) == found


def test_a_span_id_has_sixteen_digits():
    assert parse_span_id("B7AD") == "000000000000b7ad"


@given(st.binary(min_size=16, max_size=16))
def test_halves_carry_every_trace_id(raw):
    assert from_halves(*halves(raw.hex())) == raw.hex()
