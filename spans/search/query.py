"""The Query tree: what a search asks for, whatever spelling it came in.

A query holds one selector: a condition that one span has to meet as a whole. Structure between selectors and
pipelines behind them become further nodes of `Query`; `Condition` stays what one span can answer.
"""

from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="


class Intrinsic(StrEnum):
    """What every span has."""

    SERVICE = "service"
    NAME = "name"
    DURATION = "duration"
    STATUS = "status"
    KIND = "kind"


class Place(StrEnum):
    """Where an attribute stands; ANY: on the span, its resource, scope, events or links."""

    ANY = ""
    SPAN = "span"
    RESOURCE = "resource"
    SCOPE = "scope"
    EVENT = "event"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Attribute:
    key: str
    place: Place = Place.ANY


@dataclass(frozen=True, slots=True)
class CompareIntrinsic:
    """`service`, `name`: text. `duration`: nanoseconds. `status`, `kind`: the code of OpenTelemetry."""

    field: Intrinsic
    operator: Operator
    value: str | int


@dataclass(frozen=True, slots=True)
class CompareAttribute:
    """`text` is the value as written; `number` what it says as a number, if it does."""

    attribute: Attribute
    operator: Operator
    text: str
    number: int | float | None = None


@dataclass(frozen=True, slots=True)
class Has:
    """The span has the attribute, whatever its value."""

    attribute: Attribute


@dataclass(frozen=True, slots=True)
class NameContains:
    """The span's name contains the text; case does not matter."""

    text: str


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts`; with none of them: every span."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Leaf = CompareIntrinsic | CompareAttribute | Has | NameContains
Condition = Leaf | And | Or | Not
EVERYTHING = And(())


@dataclass(frozen=True, slots=True)
class Query:
    selector: Condition = EVERYTHING


def all_of(parts: list[Condition]) -> Condition:
    """The conjunction, without needless nesting."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(parts: list[Condition]) -> Condition:
    """The disjunction, without needless nesting."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def leaves(condition: Condition) -> list[Leaf]:
    """All comparisons of a condition, in the order written."""
    if isinstance(condition, And | Or):
        return [leaf for part in condition.parts for leaf in leaves(part)]
    if isinstance(condition, Not):
        return leaves(condition.part)
    return [condition]


def depth(condition: Condition) -> int:
    """Levels of nesting; without recursion, so that it can be asked of any depth."""
    deepest, level = 0, [condition]
    while level:
        deepest += 1
        inner: list[Condition] = []
        for node in level:
            if isinstance(node, And | Or):
                inner += node.parts
            elif isinstance(node, Not):
                inner.append(node.part)
        level = inner
    return deepest
