"""Static files are collected when they have changed, and only then."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage

from tracing_ui.staticfiles import collect_when_changed


@pytest.fixture
def write(tmp_path: Path, settings: Any) -> Callable[[str, str], None]:
    """Writes a source file of a project that has no others."""
    source = tmp_path / "source"
    source.mkdir()
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {**settings.STORAGES}  # has Django make its storage anew

    def write_one(name: str, text: str) -> None:
        (source / name).write_text(text)
        os.utime(source / name, (1, 1))  # as an archive would unpack it

    return write_one


def test_what_has_changed_is_collected_however_old_it_looks(write: Callable[[str, str], None]) -> None:
    write("page.css", "a { color: red }")
    assert collect_when_changed()
    assert not collect_when_changed()
    first = staticfiles_storage.url("page.css")
    write("page.css", "a { color: blue }")
    assert collect_when_changed()
    assert staticfiles_storage.url("page.css") != first
