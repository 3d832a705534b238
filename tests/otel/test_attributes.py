import json

import pytest

from spans.otel.attributes import KeyValueList, as_json, as_text
from spans.otel.resource import Resource


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (True, "true"),
        (2**63 - 1, "9223372036854775807"),
        (2.0, "2"),
        (0.1, "0.1"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (b"\x00\xff", "AP8="),
        (None, ""),
        (("a", 1, (2.5,)), '["a", 1, [2.5]]'),
        (KeyValueList((("k", "v"), ("n", 1))), '{"k": "v", "n": 1}'),
    ],
    ids=repr,
)
def test_a_value_has_one_text_form(value, text):
    assert as_text(value) == text


def test_values_that_json_lacks_become_text():
    value = KeyValueList((("nan", float("nan")), ("bytes", b"\xff")))
    assert json.dumps(as_json(value), allow_nan=False) == '{"nan": "NaN", "bytes": "/w=="}'


@pytest.mark.parametrize(
    ("attributes", "service"),
    [
        ((("service.name", "checkout"),), "checkout"),
        ((("service.name", ""),), "unknown_service"),
        ((("service.name", 5),), "5"),
        ((), "unknown_service"),
    ],
)
def test_a_service_always_has_a_name(attributes, service):
    assert Resource(attributes).service == service
