"""Text → Query tree."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import cast

from lark import Lark, LarkError, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from spans.limits import QUERY_CHARACTERS_MAX, QUERY_DEPTH_MAX
from spans.search.fields import (
    DURATION_EXPECTED,
    KINDS,
    LATER,
    OPERATORS,
    STATUS_CODES,
    attribute_of,
    duration_ns_of,
    field_of,
    number_of,
)
from spans.search.query import (
    EVERYTHING,
    Attribute,
    CompareAttribute,
    CompareIntrinsic,
    Condition,
    Has,
    Intrinsic,
    NameContains,
    Not,
    Operator,
    Place,
    Query,
    all_of,
    any_of,
    depth,
)

OPERATORS_EXPECTED = "one of = != > >= < <="
WORDS = ("AND", "OR", "NOT")
CONDITION_EXPECTED = "a condition such as service=checkout or duration>200ms"
RANGES = (Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class ParseError(Exception):
    """A query that can't be read, and where.

    Shape: `reason` is a whole sentence or two for the reader; `column` counts characters from 1;
    `expected` is "" when there is nothing to name; `fix` is a whole query that would be read, or None.
    """

    def __init__(
        self, reason: str, column: int, *, length: int = 1, expected: str = "", fix: str | None = None
    ) -> None:
        self.reason = f"{reason} Expected {expected}." if expected else reason
        self.column, self.length, self.expected, self.fix = column, length, expected, fix
        super().__init__(f"Column {column}: {self.reason}")


class _Refused(Exception):
    """A word that is wrong for its field; `replacement` would be right."""

    def __init__(self, token: Token, reason: str, expected: str = "", replacement: str | None = None) -> None:
        super().__init__(reason)
        self.token, self.reason, self.expected, self.replacement = token, reason, expected, replacement


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """The query that `text` asks; an empty text asks for everything.

    Raises: ParseError at the first thing that can't be read.
    """
    if len(text) > QUERY_CHARACTERS_MAX:
        reason = f"The query is {len(text):,} characters long; the limit is {QUERY_CHARACTERS_MAX:,}."
        raise ParseError(reason, QUERY_CHARACTERS_MAX + 1, length=len(text) - QUERY_CHARACTERS_MAX)
    try:
        selector = _read(text)
    except _Refused as refused:
        raise _from_refused(text, refused) from None
    except UnexpectedEOF:
        raise _ended(text) from None
    except UnexpectedToken as error:
        raise (_ended(text) if error.token.type == "$END" else _unexpected(text, error.token)) from None
    except UnexpectedCharacters as error:
        raise _unreadable(text, error.pos_in_stream or 0) from None
    if depth(selector) > QUERY_DEPTH_MAX:
        raise ParseError(f"The query nests deeper than {QUERY_DEPTH_MAX} levels.", 1, length=len(text))
    return Query(selector)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("spans.search").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Tree())


def _read(text: str) -> Condition:
    """With a transformer at hand the parser returns what that makes, not a tree of lark's."""
    return cast("Condition", _parser().parse(text))


class _Tree(Transformer[Token, Condition]):
    """Builds conditions bottom-up while the parser reads: no recursion, whatever the depth."""

    def start(self, parts: list[Condition]) -> Condition:
        return parts[0] if parts else EVERYTHING

    def any(self, parts: list[Condition | Token]) -> Condition:
        return any_of([part for part in parts if not isinstance(part, Token)])

    def all(self, parts: list[Condition | Token]) -> Condition:
        return all_of([part for part in parts if not isinstance(part, Token)])

    def negated(self, parts: list[Condition]) -> Condition:
        inner = parts[-1]
        return inner.part if isinstance(inner, Not) else Not(inner)

    def group(self, parts: list[Condition]) -> Condition:
        return parts[0]

    def has(self, parts: list[Token]) -> Condition:
        return Has(_attribute(parts[1]))

    def free(self, parts: list[Token]) -> Condition:
        return NameContains(_unquoted(parts[0]))

    def comparison(self, parts: list[Token]) -> Condition:
        key, operator_token, value = parts
        if str(operator_token) not in set(Operator):
            raise _Refused(operator_token, f"{operator_token} can't be asked yet.", OPERATORS_EXPECTED)
        operator = Operator(str(operator_token))
        if key.type == "WORD" and key.lower() in LATER:
            raise _Refused(key, f"{LATER[key.lower()]} can't be asked yet.")
        field = field_of(str(key)) if key.type == "WORD" else _attribute(key)
        if isinstance(field, Attribute):
            return _compare_attribute(field, operator, value)
        if operator not in OPERATORS[field]:
            allowed = " or ".join(OPERATORS[field])
            raise _Refused(operator_token, f"{field} can't be compared with {operator}.", allowed, "=")
        return CompareIntrinsic(field, operator, _READERS[field](value))


def _compare_attribute(attribute: Attribute, operator: Operator, value: Token) -> Condition:
    text = _unquoted(value)
    number = number_of(text)
    if operator in RANGES and number is None:
        raise _Refused(
            value, f"{operator} compares an attribute with a number; {text or 'this'} is none.", "a number"
        )
    return CompareAttribute(attribute, operator, text, number)


def _duration_ns(value: Token) -> int:
    text = _unquoted(value)
    duration_ns = duration_ns_of(text)
    if duration_ns is not None:
        return duration_ns
    if number_of(text) is not None:
        raise _Refused(value, f"{text} has no unit.", DURATION_EXPECTED, f"{text}ms")
    raise _Refused(value, f"{text or 'This'} is not a duration.", DURATION_EXPECTED, _shortened(text))


def _shortened(text: str) -> str | None:
    """ "200mss" → "200ms": what is left of a mistyped duration after its last letters."""
    ends = [
        end
        for end in range(len(text) - 1, max(0, len(text) - 4), -1)
        if duration_ns_of(text[:end]) is not None
    ]
    return text[: ends[0]] if ends else None


def _one_of(codes: dict[str, int], what: str) -> Callable[[Token], int]:
    def read(value: Token) -> int:
        text = _unquoted(value).lower()
        if text not in codes:
            near = next(iter(get_close_matches(text, codes, 1)), None)
            raise _Refused(value, f"{text or 'This'} is no {what}.", "one of " + ", ".join(codes), near)
        return int(codes[text])

    return read


def _unquoted(token: Token) -> str:
    text = str(token)
    return _ESCAPE.sub(r"\1", text[1:-1]) if text[:1] in "\"'" and len(text) > 1 else text


_READERS: dict[Intrinsic, Callable[[Token], str | int]] = {
    Intrinsic.SERVICE: _unquoted,
    Intrinsic.NAME: _unquoted,
    Intrinsic.DURATION: _duration_ns,
    Intrinsic.STATUS: _one_of({**STATUS_CODES}, "status"),
    Intrinsic.KIND: _one_of({**KINDS}, "kind"),
}


def _attribute(key: Token) -> Attribute:
    if key.type == "PLACED":
        place, _, quoted = key.partition(".")
        return Attribute(_unquoted(Token("QUOTED", quoted)), Place(place))
    return Attribute(_unquoted(key)) if key.type == "QUOTED" else attribute_of(str(key))


# --- what to say about it


def _from_refused(text: str, refused: _Refused) -> ParseError:
    token, fix = refused.token, None
    start = token.start_pos or 0
    if refused.replacement is not None:
        fix = _if_readable(text[:start] + refused.replacement + text[start + len(token) :])
    return ParseError(refused.reason, start + 1, length=len(token), expected=refused.expected, fix=fix)


def _if_readable(text: str) -> str | None:
    """The text as a fix, unless there is more wrong with it."""
    try:
        _read(text)
    except (LarkError, _Refused):
        return None
    return text


def _ended(text: str) -> ParseError:
    """The text stops where something has to follow."""
    end = len(text.rstrip())
    last = text[:end].split()[-1]
    if last[-1] in "=<>~":
        return ParseError(f"The query ends after {last}.", end + 1, expected="a value")
    opened = _unclosed(text)
    if opened is not None and last[-1] != "(" and last.upper() not in WORDS:
        fix = _if_readable(text[:end] + ")")
        return ParseError("This parenthesis is never closed.", opened + 1, expected=")", fix=fix)
    fix = _if_readable(text[:end].rpartition(last)[0].rstrip()) if last.upper() in WORDS else None
    return ParseError(f"The query ends after {last}.", end + 1, expected=CONDITION_EXPECTED, fix=fix or None)


def _unclosed(text: str) -> int | None:
    """Where the innermost parenthesis stands that is never closed."""
    opened = []
    for piece in re.finditer(r'"(?:\\.|[^"\\])*"|[()]', text):
        if piece[0] == "(":
            opened.append(piece.start())
        elif piece[0] == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _unexpected(text: str, token: Token) -> ParseError:
    """A word that can be read, in a place where it can't stand."""
    start, before = token.start_pos or 0, text[: token.start_pos].rstrip()[-1:]
    if token.type in ("LPAR", "RPAR") and before and before in "=<>~":
        return ParseError(
            "There is no value before this.", start + 1, expected="a value, in quotes if it has ( or )"
        )
    if token.type == "RPAR" and before == "(":
        return ParseError("There is nothing in these parentheses.", start + 1, expected=CONDITION_EXPECTED)
    if token.type == "RPAR":
        fix = _if_readable(text[:start] + text[start + 1 :])
        return ParseError("No parenthesis is open here.", start + 1, fix=fix)
    if token.type == "OPERATOR" and before and before in "=<>!~" and text[start - 1] == before:
        fix = _if_readable(text[:start] + text[start + len(token) :])
        reason = f"{before}{token} is no operator."
        return ParseError(reason, start, length=1 + len(token), expected=OPERATORS_EXPECTED, fix=fix)
    if token.type == "OPERATOR":
        return ParseError(
            f"There is no field before {token}.", start + 1, length=len(token), expected="a field"
        )
    return ParseError(f"{token} can't stand here.", start + 1, length=len(token), expected=CONDITION_EXPECTED)


def _unreadable(text: str, at: int) -> ParseError:
    """A character that starts nothing which may stand here."""
    character = text[at]
    if character in "\"'":
        fix = _if_readable(text + character)
        return ParseError("This quote is never closed.", at + 1, length=len(text) - at, fix=fix)
    return ParseError(f"{character} can't stand here.", at + 1, expected=CONDITION_EXPECTED)
