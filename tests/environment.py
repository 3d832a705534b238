"""What a test run needs before Django reads its settings. Loaded by pytest's `-p`, ahead of any conftest.

Without DATABASE_URL the run gets an embedded Postgres of its own in a temporary folder, shared by the xdist
workers (each makes its own database in it), without fsync, gone at the end.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

import pytest

PREFIX = "tracing-ui-test-"
SETTINGS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"


def _leave_old_runs_behind() -> None:
    """Removes folders of runs that were killed: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (folder / "users.lock").open("rb+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, not ours, or already gone
            continue


def _make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)  # as root, Postgres runs under another account
    (folder / "postgres.conf").write_text(SETTINGS)
    lock = os.open(folder / "users.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)  # held until the end of this process
    return folder


is_first = "RUN_OF_TRACING_UI_TESTS" not in os.environ  # an xdist worker inherits the run of its parent
made: Path | None = None

os.environ["RUN_OF_TRACING_UI_TESTS"] = "1"
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop beside the test
if is_first and not os.environ.get("DATABASE_URL"):
    _leave_old_runs_behind()
    made = _make_folder()
    os.environ["TRACING_UI_DATA_DIR"] = str(made)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if made is None:
        return
    from tracing_ui import embedded_postgres

    embedded_postgres.stop(made)
    shutil.rmtree(made, ignore_errors=True)
