"""Where one embedded server keeps its things, and who holds its locks."""

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

DATABASE = "tracing_ui"
SOCKET_ROOT_BYTES_MAX = 80  # leaves room for /socket/.s.PGSQL.5432


class EmbeddedPostgresError(Exception):
    """The embedded server can't run; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder. Each user of the server holds `users.lock` shared, its owner `supervisor.lock`.

    The kernel drops both when their holder dies, however it dies: there is no count to go stale.
    """

    root: Path

    @property
    def cluster(self) -> Path:
        return self.root / "pg"

    @property
    def postmaster_pid(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def log(self) -> Path:
        return self.root / "supervisor.log"

    @property
    def users_lock(self) -> Path:
        return self.root / "users.lock"

    @property
    def supervisor_lock(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def socket_folder(self) -> Path:
        """In the data folder, unless that is deep: a socket's path may have 107 bytes."""
        if len(os.fsencode(self.root)) <= SOCKET_ROOT_BYTES_MAX:
            return self.root / "socket"
        name = hashlib.blake2b(os.fsencode(self.root), digest_size=5).hexdigest()
        return Path("/tmp") / f"tracing-ui-{os.geteuid()}-{name}"  # noqa: S108 (made with mode 0700, owner checked)

    @property
    def conninfo(self) -> str:
        return f"host={self.socket_folder} user=postgres dbname={DATABASE}"

    def has_supervisor(self) -> bool:
        """Whether somebody else owns the server."""
        try:
            descriptor = os.open(self.supervisor_lock, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not lock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def server_pid(self) -> int | None:
        """The process id in `postmaster.pid`, whether or not it still runs."""
        line = _lines(self.postmaster_pid)[:1]
        return int(line[0]) if line and line[0].isdigit() else None

    def says_ready(self) -> bool:
        """Whether the server last said that it takes connections. Line 8 of the file, since PostgreSQL 10."""
        lines = _lines(self.postmaster_pid)
        return len(lines) >= 8 and lines[7].strip() == "ready"


def open_lock(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


def lock(descriptor: int, mode: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
