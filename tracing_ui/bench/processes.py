"""CPU time of processes, from the kernel's own books. Linux only.

Unit: nanoseconds of CPU, all threads of a process together.
"""

from pathlib import Path

import psycopg


def cpu_ns(pid: int) -> int:
    """CPU time of a process since its start; 0 when it is gone."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except OSError:  # the thread ended between listing and reading
            continue
    return total


def children(pid: int) -> list[int]:
    """Direct children of a process, whichever thread started them."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in path.read_text().split()]
    return found


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


class PostgresCpu:
    """CPU of the whole database server: every backend and background process, also those that have ended.

    A backend's time disappears with it, so connections are kept open while measuring.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.postmaster = parent(connection.info.backend_pid)

    def read_ns(self) -> int:
        return sum(cpu_ns(pid) for pid in [self.postmaster, *children(self.postmaster)])
