from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest

import fixers
from bot import cache
from bot.cache import ResultCache, cache_folder, engine_digest, open_cache
from bot.pool import scan_files
from bot.trees import FolderTree
from fixers.engine import FileResult, scan_file
from fixers.source import SkipCode, Skipped
from fixers.tree import MemoryTree, git_blob_id
from tests.bot.leaks import POLLER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = POLLER.encode()
ID = git_blob_id(DATA)
RESULT = scan_file("a.js", DATA)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "results.msgpack"


def kept(file: Path, **results: FileResult) -> None:
    """A file of results, by what a former run wrote."""
    run = ResultCache(file)
    for result in results.values() or [RESULT]:
        run.put(result.path, ID, result)
    run.save()
    assert run.lost == ""


def test_a_result_comes_back_as_it_was(file: Path) -> None:
    kept(file)
    assert len(RESULT.findings) == 1
    assert ResultCache(file).get("a.js", ID) == RESULT


@pytest.mark.parametrize(("path", "blob_id"), [("b.js", ID), ("test/a.js", ID), ("a.ts", ID), ("a.js", "0" * 40)])
def test_another_path_or_other_bytes_are_not_known(file: Path, path: str, blob_id: str) -> None:
    kept(file)
    assert ResultCache(file).get(path, blob_id) is None


def test_another_engine_begins_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(file)
    monkeypatch.setattr(cache, "engine_digest", lambda: b"another engine!!")
    other = ResultCache(file)
    assert other.get("a.js", ID) is None
    other.put("a.js", ID, RESULT)
    other.save()
    assert ResultCache(file).get("a.js", ID) == RESULT


def test_the_engine_is_known_by_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fixers").mkdir()
    module = tmp_path / "fixers" / "__init__.py"
    module.write_text("one = 1\n")
    monkeypatch.setattr(fixers, "__file__", str(module))
    before = engine_digest()
    assert engine_digest() == before
    (tmp_path / "fixers" / "more.py").write_text("")
    with_more = engine_digest()
    module.write_text("one = 2\n")
    assert len({before, with_more, engine_digest()}) == 3


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def changed_in_the_middle(content: bytes) -> bytes:
    return content.replace(b"interval", b"Interval")


DAMAGES: list[Callable[[bytes], bytes]] = [
    truncated,
    changed_in_the_middle,
    lambda content: content + b"\0",
    lambda content: b"",
    lambda content: os.urandom(100),
    lambda content: b"\x80\x04cposix\nsystem\n(S'false'\ntR.",
    lambda content: content[:33] + b"\x81\xc4\x01a\xc4\x01b",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_an_empty_cache(file: Path, damage: Callable[[bytes], bytes]) -> None:
    kept(file)
    file.write_bytes(damage(file.read_bytes()))
    run = ResultCache(file)
    assert run.get("a.js", ID) is None
    run.put("a.js", ID, RESULT)
    run.save()
    assert (run.lost, ResultCache(file).get("a.js", ID)) == ("", RESULT)


def test_every_changed_byte_is_noticed(file: Path) -> None:
    kept(file)
    good = file.read_bytes()
    for at in range(len(good)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert ResultCache(file).get("a.js", ID) is None, at


def test_a_file_that_others_may_write_to_is_not_read(file: Path) -> None:
    kept(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o620)
    assert ResultCache(file).get("a.js", ID) is None


def test_a_link_or_a_pipe_is_not_read(file: Path, tmp_path: Path) -> None:
    kept(file)
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert ResultCache(file).get("a.js", ID) is None
    file.unlink()
    os.mkfifo(file)
    assert ResultCache(file).get("a.js", ID) is None


def test_two_runs_at_once_leave_a_whole_file(file: Path) -> None:
    first, second = ResultCache(file), ResultCache(file)
    first.put("a.js", ID, RESULT)
    second.put("b.js", ID, FileResult("b.js"))
    first.save()
    second.save()
    after = ResultCache(file)
    assert (after.get("a.js", ID), after.get("b.js", ID)) == (None, FileResult("b.js"))
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_where_nothing_can_be_written_the_cache_is_lost_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    run = ResultCache(tmp_path / "cache" / "results.msgpack")
    run.put("a.js", ID, RESULT)
    run.save()
    assert run.lost == f"{tmp_path / 'cache'}: File exists"


def test_a_full_disk_loses_the_cache_and_leaves_nothing_behind(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(file)
    run = ResultCache(file)
    run.put("b.js", ID, FileResult("b.js"))

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", full)
        run.save()
    assert "No space left on device" in run.lost
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]
    assert ResultCache(file).get("a.js", ID) == RESULT


def test_what_was_not_asked_for_longest_is_dropped_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = {name: FileResult(f"{name}.js") for name in ("a", "b", "c")}
    kept(file, **results)
    monkeypatch.setattr(cache, "MAX_FILE_BYTES", file.stat().st_size * 3 // 4)
    run = ResultCache(file)
    assert run.get("a.js", ID) is not None
    run.put("d.js", ID, FileResult("d.js"))
    run.save()
    after = ResultCache(file)
    assert [name for name in "abcd" if after.get(f"{name}.js", ID)] == ["a", "d"]


def test_the_folder_keeps_the_files_that_were_used_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache"
    for number in range(3):
        kept(folder / f"{number}.msgpack")
        os.utime(folder / f"{number}.msgpack", (number, number))
    size = (folder / "0.msgpack").stat().st_size
    monkeypatch.setattr(cache, "MAX_FOLDER_BYTES", 3 * size)
    ResultCache(folder / "0.msgpack").save()
    kept(folder / "new.msgpack")
    assert sorted(entry.name for entry in folder.iterdir()) == ["0.msgpack", "2.msgpack", "new.msgpack"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"XDG_CACHE_HOME": "/var/cache/ada", "HOME": "/home/ada"}, "/var/cache/ada/stanch/results"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/ada"}, "/home/ada/.cache/stanch/results"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/ada"}, "/home/ada/.cache/stanch/results"),
        ({"XDG_CACHE_HOME": "", "HOME": "nowhere"}, None),
    ],
)
def test_the_folder(variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    folder = cache_folder()
    assert (folder if folder is None else str(folder)) == expected


def test_nothing_is_kept_among_the_files_that_are_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "repo" / ".cache"))
    run = open_cache(tmp_path / "repo" / ".git", tmp_path / "repo")
    run.put("a.js", ID, RESULT)
    run.save()
    assert "set XDG_CACHE_HOME" in run.lost
    assert not (tmp_path / "repo").exists()


def test_repositories_do_not_share_a_file(tmp_path: Path) -> None:
    first, second = open_cache(tmp_path / "one"), open_cache(tmp_path / "two")
    first.put("a.js", ID, RESULT)
    first.save()
    assert open_cache(tmp_path / "one").get("a.js", ID) == RESULT
    assert second.get("a.js", ID) is None


def test_crashes_and_names_that_are_not_utf8_are_not_kept(file: Path) -> None:
    crashed = FileResult("b.js", parsed=True, skipped=[Skipped("b.js", SkipCode.CRASH, "a worker process died")])
    kept(file, crashed=crashed, odd=FileResult("\udcff.js"))
    run = ResultCache(file)
    assert (run.get("b.js", ID), run.get("\udcff.js", ID)) == (None, None)


class Counting(MemoryTree):
    """Tells which files were read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.seen: list[str] = []

    def blob_id(self, path: str) -> str:
        return git_blob_id(self._files[path])

    def size(self, path: str) -> int:
        return len(self._files[path])

    def read(self, path: str) -> bytes:
        self.seen.append(path)
        return super().read(path)


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_what_changed_is_read_and_judged_again(file: Path, jobs: int) -> None:
    files = {"a.js": DATA, "b.js": b"let x = 1;", "c.py": b"f = open(p)\n", "d.js": DATA}
    first = ResultCache(file)
    before = scan_files(Counting(files), list(files), jobs=jobs, cache=first)
    first.save()
    changed = Counting({**files, "a.js": b"let y = 2;"})
    second = ResultCache(file)
    after = scan_files(changed, list(files), jobs=jobs, cache=second)
    assert changed.seen == ["a.js"]
    assert after == {**before, "a.js": FileResult("a.js")}


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are read from disk."""
    read: list[str] = []
    whole = FolderTree.read

    def read_too(self: FolderTree, path: str) -> bytes:
        read.append(path)
        return whole(self, path)

    monkeypatch.setattr(FolderTree, "read", read_too)
    return read


def scanned(root: Path, file: Path) -> dict[str, FileResult]:
    run = ResultCache(file)
    tree = FolderTree(root)
    results = scan_files(tree, list(tree.paths()), cache=run)
    run.save()
    return results


def written(path: Path, data: bytes, age: int = 60) -> None:
    """A file that was changed so many seconds ago, as far as can be set; nothing can set `ctime`."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    os.utime(path, ns=(0, time.time_ns() - age * 1_000_000_000))


def test_a_file_on_disk_that_is_as_it_was_is_not_read_again(
    tmp_path: Path, file: Path, reading: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_SETTLED_NS", -1_000_000_000)
    root = tmp_path / "files"
    written(root / "a.js", DATA)
    written(root / "b.js", b"let x = 1;")
    first = scanned(root, file)
    assert reading == ["a.js", "b.js"]
    assert scanned(root, file) == first
    assert reading == ["a.js", "b.js"]
    # As long, and as old, as before.
    before = (root / "b.js").stat()
    (root / "b.js").write_bytes(b"let y = 2;")
    os.utime(root / "b.js", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert scanned(root, file) == first
    assert reading == ["a.js", "b.js", "b.js"]


def test_a_file_that_has_just_been_written_is_read_again(tmp_path: Path, file: Path, reading: list[str]) -> None:
    written(tmp_path / "files" / "a.js", DATA)
    first = scanned(tmp_path / "files", file)
    assert scanned(tmp_path / "files", file) == first == {"a.js": RESULT}
    assert reading == ["a.js", "a.js"]


def test_a_file_on_disk_is_read_once_for_id_and_judgement(tmp_path: Path, file: Path, reading: list[str]) -> None:
    written(tmp_path / "files" / "a.js", DATA)
    scanned(tmp_path / "files", file)
    assert reading == ["a.js"]
