"""The floor plan holds: who imports whom, and how long things may get."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
FOLDERS = ("spans", "tracing_ui", "templates", "static", "tests")
SUFFIXES = (".py", ".js", ".css", ".html")


def _files(*suffixes: str) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and "vendor" not in path.parts:
                yield path


def _long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_rooms_import_downwards_only() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_too_long() -> None:
    lines = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in _files(*SUFFIXES)}
    assert {path: count for path, count in lines.items() if count > FILE_LINES_MAX} == {}


def test_no_function_is_too_long() -> None:
    assert [found for path in _files(".py") for found in _long_functions(path)] == []


def test_a_room_has_an_empty_init_file() -> None:
    rooms = [path for path in (ROOT / "spans").rglob("__init__.py") if path.read_text().strip()]
    assert rooms == []


@pytest.mark.django_db
def test_the_models_describe_what_the_migrations_make() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
