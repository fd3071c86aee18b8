from __future__ import annotations

import io
import os
import sys
import tarfile
from pathlib import Path

import pytest

from bench.speed import floors, sizes, tables
from bench.speed.measuring import Command, DidNotFinishError, Measured, Run, family, measure, peak_memory, run_once
from bench.speed.peers import ESLINT_PACKAGES, PYTHON_PACKAGES
from bench.speed.sets import Package, files_of, make_repository, source_sets, unpack
from bench.speed.stanch import COLD, READ, START, WARM, Changer, floors_on, opened_by_gate, scan, stanch_on
from fixers.engine import judge_file
from fixers.source import Tables
from tests.bot.leaks import POLLER

PYTHON_LEAK = "def f(path):\n    file = open(path)\n    file.write('a')\n"


def python(program: str, folder: Path, name: str = "program", rounds: int = 5, ends_with: int = 0) -> Command:
    return Command(name, [sys.executable, "-c", program], folder, accepts=frozenset({ends_with}), rounds=rounds)


def archive(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as opened:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            opened.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("package/src/link.ts")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
    return path


def test_the_sets_are_pinned_and_name_no_address() -> None:
    sets = source_sets()
    assert [entry.language for entry in sets] == [*Tables]
    packages = [package for entry in sets for package in entry.packages]
    assert all(package.version[0].isdigit() for package in packages)
    assert len({package.folder for package in packages}) == len(packages)
    assert not any("://" in part for package in packages for part in (package.name, package.version))


def test_a_list_of_packages() -> None:
    (only,) = source_sets(
        '[javascript]\nregistry = "npm"\nsuffixes = [".ts"]\n'
        'packages = [{ name = "@a/b", version = "1.0.0", keep = ["src"] }]'
    )
    assert only.packages == (Package("@a/b", "1.0.0", ("src",)),)
    assert only.packages[0].folder == "a-b-1.0.0"


def test_only_source_is_unpacked_and_nothing_outside(tmp_path: Path) -> None:
    files = {
        "package/src/a.ts": "1",
        "package/src/deep/b.ts": "2",
        "package/src/types.d.ts": "3",
        "package/src/notes.md": "4",
        "package/lib/a.ts": "5",
        "package/src/../../../evil.ts": "6",
        "/etc/evil.ts": "7",
        "package/index.ts": "8",
    }
    target = tmp_path / "unpacked" / "package"
    unpack(archive(tmp_path, files), target, [".ts"], ["src"])
    assert {str(path.relative_to(target)): path.read_text() for path in files_of(target)} == {
        "src/a.ts": "1",
        "src/deep/b.ts": "2",
    }
    assert not list(tmp_path.rglob("*evil*"))
    unpack(archive(tmp_path, files), tmp_path / "all", [".ts"])
    assert {path.name for path in files_of(tmp_path / "all")} == {"a.ts", "b.ts", "index.ts", "evil.ts"}


def test_a_set_is_a_repository_whose_own_files_are_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(PYTHON_LEAK)
    (tmp_path / ".semgrepignore").write_text("")
    make_repository(tmp_path)
    make_repository(tmp_path)
    assert (tmp_path / ".git").is_dir()
    assert [path.name for path in files_of(tmp_path)] == ["a.py"]


def test_a_run_is_measured(tmp_path: Path) -> None:
    run = run_once(python("sum(range(1_000_000)); print('[1, 2]')", tmp_path), 60)
    assert run.seconds > 0
    assert run.processor_seconds > 0
    assert run.findings is None


def test_what_it_found_is_counted_and_what_it_tells_is_taken(tmp_path: Path) -> None:
    counting = Command("c", [sys.executable, "-c", "print('abc', end='')"], tmp_path, count=len)
    assert run_once(counting, 60).findings == 3
    telling = Command("t", [sys.executable, "-c", "print(1.5, 0.25)"], tmp_path, tells_time=True)
    assert run_once(telling, 60) == Run(1.5, 0.25)


def test_what_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(DidNotFinishError, match=r"failed: exit 3 sorry$"):
        run_once(python("import sys; print('x\\nsorry', file=sys.stderr); sys.exit(3)", tmp_path), 60)
    assert run_once(python("import sys; sys.exit(3)", tmp_path, ends_with=3), 60).seconds > 0


def test_what_does_not_finish_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    child = f"pipe = open({str(tmp_path / 'pipe')!r}, 'w'); import signal; signal.pause()"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], start_new_session=True)"
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(DidNotFinishError, match="did not finish in 2 s"):
            run_once(python(program, tmp_path), 2)
        os.set_blocking(reader, True)
        # The end of the pipe: nobody has it open any more.
        assert os.read(reader, 10) == b""
    finally:
        os.close(reader)


def test_commands_run_in_turn_each_as_often_as_it_wants(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def logging(name: str, rounds: int, ends_with: int = 0) -> Command:
        program = f"import sys; open({str(log)!r}, 'a').write({name!r}); sys.exit({ends_with})"
        return python(program, tmp_path, name, rounds)

    measured = measure([logging("a", 3), logging("b", 1), logging("c", 3, 1)], rounds=2, timeout=60)
    assert log.read_text() == "abca"
    assert [len(entry.runs) for entry in measured] == [2, 1, 0]
    assert [entry.trouble for entry in measured] == ["", "", "failed: exit 1 "]
    assert (measured[2].seconds, measured[2].findings) == (None, None)


def test_the_median(tmp_path: Path) -> None:
    runs = [Run(3.0, 1.0), Run(1.0, 3.0, 7), Run(2.0, 2.0, 8)]
    entry = Measured(python("", tmp_path), runs)
    assert (entry.seconds, entry.processor_seconds, entry.findings) == (2.0, 2.0, 8)


def test_memory_is_that_of_the_whole_family(tmp_path: Path) -> None:
    child = "x = b'1' * 60_000_000; import time; time.sleep(0.5)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    peak = peak_memory(python(program, tmp_path), 60)
    # Only Linux tells.
    assert (peak is None) != Path("/proc/self/smaps_rollup").exists()
    assert peak is None or 60_000_000 < peak < 200_000_000


def test_a_process_without_children_is_its_own_family() -> None:
    assert family(os.getpid())[0] == os.getpid()


@pytest.mark.parametrize("name", floors.FLOORS)
def test_the_floors_tell_their_times(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in ("a.py", "b.ts", "c.tsx", "d.js", "e.txt"):
        (tmp_path / file).write_text("x = 1;\n")
    floors.main(name, tmp_path)
    wall, processor = map(float, capsys.readouterr().out.split())
    assert min(wall, processor) >= 0


def test_the_floors_are_commands_that_run(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(PYTHON_LEAK)
    for command in floors_on("python", tmp_path):
        assert run_once(command, 60).seconds >= 0


def test_stanch_is_measured_in_all_its_ways(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.py").write_text("import builtins\n" + PYTHON_LEAK)
    make_repository(files)
    change = Changer(files, Tables.PYTHON)
    found = {command.name: run_once(command, 60).findings for command in stanch_on(files, tmp_path, change)}
    assert found.pop(START) is None
    assert set(found.values()) == {1}
    assert (tmp_path / "kept" / "stanch").is_dir()


def test_the_changer_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("let x = 1;")
    (tmp_path / "b.js").write_text(POLLER)
    change = Changer(tmp_path, Tables.JAVASCRIPT)
    seen = set()
    for _ in range(3):
        change()
        seen.add((tmp_path / "b.js").read_text())
    assert len(seen) == 3
    assert all(len(judge_file("b.js", text.encode()).findings) == 1 for text in seen)
    # As after a run that was cut short.
    Changer(tmp_path, Tables.JAVASCRIPT).restore()
    assert [(tmp_path / name).read_text() for name in ("a.js", "b.js")] == ["let x = 1;", POLLER]


def test_what_the_gate_lets_in_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("let x = 1;")
    (tmp_path / "b.js").write_text(POLLER)
    assert opened_by_gate("javascript", tmp_path) == (1, len(POLLER))


def test_long_files_have_as_many_lines_as_they_say(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.py").write_text("x = 1\n")
    (files / "b.py").write_text("import builtins\n" + PYTHON_LEAK.rstrip("\n"))
    made = sizes.long_files(files, Tables.PYTHON, tmp_path / "long")
    for count, folder in made.items():
        (path,) = files_of(folder)
        text = path.read_text()
        assert (len(text.splitlines()), "x = 1" in text) == (count, False)
    assert judge_file("a.py", (made[100] / "long.py").read_bytes()).findings


def test_a_file_of_no_lines_cannot_be_made_longer() -> None:
    assert sizes.lines_of([b"a\nb", b"c\n"], 5) == b"a\nb\nc\na\nb\n"
    with pytest.raises(ValueError, match="no lines"):
        sizes.lines_of([b""], 5)


def test_repositories_have_as_many_files_as_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "FILES", (2, 7))
    files = tmp_path / "files"
    (files / "one").mkdir(parents=True)
    for name in ("a.js", "one/b.js", "c.js"):
        (files / name).write_text("1")
    made = sizes.repositories(files, tmp_path / "many")
    assert {count: len(files_of(folder)) for count, folder in made.items()} == {2: 2, 7: 7}
    assert (made[7] / "copy2").is_dir()


def measured(name: str, seconds: float | None, folder: Path, **more: int) -> Measured:
    entry = Measured(Command(name, [], folder), peak_bytes=more.get("peak"))
    if seconds is not None:
        entry.runs.append(Run(seconds, seconds / 2, more.get("findings")))
    else:
        entry.trouble = "did not finish in 900 s"
    return entry


def test_the_table_of_speeds(tmp_path: Path) -> None:
    entries = [
        measured(READ, 0.1, tmp_path),
        measured(COLD, 2.0, tmp_path, peak=50_000_000, findings=3),
        measured("slow", 25.0, tmp_path),
        measured("hopeless", None, tmp_path),
    ]
    assert tables.speed_table(entries).splitlines()[2:] == [
        f"| {READ} | 0.10 s | 0.05× | 1.00× | 0.05 s | 0.05× | – | – |",
        f"| {COLD} | 2.00 s | 1.00× | 20× | 1.00 s | 1.00× | 50 MB | 3 |",
        "| slow | 25 s | 12× | 250× | 12 s | 12× | – | – |",
        "| hopeless | did not finish in 900 s | – | – | – | – | – | – |",
    ]


def test_the_table_of_growth(tmp_path: Path) -> None:
    entries = {
        100: measured("a", 1.0, tmp_path),
        1000: measured("b", 2.8, tmp_path, peak=2_000_000),
        3000: measured("c", 8.8, tmp_path),
        9000: measured("d", None, tmp_path),
    }
    assert tables.growth_table("files", entries).splitlines()[2:] == [
        "| 100 | 1.00 s | 0.50 s | – | – | – |",
        "| 1,000 | 2.80 s | 1.40 s | 1000 µs | – | 2 MB |",
        "| 3,000 | 8.80 s | 4.40 s | 1500 µs | 1.50× | – |",
        "| 9,000 | – | – | – | – | – |",
    ]


def test_the_aims(tmp_path: Path) -> None:
    times = {READ: 0.1, START: 0.1, COLD: 2.0, WARM: 0.5, "eslint 9": 30.0, "semgrep 1": 6.0}
    entries = [measured(name, seconds, tmp_path) for name, seconds in times.items()]
    found = {aim.what: aim.reached for aim in tables.aims_of("python", entries)}
    assert found == {
        "python: warm, less the start, in reads of all bytes": False,
        "python: faster than eslint, cold": True,
        "python: faster than semgrep, cold": False,
        "python: cold, 2 processes": True,
    }
    rows = tables.aims_table(tables.aims_of("javascript", [measured(READ, 0.1, tmp_path)])).splitlines()
    assert rows[2:] == ["| javascript: warm, less the start, in reads of all bytes | at most 3 × | – | not measured |"]


def test_the_aims_of_growth(tmp_path: Path) -> None:
    lines = {size: measured("a", size / 1000 + 0.2, tmp_path) for size in (1_000, 3_000, 10_000, 30_000)}
    files = {10_000: measured("c", 9.0, tmp_path, peak=400_000_000)}
    line, memory = tables.growth_aims("python", lines, files)
    assert (round(line.value or 0, 2), line.reached) == (1.0, True)
    assert (memory.value, memory.reached) == (400.0, False)
    assert [aim.reached for aim in tables.growth_aims("python", {}, {})] == [None, None]


def test_every_peer_is_pinned() -> None:
    assert all(version[0].isdigit() for version in {**ESLINT_PACKAGES, **PYTHON_PACKAGES}.values())


def test_a_scan_reads_nothing_of_the_folder_as_a_module(tmp_path: Path) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit('taken for a module')\n")
    make_repository(tmp_path)
    assert run_once(scan("s", ["."], tmp_path, tmp_path.parent / "cache"), 60).findings == 0
