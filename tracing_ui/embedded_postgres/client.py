"""Start or join the embedded server of a data folder."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock

from tracing_ui.embedded_postgres.folder import EmbeddedPostgresError, Folder, open_lock

START_SECONDS_MAX = 300  # crash recovery of a busy store
LOOK_SECONDS = 0.02
PROJECT_FOLDER = Path(__file__).resolve().parent.parent.parent

_uses: dict[Path, int] = {}
_starting = Lock()


def ensure(root: Path | None = None) -> str:
    """Returns the address (libpq conninfo) of a server that takes connections; starts it when there is none.

    This process counts as its user until it ends. Cheap (100 µs) while the server runs: call it before
    every connection, that is how long-lived processes get over the death of the server.
    Raises: EmbeddedPostgresError with a sentence for the operator.
    """
    folder = Folder(_default_root() if root is None else root)
    if folder.root in _uses and _is_up(folder):
        return folder.conninfo
    with _starting:
        _use(folder)
        _wait_until_up(folder)
    return folder.conninfo


def stop(root: Path) -> None:
    """Ends the server, whoever else uses it, and waits until it is down."""
    folder = Folder(root)
    if (descriptor := _uses.pop(folder.root, None)) is not None:
        os.close(descriptor)
    if not folder.supervisor_lock.exists():
        return
    if folder.has_supervisor() and (pid := folder.supervisor_lock.read_text().strip()).isdigit():
        os.kill(int(pid), signal.SIGTERM)
    owner = open_lock(folder.supervisor_lock)
    fcntl.flock(owner, fcntl.LOCK_EX)
    os.close(owner)


def _default_root() -> Path:
    from django.conf import settings

    root: Path = settings.DATA_DIR
    return root


def _use(folder: Folder) -> None:
    """Holds `users.lock` until the end of this process. Waits while a server is being stopped."""
    if folder.root in _uses:
        return
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        descriptor = open_lock(folder.users_lock)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"TRACING_UI_DATA_DIR is {folder.root}, which can't be written: {error.strerror}"
        ) from error
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _uses[folder.root] = descriptor


def _is_up(folder: Folder) -> bool:
    return folder.says_ready() and folder.has_supervisor() and _is_alive(folder.server_pid())


def _is_alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wait_until_up(folder: Folder) -> None:
    end_s = time.monotonic() + START_SECONDS_MAX
    supervisor: subprocess.Popen[bytes] | None = None
    log_bytes = 0
    while not _is_up(folder):
        if supervisor is not None and supervisor.poll():
            raise EmbeddedPostgresError(_last_words(folder, log_bytes))
        if not folder.has_supervisor() and (supervisor is None or supervisor.poll() is not None):
            log_bytes = folder.log.stat().st_size if folder.log.exists() else 0
            supervisor = _spawn(folder)
        if time.monotonic() > end_s:
            raise EmbeddedPostgresError(
                f"PostgreSQL is not ready after {START_SECONDS_MAX} s; {folder.log} may say why"
            )
        time.sleep(LOOK_SECONDS)


def _spawn(folder: Folder) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tracing_ui.embedded_postgres.supervisor", str(folder.root)]
    with folder.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=PROJECT_FOLDER,
            start_new_session=True,  # Ctrl-C is for us; the server leaves after its last user
        )


def _last_words(folder: Folder, since_bytes: int) -> str:
    with folder.log.open("rb") as log:
        log.seek(since_bytes)
        lines = log.read()[-4000:].decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-5:]) or f"PostgreSQL does not start and {folder.log} does not say why"
