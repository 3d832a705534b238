import pytest

from spans.search.form import FormFields, fields_of, text_of
from spans.search.parse import parse


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", FormFields()),
        ("service=checkout AND duration>200ms", FormFields(service="checkout", duration_min="200ms")),
        ('name="GET /cart" AND status=error', FormFields(name="GET /cart", status="error")),
        ("service=cart http.route=/x", FormFields(service="cart", rest="http.route=/x")),
        ("duration>1s duration<1.5s", FormFields(duration_min="1s", duration_max="1.5s")),
        ("duration>=1s", FormFields(rest="duration>=1s")),
        ("service=a service=b", FormFields(service="a", rest="service=b")),
        ("service=a OR service=b", FormFields(rest="service=a OR service=b")),
        ("service=a (x=1 OR y=2)", FormFields(service="a", rest="x=1 OR y=2")),
        ("NOT status=error cart", FormFields(rest="NOT status=error AND cart")),
        ('service="two words"', FormFields(service="two words")),
    ],
)
def test_controls_show_what_they_can_of_a_query(text: str, fields: FormFields):
    assert fields_of(text) == fields
    assert parse(text_of(fields)) == parse(text)


def test_controls_write_a_query_with_quotes_where_they_are_needed():
    fields = FormFields(
        service="a b", name='say "hi"', duration_min=" 200 ms ", status="error", rest="x OR y"
    )
    assert (
        text_of(fields)
        == r'service="a b" AND name="say \"hi\"" AND duration>200ms AND status=error AND (x OR y)'
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [("200ms", "200ms"), ("0.2s", "200ms"), ("1500ms", "1.5s"), ("90s", "90s"), ("2m", "2m"),
     ("1.5us", "1.5us"), ("3600s", "1h"), ("1234567ns", "1234.567us"), ("7ns", "7ns")],
)  # fmt: skip
def test_a_duration_keeps_its_value_to_the_nanosecond(written: str, shown: str):
    minimum = fields_of(f"duration>{written}").duration_min
    assert parse(f"duration>{minimum}") == parse(f"duration>{written}")
    assert minimum == shown
