import time

import pytest

from spans.pages.loosen import conditions_of
from spans.templatetags.tracing import ago, clock, count, day, duration, moment, offset, share, visible

AT_NS = 1_795_442_522_418_000_123


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (duration(231_000_000), "231\u202fms"),
        (duration(None), ""),
        (offset(1_200_000), "+1.20\u202fms"),
        (offset(-3_000_000), "−3.00\u202fms"),
        (offset(0), "0"),
        (clock(AT_NS), "14:02:02.418"),
        (moment(AT_NS), "2026-11-23 14:02:02.418000123 UTC"),
        (day(AT_NS).removesuffix(" 2026"), "23 Nov"),
        (count(12431), "12,431"),
        (share(0.456), "46\u202f%"),
        (share(0.034), "3.4\u202f%"),
        (visible("a\u202eb\nc\u200bd"), "a·b·c·d"),
    ],
)
def test_values_are_shown_as_people_read_them(shown, text):
    assert shown == text


@pytest.mark.parametrize(
    ("age_s", "text"),
    [(9.5, "9 s ago"), (61, "1 min ago"), (7501, "2 h 5 min ago"), (90_001, "1 d ago"), (-121, "in 2 min")],
)
def test_ages_are_said_in_the_largest_unit_that_fits(age_s, text):
    assert ago(time.time_ns() - int(age_s * 10**9)) == text


@pytest.mark.parametrize(
    ("query", "conditions"),
    [
        ("service=a AND duration>200ms", ["service=a", "duration>200ms"]),
        ("service=a duration>5ms", ["service=a", "duration>5ms"]),
        ("NOT status=error AND (a=b OR c=d) x=1", ["NOT status=error", "(a=b OR c=d)", "x=1"]),
        ("a=b OR c=d", ["a=b OR c=d"]),
        ('has(foo.bar) AND name="GET AND b"', ["has(foo.bar)", 'name="GET AND b"']),
        ("NOT (a=1 or b=2) and url=/x?y=z", ["NOT (a=1 or b=2)", "url=/x?y=z"]),
        ("a = b c=d", ["a = b", "c=d"]),
        ("", []),
    ],
)
def test_a_query_falls_into_the_conditions_that_and_joins(query, conditions):
    assert conditions_of(query) == conditions
