"""The meaning of a query, one span at a time."""

from dataclasses import replace

import pytest

from spans.otel.attributes import KeyValueList
from spans.otel.resource import Resource, Scope
from spans.otel.span import Event, Link, Span, SpanKind, Status, StatusCode
from spans.search.match import matches
from spans.search.parse import parse

SPAN = Span(
    trace_id="1" * 32,
    span_id="2" * 16,
    parent_span_id="",
    name="GET /Cart",
    kind=SpanKind.SERVER,
    start_ns=1,
    duration_ns=200_000_000,
    status=Status(StatusCode.ERROR),
    attributes=(
        ("code", 500), ("ratio", 0.5), ("whole", 5.0), ("text", "500"), ("done", True), ("raw", b"\x00"),
        ("list", ("a", 7)), ("none", ()), ("map", KeyValueList((("in", KeyValueList((("deep", "x"),))),))),
        ("unset", None), ("twice", "a"), ("big", 2**53 + 1),
    ),
    events=(Event("e", 1, (("of_event", "v"),)),),
    links=(Link("ab" * 16, "cd" * 8, attributes=(("of_link", "v"),)),),
    resource=Resource((("service.name", "shop"), ("twice", "b"))),
    scope=Scope(attributes=(("of_scope", "v"),)),
)  # fmt: skip

YES = """
service=shop | service.name=shop | service!=cart | name="GET /Cart" | cart | "get /"
duration=200ms | duration>=0.2s | duration<1m | status=error | status!=ok | kind=server
NOT kind=client | code=500 | code="500" | code=500.0 | code>499 | code<=500 | code!=501 | text=500
text>499.5 | ratio=0.5 | ratio<1 | whole=5 | whole=5.0 | done=true | list=a | list=7 | list>6
map.in.deep=x | has(map) | has(map.in.deep) | has(none) | has(unset) | has(raw) | of_event=v
event.of_event=v | link.of_link=v | of_link=v | of_scope=v | scope.of_scope=v
resource.service.name=shop | resource.twice=b | span.twice=a | twice=a twice=b | has(service.name)
NOT absent=1 | big=9007199254740993 | link:traceID=abababababababababababababababab
span.code=500 OR absent=1 | NOT (code=500 ratio=1) | list!=b
"""
NO = """
service=SHOP | service=cart | name=GET | carts | duration>200ms | status=ok | status=unset
kind=client | code=0500x | code!=500 | text=500.0 | done=1 | done=True | done>0 | absent!=1
has(absent) | has(map.in) | list="[\\"a\\", 7]" | list!=a | span.service.name=shop
resource.code=500 | span.twice=b | span.of_event=v | event.code=500 | raw=AA== | unset=""
big=9007199254740992 | NOT code=500 | code=500 absent=1 | map=x | map.deep=x | link.code=500
"""


def written(table: str) -> list[str]:
    return [query.strip() for line in table.strip().splitlines() for query in line.split(" | ")]


@pytest.mark.parametrize("query", written(YES))
def test_the_span_meets(query: str):
    assert matches(parse(query).selector, SPAN)


@pytest.mark.parametrize("query", written(NO))
def test_the_span_does_not_meet(query: str):
    assert not matches(parse(query).selector, SPAN)


def test_a_missing_service_name_is_unknown_service():
    assert matches(parse("service=unknown_service").selector, replace(SPAN, resource=Resource()))
