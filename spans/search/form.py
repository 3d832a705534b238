"""The controls of the form ↔ the text of the query."""

from dataclasses import dataclass

from spans.search.format import format_condition, format_value, intrinsic_text
from spans.search.parse import ParseError, parse
from spans.search.query import And, CompareIntrinsic, Condition, Intrinsic, Operator, Or, all_of

# Which comparison a control stands for.
CONTROLS = {
    (Intrinsic.SERVICE, Operator.EQUAL): "service",
    (Intrinsic.NAME, Operator.EQUAL): "name",
    (Intrinsic.DURATION, Operator.GREATER): "duration_min",
    (Intrinsic.DURATION, Operator.LESS): "duration_max",
    (Intrinsic.STATUS, Operator.EQUAL): "status",
}


@dataclass(frozen=True, slots=True)
class FormFields:
    """What the controls hold, as text; "" when one is not set.

    Shape: `duration_min` and `duration_max` are exclusive, as `duration>…` and `duration<…` are. `rest` is
    the part of the query that no control can say.
    """

    service: str = ""
    name: str = ""
    duration_min: str = ""
    duration_max: str = ""
    status: str = ""
    rest: str = ""


def fields_of(text: str) -> FormFields:
    """What the controls show of a query.

    Raises: ParseError.
    """
    selector = parse(text).selector
    shown: dict[str, str] = {}
    rest: list[Condition] = []
    for part in selector.parts if isinstance(selector, And) else (selector,):
        control = CONTROLS.get((part.field, part.operator)) if isinstance(part, CompareIntrinsic) else None
        value = intrinsic_text(part) if isinstance(part, CompareIntrinsic) else ""
        if control and value and control not in shown:
            shown[control] = value
        else:
            rest.append(part)
    return FormFields(**shown, rest=format_condition(all_of(rest)) if rest else "")


def text_of(fields: FormFields) -> str:
    """The query that the controls say together. A duration that is none is kept, to be put right."""
    parts = []
    if fields.service:
        parts.append(f"service={format_value(fields.service)}")
    if fields.name:
        parts.append(f"name={format_value(fields.name)}")
    if fields.duration_min:
        parts.append(f"duration>{format_value(_one_word(fields.duration_min))}")
    if fields.duration_max:
        parts.append(f"duration<{format_value(_one_word(fields.duration_max))}")
    if fields.status:
        parts.append(f"status={format_value(fields.status)}")
    if fields.rest:
        parts.append(f"({fields.rest})" if parts and _is_alternative(fields.rest) else fields.rest)
    return " AND ".join(parts)


def _one_word(duration: str) -> str:
    return "".join(duration.split())


def _is_alternative(text: str) -> bool:
    try:
        return isinstance(parse(text).selector, Or)
    except ParseError:
        return False
