from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.fuzz import __main__ as command
from bench.fuzz import properties
from bench.fuzz.choices import Choices
from bench.fuzz.inputs import Input, Kind, input_of
from bench.fuzz.javascript_programs import javascript_program
from bench.fuzz.originals import Original, digest, examples, originals_in
from bench.fuzz.properties import Outcome, compiles, outcome_of
from bench.fuzz.python_programs import python_program
from bench.fuzz.scripts import ScriptReader
from bench.fuzz.tally import Tally
from bench.fuzz.workers import Examined, examined
from fixers.engine import scan_file
from fixers.findings import Edit
from fixers.mending import Mended, mend_each
from fixers.source import language_of
from tests.js_parser import syntax_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fixers.engine import FileResult
    from fixers.findings import Finding

FILES = (
    Original("load.py", b"def load(path):\n    f = open(path)\n    text = f.read()\n    f.close()\n    return text\n"),
    Original("poll.js", b"export function poll() {\n  const t = setInterval(work, 5);\n  if (t) work();\n}\n"),
)
LEAK = b"def load(path):\n    f = open(path)\n    return f.read()\n"


def inputs(count: int, seed: int = 1) -> list[Input]:
    return [input_of(seed, number, FILES, examples()) for number in range(count)]


def item(data: bytes = LEAK, path: str = "src/input.py", number: int = 0) -> Input:
    return Input(number, Kind.MUTATED, path, data)


def test_inputs_follow_from_the_seed_in_each_process() -> None:
    made = inputs(150)
    program = (
        "from tests.bench.test_fuzz import inputs\n"
        "import hashlib\n"
        "print(hashlib.sha256(repr(inputs(150)).encode()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert made == inputs(150)
    assert made != inputs(150, seed=2)


def test_inputs_are_of_every_kind_and_language() -> None:
    made = inputs(400)
    assert {entry.kind for entry in made} == {*Kind}
    languages = Counter(language_of(entry.path) for entry in made)
    assert len(languages) == 7
    assert None not in languages
    assert len({entry.data for entry in made}) > 350


def test_generated_programs_are_programs_and_leak() -> None:
    texts = [python_program(Choices(1, str(number))) for number in range(60)]
    assert sum(map(compiles, texts)) > 50
    assert sum(len(scan_file("a.py", text).findings) for text in texts) > 30
    scripts = {
        f"{number}{suffix}": javascript_program(Choices(1, str(number)), suffix)
        for number in range(20)
        for suffix in (".js", ".ts", ".tsx")
    }
    assert syntax_errors({path: data.decode() for path, data in scripts.items()}) == {}
    assert sum(len(scan_file(path, data).findings) for path, data in scripts.items()) > 30


def test_originals_are_what_the_engine_judges(tmp_path: Path) -> None:
    for name, data in {"b.py": LEAK, "a.js": FILES[1].data, "c.py": b"x = 1\n", "d.txt": LEAK, "e.py": b"\0"}.items():
        (tmp_path / name).write_bytes(data)
    found = originals_in([tmp_path])
    assert [original.name for original in found] == ["a.js", "b.py"]
    assert digest(found) == digest(originals_in([tmp_path]))
    assert digest(found) != digest(found[:1])


def test_what_is_right_has_no_failure() -> None:
    outcome = outcome_of("src/input.py", LEAK)
    assert (outcome.parsed, outcome.findings, outcome.safe, outcome.failures) == (True, 1, 1, [])
    assert outcome.written == b"def load(path):\n    with open(path) as f:\n        return f.read()\n"
    assert outcome_of("src/input.py", LEAK).digest == outcome.digest


def _each(change: Callable[[bytes], bytes]) -> Callable[..., object]:
    """Fixes whose edit makes of the file what `change` makes of it."""

    def each(path: str, data: bytes, findings: Sequence[Finding], before: FileResult) -> object:
        edit = Edit(path=path, start_byte=0, end_byte=len(data), text=change(data).decode("utf-8", "surrogateescape"))
        return [((edit,), None) for _ in findings]

    return each


@pytest.mark.parametrize(
    ("data", "change", "property_"),
    [
        (LEAK, lambda data: data + b"(", "compile"),
        (LEAK, lambda data: data + b"# \xff", "encoding"),
        (LEAK.replace(b"\n", b"\r\n"), lambda data: data + b"\n", "endings"),
        (LEAK + b"# why\n", lambda data: data.replace(b"# why", b""), "texts"),
    ],
)
def test_a_bad_fix_is_caught(
    data: bytes, change: Callable[[bytes], bytes], property_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(properties, "mend_each", _each(change))
    failures = outcome_of("src/input.py", data).failures
    assert [failure.split()[0] for failure in failures] == [property_]


def test_edits_that_overlap_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def each(path: str, data: bytes, findings: Sequence[Finding], before: FileResult) -> object:
        (edits, refused), *_ = mend_each(path, data, findings, before)
        return [((*edits, *edits), refused)]

    monkeypatch.setattr(properties, "mend_each", each)
    assert [failure.split()[0] for failure in outcome_of("src/input.py", LEAK).failures] == ["edits"]


@pytest.mark.parametrize(
    ("text", "property_"), [(LEAK, "found"), (LEAK + b"\n\ndef other(path):\n    x = open(path)\n", "again:")]
)
def test_a_fix_that_does_not_last_is_caught(text: bytes, property_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def file(path: str, data: bytes, wanted: Callable[[Finding], bool]) -> Mended:
        return Mended(data + b"# fixed\n", scan_file(path, data).findings[:1])

    monkeypatch.setattr(properties, "mend_file", file)
    assert property_ in [failure.split()[0] for failure in outcome_of("src/input.py", text).failures]


def test_a_defect_of_the_engine_is_caught_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise KeyError("planted")

    monkeypatch.setattr("fixers.engine.proposal", broken)
    (failure,) = outcome_of("src/input.py", LEAK).failures
    assert failure.startswith("exception Traceback")
    assert "KeyError: 'planted'" in failure


def misbehaving(path: str, data: bytes) -> Outcome:
    if data == b"die":
        os._exit(3)
    if data == b"hang":
        threading.Event().wait()
    return Outcome(parsed=True, findings=len(data))


def test_a_worker_that_dies_or_hangs_is_a_failure_of_its_input() -> None:
    given = [item(data, number=number) for number, data in enumerate([b"die", b"a", b"hang", b"bc", b"die", b"def"])]
    found = {done.input.number: done.outcome for done in examined(given, 2, patience=3, examine=misbehaving)}
    assert {number: outcome.failures for number, outcome in found.items() if outcome.failures} == {
        0: ["death: the worker process ended with exit code 3"],
        2: ["hang: no answer in 3 s"],
        4: ["death: the worker process ended with exit code 3"],
    }
    assert [found[number].findings for number in (1, 3, 5)] == [1, 2, 3]


def test_a_script_that_no_other_parser_reads_is_caught() -> None:
    before = FILES[1].data
    reader = ScriptReader()
    good = Examined(item(before, "src/input.ts", 1), Outcome(written=before + b"f();\n"))
    bad = Examined(item(before, "src/input.ts", 2), Outcome(written=before + b"f(;\n"))
    broken_before = Examined(item(b"f(;\n", "src/input.ts", 3), Outcome(written=b"g(;\n"))
    assert [failure for done in (good, bad, broken_before) for failure in reader.add(done)] == []
    ((failed, why),) = reader.finish()
    assert failed is bad
    assert why.startswith("script: typescript does not read it after all safe fixes")


def test_the_table_has_a_row_for_each_kind_and_language() -> None:
    tally = Tally()
    tally.add(Examined(item(), Outcome(parsed=True, findings=2, safe=1, seconds=1.5)))
    tally.add(Examined(item(path="a.ts"), Outcome(failures=["a", "b"])))
    lines = tally.table().splitlines()
    assert lines[2:] == [
        "| mutated | python | 1 | 1 | 2 | 1 | 0 | 0 | 0 | 2 |",
        "| mutated | typescript | 1 | 0 | 0 | 0 | 0 | 0 | 1 | 0 |",
        "| all |  | 2 | 1 | 2 | 1 | 0 | 0 | 1 | 2 |",
    ]


def test_a_small_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in FILES:
        (tmp_path / name).write_bytes(data)
    options = ["--inputs=300", "--jobs=2", f"--folder={tmp_path}", f"--output={tmp_path / 'out'}"]
    assert command.main(options) == 0
    said = capsys.readouterr().out
    assert "| all |  | 300 |" in said
    assert "15 inputs were examined twice. Nothing failed." in said


def test_what_fails_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = iter(range(1_000))

    def planted(given: Sequence[Input], jobs: int) -> object:
        for entry in given:
            failures = ["compile Python does not compile it any more"] if entry.number == 7 else []
            yield Examined(entry, Outcome(failures=failures, digest=str(next(turns)) if entry.number == 25 else ""))

    monkeypatch.setattr(command, "examined", planted)
    options = ["--inputs=30", "--start=5", f"--folder={tmp_path}", f"--output={tmp_path / 'out'}"]
    assert command.main(options) == 1
    said = capsys.readouterr()
    assert "2 inputs failed" in said.out
    folders = sorted((tmp_path / "out").iterdir(), key=lambda folder: int(folder.name[2:]))
    assert [folder.name for folder in folders] == ["1-7", "1-25"]
    kept = next(path for path in folders[0].iterdir() if path.stem == "input")
    assert kept.read_bytes() == input_of(1, 7, [], examples()).data
    assert (folders[0] / "failures.txt").read_text() == "compile Python does not compile it any more\n"
    assert "another process" in (folders[1] / "failures.txt").read_text()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([f"--folder={tmp_path / 'none'}"]) == 2
    assert "There is no folder" in capsys.readouterr().err
