"""What to ask when nothing was found: the query without one of its conditions, or without its window."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spans.otel.clock import TimeWindow
from spans.pages.search_address import Address
from spans.search.find import Order, Search, find_traces
from spans.search.parse import ParseError

LOOSENED_MAX = 4  # queries tried for one empty page
LOOSENED_BUDGET_MS = 150  # for each: a count is nice to have, never worth a wait
_PIECE = re.compile(
    r"""(?P<space>\s+)|(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<operator>!=|>=|<=|=~|!~|[=<>~])"""
    r"""|(?P<open>\()|(?P<close>\))|(?P<word>[^\s()"=<>!~]+)|(?P<other>.)"""
)
_VALUE = re.compile(r"""(?P<value>[^\s()"'=<>!~][^\s()"]*)""")


@dataclass(frozen=True, slots=True)
class Nearest:
    """One way out of an empty list. `count` is None when it could not be told in time."""

    act: str
    text: str
    url: str
    count: int | None
    is_exact: bool


def nearest_of(address: Address, window: TimeWindow | None) -> list[Nearest]:
    """Ways that find something, the most traces first; ways that could not be counted come last."""
    tried = [_count(way) for way in _ways(address, window)]
    return sorted((way for way in tried if way.count != 0), key=lambda way: -(way.count or 0))


def _ways(
    address: Address, window: TimeWindow | None
) -> Iterator[tuple[str, str, Address, TimeWindow | None]]:
    conditions = conditions_of(address.q)
    if address.has_window:
        yield "Look at", "all that is stored", Address(q=address.q, order=address.order), None
    if len(conditions) > 1:
        for place, condition in enumerate(conditions[:LOOSENED_MAX]):
            rest = " AND ".join(conditions[:place] + conditions[place + 1 :])
            yield (
                "Leave out",
                condition,
                Address(rest, address.order, address.last, address.start, address.end),
                window,
            )
    elif address.q:
        yield (
            "Leave out",
            address.q,
            Address("", address.order, address.last, address.start, address.end),
            window,
        )


def _count(way: tuple[str, str, Address, TimeWindow | None]) -> Nearest:
    act, text, address, window = way
    asked = Search(address.q, window, Order.NEWEST, 1, budget_ms=LOOSENED_BUDGET_MS)
    try:
        total = find_traces(asked).total
    except ParseError:  # cutting the text apart misread it: this is no way out
        return Nearest(act, text, address.url(), 0, is_exact=True)
    count = total.count if total.count or total.is_exact else None
    return Nearest(act, text, address.url(), count, total.is_exact)


def conditions_of(text: str) -> list[str]:
    """The conditions that AND, said or not, joins at the top of a query; all of it when OR joins them."""
    starts: list[int] = []
    ends: list[int] = []
    depth, before = 0, "and"
    for piece in _pieces(text):
        word, kind = piece[0], piece.lastgroup or ""
        joiner = word.lower() if kind == "word" else kind
        depth += {"(": 1, ")": -1}.get(word, 0)
        top = depth == 0 or (depth == 1 and word == "(")
        if top and joiner == "or":
            return [text]
        if top and joiner != "and":
            if _begins(kind, before):
                starts.append(piece.start())
                ends.append(piece.end())
            ends[-1] = piece.end()
        elif ends and joiner != "and":
            ends[-1] = piece.end()
        before = joiner
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _begins(kind: str, before: str) -> bool:
    """Whether a piece starts a condition: it is not what an operator, NOT or has( waits for."""
    if before in ("and", ""):
        return True
    if kind in ("operator", "close"):
        return False
    if kind == "open":
        return before not in ("not", "has")
    return before not in ("not", "operator", "open")


def _pieces(text: str) -> Iterator[re.Match[str]]:
    """Words, quoted words, operators and parentheses; what follows an operator may itself hold operators."""
    position, follows_operator = 0, False
    while position < len(text):
        piece = (_VALUE.match(text, position) if follows_operator else None) or _PIECE.match(text, position)
        assert piece is not None, "every character is some piece"
        position = piece.end()
        if piece.lastgroup != "space":
            yield piece
            follows_operator = piece.lastgroup == "operator"
