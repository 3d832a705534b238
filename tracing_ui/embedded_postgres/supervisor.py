"""The embedded server's parent: starts it, restarts it after a crash, stops it when its last user has left.

Started by `client.ensure()` as `python -m tracing_ui.embedded_postgres.supervisor FOLDER`; imports no Django.
"""

import fcntl
import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tracing_ui.embedded_postgres.account import Account, server_account
from tracing_ui.embedded_postgres.binaries import Binaries, find_binaries
from tracing_ui.embedded_postgres.cluster import (
    check_major,
    check_settings,
    clear_old_server,
    environment,
    make_cluster,
    write_settings,
)
from tracing_ui.embedded_postgres.folder import EmbeddedPostgresError, Folder, lock, open_lock
from tracing_ui.parent_death import die_with_parent
from tracing_ui.wakeups import Wakeups

LOOK_SECONDS = 0.5
LINGER_SECONDS = 3  # whoever started us has to be given the time to be seen as a user
FAILED_STARTS_MAX = 8  # orphaned backends may hold the old shared memory for a moment
RETRY_SECONDS_MAX = 2.0


class Supervisor:
    """Owns one server process."""

    def __init__(self, folder: Folder, users: int) -> None:
        self.folder = folder
        self.users = users
        self.is_over = False
        self.wakeups = Wakeups(signal.SIGTERM)

    def run(self, account: Account, binaries: Binaries) -> None:
        """Returns when nobody uses the server any more, or on SIGTERM."""
        failed_starts = 0
        while True:
            clear_old_server(self.folder)
            server = self._start(account, binaries)
            was_ready = self._watch(server)
            if self.is_over:
                self._stop(server)
                return
            failed_starts = 0 if was_ready else failed_starts + 1
            if failed_starts > FAILED_STARTS_MAX:
                raise EmbeddedPostgresError(f"PostgreSQL does not start; {self.folder.log} says why")
            time.sleep(min(0.05 * 2**failed_starts, RETRY_SECONDS_MAX))

    def _start(self, account: Account, binaries: Binaries) -> subprocess.Popen[bytes]:
        """Starts the server. Should we be killed, it gets SIGINT, which asks for a fast, clean shutdown."""
        settings = write_settings(self.folder)
        check_settings(settings, self.folder, binaries, account)
        postgres = str(binaries.folder / "postgres")
        command = [postgres, "-D", str(self.folder.cluster), f"--config_file={settings}"]
        server: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env=environment(),
            cwd="/",
            start_new_session=True,
            preexec_fn=functools.partial(die_with_parent, os.getpid(), signal.SIGINT),
            **account.process_options,
        )
        return server

    def _watch(self, server: subprocess.Popen[bytes]) -> bool:
        """Waits for the server's end or for the last user to leave. Returns whether it ever was ready."""
        started_s = time.monotonic()
        was_ready = False
        while server.poll() is None and not self.is_over:
            self.wakeups.wait(LOOK_SECONDS)
            self.is_over = self.wakeups.stops > 0
            was_ready = was_ready or self.folder.says_ready()
            if time.monotonic() - started_s > LINGER_SECONDS and lock(self.users, fcntl.LOCK_EX):
                self.is_over = True  # the lock is kept: who comes now waits until the server is down
        return was_ready

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
            server.wait()


def prepare(folder: Folder) -> tuple[Account, Binaries]:
    """Everything that has to be there before the server can start."""
    account = server_account()
    if account.name is not None:
        folder.root.chmod(0o755)
    if not account.can_enter(folder.root):
        raise EmbeddedPostgresError(
            f"{folder.root} can't be entered by the account {account.name}, under which PostgreSQL runs; "
            "set TRACING_UI_DATA_DIR to a folder outside of private ones"
        )
    account.make_folder(folder.socket_folder)
    binaries = find_binaries(copies=folder.root, account=account)
    if not (folder.cluster / "PG_VERSION").exists():
        make_cluster(folder, binaries, account)
    check_major(folder, binaries)
    return account, binaries


def main(root: Path) -> int:
    """Returns 0 also when another supervisor has the folder: its server will do."""
    folder = Folder(root)
    owner = open_lock(folder.supervisor_lock)
    if not lock(owner, fcntl.LOCK_EX):
        return 0
    folder.supervisor_lock.write_text(f"{os.getpid()}\n")
    try:
        supervisor = Supervisor(folder, open_lock(folder.users_lock))
        supervisor.run(*prepare(folder))
    except EmbeddedPostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
