"""PostgreSQL refuses to run as root: which account it runs under then."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing_ui.embedded_postgres.folder import EmbeddedPostgresError

ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server; `name` is None when it is ourselves."""

    name: str | None
    uid: int
    gid: int

    @property
    def process_options(self) -> dict[str, Any]:
        """What subprocess needs to start something under this account."""
        if self.name is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, path: Path) -> None:
        """A folder which only this account may enter. Raises when somebody else already has it."""
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid not in (os.geteuid(), self.uid):
            raise EmbeddedPostgresError(f"{path} belongs to another account (uid {found.st_uid}); remove it")
        if self.name is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def can_enter(self, path: Path) -> bool:
        if self.name is None:
            return True
        return (
            subprocess.run(
                ["/usr/bin/env", "test", "-x", path], **self.process_options, check=False
            ).returncode
            == 0
        )


def server_account() -> Account:
    """Ourselves, but never root: then `postgres` or `nobody`, which every Linux has. No account is made."""
    if os.geteuid() != 0:
        return Account(name=None, uid=os.geteuid(), gid=os.getegid())
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedPostgresError(
        f"PostgreSQL can't run as root and there is no account {' or '.join(ACCOUNTS)}; "
        "run as an ordinary user, or set DATABASE_URL"
    )
