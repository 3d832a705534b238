"""Names by hash id, their caps, and the values that suggestions are made of."""

import secrets
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spans import limits
from spans.store.attribute_names import AttributeNames
from spans.store.database import connect, read
from spans.store.dictionaries import (
    OTHER,
    Dictionaries,
    dictionary_id,
    normal,
    operation_id,
    operation_names,
    service_id,
    service_names,
)
from spans.store.flush import FlushWriter
from tests.builders import batch_of, fresh_service, fresh_trace_id, make_span, request_of, store

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.now(UTC).date()
PROJECT = 900_001  # what other tests store does not count towards the caps here


@pytest.fixture
def dictionaries():
    found = Dictionaries(project_id=PROJECT + secrets.randbelow(10**6))
    with connect() as connection:
        found.load(connection, TODAY)
    return found


def test_names_are_listed_once_they_are_stored():
    service = fresh_service()
    store(
        request_of(
            make_span(name="GET /b"), make_span(name="GET /a"), make_span(name="GET /a"), service=service
        )
    )
    assert service in service_names()
    assert operation_names(service) == ["GET /a", "GET /b"]
    assert operation_names(fresh_service()) == []


def test_ids_are_computed_without_asking():
    service = fresh_service()
    store(request_of(make_span(name="op"), service=service))
    sql = """SELECT b.service_id, b.operations
               FROM spans_block b JOIN spans_service s ON s.id = b.service_id WHERE s.name = %s"""
    assert read(sql, [service]) == [(service_id(service), [operation_id(service, "op")])]


def test_ids_depend_on_kind_parts_and_project():
    made = [("service", b"a"), ("operation", b"a"), ("service", b"a", b""), ("operation", b"a", b"b")]
    ids = {dictionary_id(*one, project_id=project) for one in made for project in (1, 2)}
    assert len(ids) == 8


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "服务\u202e", "caf\ufffd", "' OR 1=1 --", "\ud800"])
def test_odd_names_are_stored_and_found(name):
    service = fresh_service()
    sendable = name.encode("utf-8", "replace").decode()
    store(request_of(make_span(name=sendable), service=f"{service}{sendable}"))
    assert operation_names(f"{service}{name}") == [normal(name)]


@given(st.text())
def test_a_normal_name_is_one_that_postgres_holds_and_stays_the_same(name):
    assert normal(normal(name)) == normal(name)
    assert "\0" not in normal(name)
    assert len(normal(name).encode()) <= 4 * limits.NAME_CHARACTERS_MAX


def test_past_the_cap_a_service_and_its_operations_are_other(dictionaries, monkeypatch):
    monkeypatch.setattr(limits, "SERVICES_MAX", 2)
    first, second, third = (dictionaries.service(name) for name in (b"a", b"b", b"c"))
    assert (third, dictionaries.operation(b"c", b"x")) == (OTHER, OTHER)
    assert OTHER not in {first, second, dictionaries.operation(b"a", b"x")}


def test_past_the_cap_of_a_service_only_its_operations_are_other(dictionaries, monkeypatch):
    monkeypatch.setattr(limits, "OPERATIONS_PER_SERVICE_MAX", 1)
    assert dictionaries.operation(b"a", b"x") != OTHER
    assert dictionaries.operation(b"a", b"y") == OTHER
    assert dictionaries.operation(b"b", b"y") != OTHER


def test_past_the_cap_of_all_operations_they_are_other(dictionaries, monkeypatch):
    monkeypatch.setattr(limits, "OPERATIONS_MAX", 1)
    assert dictionaries.operation(b"a", b"x") != OTHER
    assert dictionaries.operation(b"b", b"y") == OTHER


def test_past_the_cap_of_a_day_resources_are_other(dictionaries, monkeypatch):
    monkeypatch.setattr(limits, "RESOURCES_PER_DAY_MAX", 1)
    assert dictionaries.resource(b"a", b"1") != OTHER
    assert dictionaries.resource(b"a", b"2") == OTHER


def test_what_is_stored_counts_towards_the_caps_of_the_next_writer(dictionaries, monkeypatch):
    monkeypatch.setattr(limits, "SERVICES_MAX", 1)
    known = dictionaries.service(b"a")
    with connect() as connection:
        dictionaries.send(connection)
        following = Dictionaries(project_id=dictionaries.project_id)
        following.load(connection, TODAY)
    assert (following.service(b"a"), following.service(b"b")) == (known, OTHER)


def test_spans_past_a_cap_are_stored_under_the_id_0(monkeypatch):
    trace_id, project_id = fresh_trace_id(), PROJECT + secrets.randbelow(10**6)
    monkeypatch.setattr(limits, "SERVICES_MAX", 1)
    bodies = [request_of(make_span(trace_id=trace_id), service=name) for name in ("a", "b", "c")]
    with connect() as connection:
        FlushWriter(connection, project_id=project_id).write([batch_of(body) for body in bodies])
    sql = "SELECT service_id, spans, operations FROM spans_block WHERE project_id = %s ORDER BY spans"
    (first, other) = read(sql, [project_id])
    assert (first[0], first[1]) == (service_id("a", project_id=project_id), 1)
    assert other == (OTHER, 2, [OTHER])


def learned(project_id: int, *bodies: bytes) -> set[tuple[str, str]]:
    names = AttributeNames(project_id=project_id)
    names.start()
    for body in bodies:
        names.offer(batch_of(body).attributes)
    names.stop()
    sql = """SELECT k.key, v.value FROM spans_attribute_key k
               LEFT JOIN spans_attribute_value v ON v.key_id = k.id WHERE k.project_id = %s"""
    return set(read(sql, [project_id]))


def test_keys_and_short_values_are_learned_beside_the_flush():
    attributes = {"a": "x", "n": 5, "f": 1.5, "b": True, "long": "y" * 300, "list": [1], "odd": "p\0q"}
    found = learned(
        PROJECT + secrets.randbelow(10**6), request_of(make_span(attributes=attributes), service="s")
    )
    assert found == {
        ("a", "x"), ("n", "5"), ("f", "1.5"), ("b", "true"), ("long", None), ("list", None), ("odd", "pq"),
        ("service.name", "s"),
    }  # fmt: skip


def test_values_of_a_key_are_learned_up_to_their_cap(monkeypatch):
    monkeypatch.setattr(limits, "ATTRIBUTE_VALUES_PER_KEY_MAX", 3)
    project_id = PROJECT + secrets.randbelow(10**6)
    bodies = [request_of(make_span(attributes={"k": number}), service="s") for number in range(4)]
    learned(project_id, *bodies)
    found = learned(project_id, request_of(make_span(attributes={"k": "more", "other": 1}), service="s"))
    assert len([value for key, value in found if key == "k"]) == 3
    assert ("other", "1") in found


def test_keys_are_learned_up_to_their_cap(monkeypatch):
    monkeypatch.setattr(limits, "ATTRIBUTE_KEYS_MAX", 2)
    body = request_of(make_span(attributes={"a": 1, "b": 2, "c": 3}), service=None)
    assert len(learned(PROJECT + secrets.randbelow(10**6), body)) == 2
