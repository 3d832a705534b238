"""Why a query could not be read, for the line under it."""

from dataclasses import dataclass

from spans.pages.search_address import Address, BadTime
from spans.search.parse import ParseError


@dataclass(frozen=True, slots=True)
class Problem:
    """`column` counts from 1, 0 when the query itself is fine; `fix_word` is what would stand there instead.

    `word` is what stands there now, when the sentence begins with it; `sentence` is then the rest.
    """

    sentence: str
    word: str = ""
    column: int = 0
    length: int = 0
    fix_word: str = ""
    fix_url: str = ""


def problem_of(error: ParseError | BadTime, address: Address) -> Problem:
    """What to tell about an error."""
    if isinstance(error, BadTime):
        return Problem(str(error))
    first = error.column - 1
    word = address.q[first : first + error.length]
    word = word if word and error.reason.startswith(word) else ""
    sentence = error.reason.removeprefix(word)
    if not error.fix:
        return Problem(sentence, word, error.column, error.length)
    fix_word = _replaced(address.q, error.fix, first=first, length=error.length)
    return Problem(sentence, word, error.column, error.length, fix_word, address.url(q=error.fix))


def _replaced(text: str, fix: str, *, first: int, length: int) -> str:
    """The word that a fix puts where the wrong one stands; the whole fix when it changes more than that."""
    before, after = text[:first], text[first + length :]
    if not fix.startswith(before) or not fix.endswith(after):
        return fix
    return fix[len(before) : len(fix) - len(after)].strip() or fix
