"""Query tree → text that parses to the same tree."""

import re

from spans.otel.clock import HOUR_NS, MINUTE_NS
from spans.otel.span import SpanKind, StatusCode
from spans.search.fields import attribute_of, field_of
from spans.search.query import (
    And,
    Attribute,
    CompareAttribute,
    CompareIntrinsic,
    Condition,
    Has,
    Intrinsic,
    NameContains,
    Not,
    Or,
)

UNITS = ((HOUR_NS, "h"), (MINUTE_NS, "m"), (10**9, "s"), (10**6, "ms"), (10**3, "us"), (1, "ns"))
_WORD = re.compile(r"""(?!(and|or|not)$)[^\s()"'=<>!~][^\s()"=<>!~]*""", re.IGNORECASE)
_VALUE = re.compile(r"""[^\s()"'=<>!~][^\s()"]*""")


def format_condition(condition: Condition) -> str:
    """The whole condition; "" for everything."""
    if isinstance(condition, And):
        parts = (_inside(part, in_and=True) for part in condition.parts)
        return " AND ".join(parts)
    if isinstance(condition, Or):
        return " OR ".join(_inside(part, in_and=False) for part in condition.parts)
    if isinstance(condition, Not):
        return f"NOT {_inside(condition.part, in_and=True)}"
    if isinstance(condition, NameContains):
        return quoted_unless(_WORD, condition.text)
    if isinstance(condition, Has):
        return f"has({_key(condition.attribute)})"
    if isinstance(condition, CompareAttribute):
        return f"{_key(condition.attribute)}{condition.operator}{format_value(condition.text)}"
    return f"{condition.field}{condition.operator}{format_value(intrinsic_text(condition))}"


def _inside(part: Condition, *, in_and: bool) -> str:
    """In parentheses where they are needed: OR inside AND, either inside NOT."""
    is_group = isinstance(part, Or) if in_and else False
    text = format_condition(part)
    return f"({text})" if is_group or isinstance(part, And) else text


def intrinsic_text(condition: CompareIntrinsic) -> str:
    """The value as a query has it, without quotes."""
    if isinstance(condition.value, str):
        return condition.value
    if condition.field is Intrinsic.STATUS:
        return StatusCode(condition.value).name.lower()
    if condition.field is Intrinsic.KIND:
        return SpanKind(condition.value).name.lower()
    return duration_text(condition.value)


def duration_text(duration_ns: int) -> str:
    """1500000000 → "1.5s", 200000000 → "200ms": exact, in a unit that fits."""
    for unit_ns, unit in UNITS:
        thousandths, left_over = divmod(duration_ns * 1000, unit_ns)
        if duration_ns < unit_ns or left_over or (unit_ns > 10**9 and thousandths % 1000):
            continue
        whole, rest = divmod(thousandths, 1000)
        return f"{whole}.{rest:03d}".rstrip("0") + unit if rest else f"{whole}{unit}"
    return "0" if not duration_ns else f"{duration_ns}ns"


def format_value(text: str) -> str:
    return quoted_unless(_VALUE, text)


def quoted_unless(plain: re.Pattern[str], text: str) -> str:
    """The text as it is, or in quotes where it would be read as something else."""
    if plain.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(attribute: Attribute) -> str:
    place = f"{attribute.place}." if attribute.place else ""
    bare = place + attribute.key
    if _WORD.fullmatch(bare) and field_of(bare) == attribute == attribute_of(bare):
        return bare
    return place + quoted_unless(re.compile("(?!)"), attribute.key)
