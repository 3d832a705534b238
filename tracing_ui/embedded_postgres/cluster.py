"""One database cluster on disk: make it, check it, configure it, free it from a dead server's traces."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tracing_ui.embedded_postgres.account import Account
from tracing_ui.embedded_postgres.binaries import Binaries
from tracing_ui.embedded_postgres.folder import DATABASE, EmbeddedPostgresError, Folder

SHARED_BUFFERS_MIB_MAX = 1024
LEAVE_SECONDS_MAX = 120  # a fast shutdown ends with a checkpoint
LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"

# Why: the tables are append-only and flushed in bulk (long checkpoints, compressed WAL); a search touches
# many daily partitions (locks); its queries are short (JIT only costs). fsync stays on: answered is stored.
TUNING = """
include '{cluster}/postgresql.conf'
listen_addresses = ''
unix_socket_directories = '{sockets}'
max_connections = 100
shared_buffers = {shared_buffers_mib}MB
effective_cache_size = {cache_mib}MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = pglz
wal_level = minimal
max_wal_senders = 0
max_locks_per_transaction = 256
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_filename = 'postgres-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
"""


def environment() -> dict[str, str]:
    """For the server's processes: the wheel has no ICU, and a locale of the caller may not exist."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": LOCALE, "TZ": "UTC"}


def make_cluster(folder: Folder, binaries: Binaries, account: Account) -> None:
    """Makes the cluster and its database aside, then renames: a crash leaves no half of one."""
    aside = folder.root / "pg.new"
    shutil.rmtree(aside, ignore_errors=True)
    account.make_folder(aside)
    options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", f"--locale={LOCALE}"]
    _run([str(binaries.folder / "initdb"), "-D", str(aside), *options], account, given="")
    single = [str(binaries.folder / "postgres"), "--single", "-D", str(aside), "postgres"]
    _run(single, account, given=f"CREATE DATABASE {DATABASE};\n")
    aside.rename(folder.cluster)


def check_major(folder: Folder, binaries: Binaries) -> None:
    """Raises when the cluster is of another major version: Postgres would only say that it won't start."""
    written_by = (folder.cluster / "PG_VERSION").read_text().strip()
    if written_by != str(binaries.major):
        raise EmbeddedPostgresError(
            f"{folder.cluster} was written by PostgreSQL {written_by}, the PostgreSQL found is "
            f"{binaries.version} ({binaries.folder}); docs/operations.md (Upgrade) says how to carry it over"
        )


def write_settings(folder: Folder) -> Path:
    """Our settings on top of initdb's, the operator's `postgres.conf` on top of ours."""
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    shared_buffers_mib = max(128, min(SHARED_BUFFERS_MIB_MAX, memory_mib // 4))
    path = folder.root / "tuned.conf"
    operators = folder.root / "postgres.conf"
    path.write_text(
        TUNING.format(
            cluster=folder.cluster,
            sockets=folder.socket_folder,
            shared_buffers_mib=shared_buffers_mib,
            cache_mib=max(256, memory_mib // 2),
        )
        + (f"include '{operators}'\n" if operators.exists() else "")
    )
    path.chmod(0o644)
    return path


def check_settings(settings: Path, folder: Folder, binaries: Binaries, account: Account) -> None:
    """Raises when the server would refuse its settings: the operator's `postgres.conf` may hold anything."""
    asked = [
        str(binaries.folder / "postgres"),
        "-D",
        str(folder.cluster),
        f"--config_file={settings}",
        "-C",
        "port",
    ]
    _run(asked, account, given="")


def clear_old_server(folder: Folder) -> None:
    """Stops a server whose supervisor was killed, and removes the pid file of one that is no more.

    Only for the holder of the supervisor's lock: any server of this cluster is then an orphan. A container's
    first process may never reap it, and to `kill(pid, 0)` a zombie is alive.
    """
    pid = folder.server_pid()
    end_s = time.monotonic() + LEAVE_SECONDS_MAX
    asked = False
    while pid is not None and _serves(pid, folder.cluster):
        if not asked:
            os.kill(pid, signal.SIGINT)
            asked = True
        if time.monotonic() > end_s:
            raise EmbeddedPostgresError(f"an older PostgreSQL (pid {pid}) on {folder.cluster} does not stop")
        time.sleep(0.05)
    folder.postmaster_pid.unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether this process is alive and the server of this cluster."""
    if sys.platform != "linux":
        answer = subprocess.run(["/bin/ps", "-p", str(pid), "-o", "comm="], capture_output=True, check=False)
        return b"postgres" in answer.stdout
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and Path(f"/proc/{pid}/cwd").resolve() == cluster.resolve()
    except OSError:
        return False


def _run(command: list[str], account: Account, *, given: str) -> None:
    options = {
        "env": environment(),
        "cwd": "/",
        "capture_output": True,
        "text": True,
        **account.process_options,
    }
    done = subprocess.run(command, input=given, check=False, **options)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise EmbeddedPostgresError(f"{Path(command[0]).name} failed: {' '.join(last)}")
