"""A receiver for the tests of this room."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.ingest.running import Running, running


@pytest.fixture(scope="session")
def receiver(django_db_setup: None, allowed_origin: str) -> Iterator[Running]:
    """One receiver for all tests that don't take it apart."""
    with override_settings(CORS_ORIGINS=[allowed_origin]), running() as started:
        yield started


@pytest.fixture(scope="session")
def allowed_origin() -> str:
    """The one origin whose pages may send to `receiver`."""
    return "https://shop.example:8443"
