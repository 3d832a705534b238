import pytest

from spans.limits import QUERY_CHARACTERS_MAX, QUERY_DEPTH_MAX
from spans.search.format import format_condition
from spans.search.parse import ParseError, parse
from spans.search.query import (
    EVERYTHING,
    And,
    Attribute,
    CompareAttribute,
    CompareIntrinsic,
    Has,
    Intrinsic,
    NameContains,
    Not,
    Operator,
    Or,
    Place,
)

CART = CompareIntrinsic(Intrinsic.SERVICE, Operator.EQUAL, "cart")
SLOW = CompareIntrinsic(Intrinsic.DURATION, Operator.GREATER, 250_000_000)
ERROR = CompareIntrinsic(Intrinsic.STATUS, Operator.EQUAL, 2)


def equal(key: str, text: str, number: float | None = None, place: Place = Place.ANY) -> CompareAttribute:
    return CompareAttribute(Attribute(key, place), Operator.EQUAL, text, number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", EVERYTHING),
        ("   ", EVERYTHING),
        ("service=cart", CART),
        ("service.name=cart", CART),
        ("resource.service.name=cart", CART),
        ("span.service.name=cart", equal("service.name", "cart", place=Place.SPAN)),
        ("service=cart AND duration>250ms", And((CART, SLOW))),
        ("service=cart duration>250ms", And((CART, SLOW))),
        ("service = cart and duration > 0.25s", And((CART, SLOW))),
        ("service=cart OR status=error duration>250ms", Or((CART, And((ERROR, SLOW))))),
        ("(service=cart or status=ERROR) duration>250ms", And((Or((CART, ERROR)), SLOW))),
        ("not service=cart status=error", And((Not(CART), ERROR))),
        ("NOT (service=cart status=error)", Not(And((CART, ERROR)))),
        ("NOT NOT service=cart", CART),
        ('name="GET /cart"', CompareIntrinsic(Intrinsic.NAME, Operator.EQUAL, "GET /cart")),
        ("name='GET /cart'", CompareIntrinsic(Intrinsic.NAME, Operator.EQUAL, "GET /cart")),
        ("kind!=server", CompareIntrinsic(Intrinsic.KIND, Operator.NOT_EQUAL, 2)),
        ("duration<=0", CompareIntrinsic(Intrinsic.DURATION, Operator.LESS_OR_EQUAL, 0)),
        ('http.route="/x"', equal("http.route", "/x")),
        ("http.url=https://x/?a=b&c=d", equal("http.url", "https://x/?a=b&c=d")),
        ("span.k=v", equal("k", "v", place=Place.SPAN)),
        ("link.k=5", equal("k", "5", 5, place=Place.LINK)),
        ("status.code=9007199254740993", equal("status.code", "9007199254740993", 9007199254740993)),
        ('"duration"=5', equal("duration", "5", 5)),
        ('event."a b"="c d"', equal("a b", "c d", place=Place.EVENT)),
        (r'k="say \"hi\""', equal("k", 'say "hi"')),
        ("k=and", equal("k", "and")),
        ("has(db.system)", Has(Attribute("db.system"))),
        ('HAS ( "a b" )', Has(Attribute("a b"))),
        ("has", NameContains("has")),
        ("cart 'GET /x'", And((NameContains("cart"), NameContains("GET /x")))),
        ("order-42 android", And((NameContains("order-42"), NameContains("android")))),
        ("k>=1.5", CompareAttribute(Attribute("k"), Operator.GREATER_OR_EQUAL, "1.5", 1.5)),
    ],
)  # fmt: skip
def test_text_becomes_a_tree_and_the_tree_text_again(text: str, expected: object):
    selector = parse(text).selector
    assert selector == expected
    assert parse(format_condition(selector)).selector == expected


@pytest.mark.parametrize(
    ("text", "column", "length", "said", "fix"),
    [
        ("service=checkout AND duration>200mss", 31, 6,
         "Column 31: 200mss is not a duration. Expected a number and one of ns, us, ms, s, m, h.",
         "service=checkout AND duration>200ms"),
        ("duration>200", 10, 3, "200 has no unit", "duration>200ms"),
        ("status=eror", 8, 4, "eror is no status. Expected one of unset, ok, error", "status=error"),
        ("kind=servr", 6, 5, "servr is no kind", "kind=server"),
        ("service>cart", 8, 1, "service can't be compared with >. Expected = or !=", "service=cart"),
        ("http.status_code>x", 18, 1, "x is none. Expected a number", None),
        ('name~"GET.*"', 5, 1, "~ can't be asked yet", None),
        ("trace.duration>2s", 1, 14, "The duration of a whole trace can't be asked yet", None),
        ("a==b", 2, 2, "== is no operator", "a=b"),
        ("a=", 3, 1, "The query ends after a=. Expected a value", None),
        ("a=b AND", 8, 1, "The query ends after AND", "a=b"),
        ("a=b AND OR c", 9, 2, "OR can't stand here", None),
        ("or", 1, 2, "or can't stand here", None),
        ("=b", 1, 1, "There is no field before =", None),
        ("(a=b", 1, 1, "This parenthesis is never closed", "(a=b)"),
        ("a=b)", 4, 1, "No parenthesis is open here", "a=b"),
        ("a=b ()", 6, 1, "There is nothing in these parentheses", None),
        ("a=(b)", 3, 1, "There is no value before this", None),
        ('x "abc', 3, 4, "This quote is never closed", 'x "abc"'),
    ],
)  # fmt: skip
def test_an_error_points_at_its_column_and_says_what_was_expected(
    text: str, column: int, length: int, said: str, fix: str | None
):
    with pytest.raises(ParseError) as raised:
        parse(text)
    error = raised.value
    assert (error.column, error.length, error.fix) == (column, length, fix)
    assert said in str(error)
    if fix:
        parse(fix)


def test_a_query_that_is_too_long_is_refused_with_its_length():
    with pytest.raises(ParseError, match="4,001 characters long; the limit is 4,000"):
        parse("x" * (QUERY_CHARACTERS_MAX + 1))


def test_a_query_that_nests_too_deep_is_refused():
    deep = "a=b"
    for _ in range(QUERY_DEPTH_MAX):
        deep = f"NOT (c=d {deep})"
    with pytest.raises(ParseError, match="nests deeper than 50 levels"):
        parse(deep)


@pytest.mark.parametrize("text", ["(" * 4000, "NOT " * 999, "((((a))))" * 400 + ")"])
def test_a_long_hostile_query_ends_in_a_parse_error(text: str):
    with pytest.raises(ParseError):
        parse(text)


def test_a_long_query_of_many_words_is_read():
    assert len(parse("a " * 2000).selector.parts) == 2000
