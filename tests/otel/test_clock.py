import pytest

from spans.otel.clock import TimeWindow, format_duration, format_time, parse_duration_ns, parse_time_ns

THIN = "\u202f"


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("200ms", 200_000_000),
        ("1.5ms", 1_500_000),
        ("0.000000001s", 1),
        ("1m30s", 90_000_000_000),
        ("2 h", 7_200_000_000_000),
        ("10µs", 10_000),
        ("10us", 10_000),
        ("200mss", None),
        ("200", None),
        ("ms", None),
        ("", None),
        ("-5ms", None),
    ],
)
def test_a_duration_is_read_exactly_or_not_at_all(text, duration_ns):
    assert parse_duration_ns(text) == duration_ns


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1795393953123456789", 1795393953123456789),
        ("1970-01-01T00:00:01Z", 10**9),
        ("2026-11-23T14:02:02.418000123Z", 1795442522418000123),
        ("2026-11-23 15:02:02.5+01:00", 1795442522500000000),
        ("2026-02-30T00:00:00Z", None),
        ("yesterday", None),
        ("2026-11-23", None),
    ],
)
def test_a_time_keeps_every_nanosecond(text, time_ns):
    assert parse_time_ns(text) == time_ns


def test_a_formatted_time_reads_back_as_itself():
    assert parse_time_ns(format_time(1795442522418000123)) == 1795442522418000123


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0"),
        (7, "7 ns"),
        (999, "999 ns"),
        (1_500, "1.50 µs"),
        (96_000_000, "96.0 ms"),
        (231_000_000, "231 ms"),
        (999_600_000, "1.00 s"),
        (1_620_000_000, "1.62 s"),
        (90_000_000_000, "1.50 min"),
        (7_200_000_000_000, "2.00 h"),
        (31_536_000_000_000_000, "365 d"),
    ],
)
def test_a_duration_shows_three_figures(duration_ns, text):
    assert format_duration(duration_ns) == text.replace(" ", THIN)


def test_a_window_holds_its_start_and_not_its_end():
    window = TimeWindow(10, 20)
    assert (10 in window, 19 in window, 20 in window) == (True, True, False)
