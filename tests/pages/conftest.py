import pytest


@pytest.fixture(scope="session", autouse=True)
def hashed_names(collected_static_files: None) -> None:
    """Templates look up the hashed names of static files."""
