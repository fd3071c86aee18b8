from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tests.bot.leaks import CLEAN_POLLER, POLLER, RULE, SETTINGS, SHUTDOWN
from tests.repos import Repo
from tools.schemas import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

DEEP = "x = " + "(\n" * 12_000 + ")\n" * 12_000 + "\nopen('a')\n"


def scanned(stanch: Stanch, folder: Path, *arguments: str) -> Any:
    done = stanch(folder, "scan", "--format", "json", *arguments)
    Draft202012Validator(schema_of("report")).validate(done.report)
    return done.report


def paths_of(report: Any) -> list[str]:
    return [finding["path"] for finding in report["findings"]]


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        ({"a.js": POLLER}, [], 1),
        ({"a.js": CLEAN_POLLER}, [], 0),
        ({}, [], 0),
        ({"a.js": POLLER}, ["--fail-on", "none"], 0),
        ({"a.js": SHUTDOWN}, ["--fail-on", "leak"], 0),
        ({"test/a.js": POLLER}, [], 0),
        ({"test/a.js": POLLER}, ["--fail-on", "advice"], 1),
        ({"a.js": POLLER}, ["--confidence", "low", "--format", "json", "--fail-on", "shutdown"], 1),
        ({"a.py": "print 'two'\nopen('a')\n"}, [], 0),
        ({"a.py": "print 'two'\nopen('a')\n"}, ["--strict"], 3),
        ({"a.py": DEEP}, ["--strict"], 3),
        ({"a.py": "open('a')\n#" + "x" * 2_000_000}, [], 0),
        ({"a.py": "open('a')\n#" + "x" * 2_000_000}, ["--strict"], 3),
        ({"a.js": "setInterval('\0')\n"}, ["--strict"], 0),
        ({"a.js": "// @generated\nsetInterval(f)\n"}, ["--strict"], 0),
        ({"a.js": POLLER, "b.py": "print 'two'\nopen('a')\n"}, ["--strict"], 1),
    ],
)
def test_exit_codes(stanch: Stanch, tmp_path: Path, files: dict[str, str], arguments: list[str], code: int) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(files)
    done = stanch(repo.root, "scan", *arguments)
    assert done.code == code, done.text + done.err


def test_a_file_that_cannot_be_read_is_unseen(stanch: Stanch, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"src/poller.js": None, "b.js": CLEAN_POLLER})
    original = os.open

    def refuse(path: Any, *arguments: Any, **more: Any) -> int:
        if os.fsencode(path).endswith(b"b.js"):
            raise PermissionError(13, "Permission denied", path)
        return original(path, *arguments, **more)

    monkeypatch.setattr(os, "open", refuse)
    done = stanch(repo.root, "scan")
    assert done.code == 3
    assert "b.js: limit, it cannot be read: Permission denied" in done.text
    done = stanch(repo.root, "scan", "--format", "json")
    assert done.code == 3
    assert "not looked at: b.js: limit" in done.err
    assert done.report["complete"] is False


def test_the_terminal_shows_the_finding_and_its_fix(stanch: Stanch, repo: Repo) -> None:
    done = stanch(repo.root, "scan")
    assert "src/poller.js:4:18  leak  timer/forgotten-by-teardown" in done.text
    assert "this.timer = setInterval(() => this.source.refresh(), 5000);" in done.text
    assert "fix: safe, clear the interval" in done.text
    assert "\x1b" not in done.text
    assert done.err == ""


def test_markdown_shows_the_finding_and_its_code(stanch: Stanch, repo: Repo) -> None:
    done = stanch(repo.root, "scan", "--format", "markdown")
    assert done.text.startswith("## 1 leak\n")
    assert "```javascript\nthis.timer = setInterval(" in done.text


def test_a_report_names_its_inputs(stanch: Stanch, repo: Repo) -> None:
    report = scanned(stanch, repo.root)
    assert report["tree"] == repo.git("rev-parse", "HEAD^{tree}")
    assert (report["dirty"], report["prefix"], report["base"], report["options"]) == (False, "", None, {})
    repo.write({"new.js": CLEAN_POLLER})
    report = scanned(stanch, repo.root)
    assert (report["tree"], report["dirty"]) == (None, True)


def test_equal_inputs_give_equal_bytes(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    repo.commit({"b.py": SETTINGS, "c/d.js": POLLER})
    clone = Repo(tmp_path / "elsewhere" / "clone")
    clone.git("pull", "--quiet", f"file://{repo.root}", "main")
    runs = [
        stanch(repo.root, "scan", "--format", "json"),
        stanch(repo.root, "scan", "--format", "json"),
        stanch(repo.root / "src", "scan", "--format", "json"),
        stanch(clone.root, "scan", "--format", "json", "--jobs", "1"),
        stanch(clone.root, "scan", "--format", "json", "--jobs", "3"),
        stanch(tmp_path, "scan", "--format", "json", "elsewhere/clone"),
    ]
    assert {done.out for done in runs} == {runs[0].out}
    assert len(runs[0].report["findings"]) == 3


@pytest.mark.parametrize(
    ("arguments", "prefix", "paths", "found"),
    [
        (["src"], "src", None, ["src/poller.js"]),
        (["src/"], "src", None, ["src/poller.js"]),
        (["src/poller.js"], "", ["src/poller.js"], ["src/poller.js"]),
        (["b.py", "src"], "", ["b.py", "src"], ["b.py", "src/poller.js"]),
        (["."], "", None, ["b.py", "src/poller.js"]),
        ([".", "vendor"], "", [".", "vendor"], ["b.py", "src/poller.js", "vendor/v.js"]),
        (["vendor"], "vendor", None, ["vendor/v.js"]),
    ],
)
def test_places(
    stanch: Stanch, repo: Repo, arguments: list[str], prefix: str, paths: list[str] | None, found: list[str]
) -> None:
    repo.commit({"b.py": SETTINGS, "vendor/v.js": POLLER})
    report = scanned(stanch, repo.root, *arguments)
    assert paths_of(report) == found
    assert report["prefix"] == prefix
    assert report["options"] == ({"paths": paths} if paths else {})


def test_outside_a_repository_every_file_of_a_folder_is_scanned(stanch: Stanch, tmp_path: Path) -> None:
    for name in ("a/one.js", "a/deeper/two.js", "b/three.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(POLLER)
    assert paths_of(scanned(stanch, tmp_path, "a")) == ["deeper/two.js", "one.js"]
    assert paths_of(scanned(stanch, tmp_path / "a", ".")) == ["deeper/two.js", "one.js"]
    assert paths_of(scanned(stanch, tmp_path, "a/deeper", "b/three.js")) == ["a/deeper/two.js", "b/three.js"]
    assert paths_of(scanned(stanch, tmp_path, "a/one.js")) == ["one.js"]
    report = scanned(stanch, tmp_path, "a")
    assert (report["tree"], report["dirty"]) == (None, False)


def test_a_place_without_a_file_is_mentioned(stanch: Stanch, repo: Repo) -> None:
    repo.commit({".gitignore": "out/\n"})
    repo.write({"out/a.js": POLLER})
    done = stanch(repo.root, "scan", "out", "README.md", "src")
    assert done.code == 1
    assert done.err.splitlines() == [
        f"stanch: {place}: nothing to scan; no JavaScript, TypeScript or Python is there, "
        "or git or the configuration leaves it out."
        for place in ("README.md", "out")
    ]
    assert stanch(repo.root, "scan", "--quiet", "out").err == ""


def test_the_report_goes_into_a_file(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    done = stanch(repo.root, "scan", "--format", "json", "--output", str(target))
    assert (done.code, done.out) == (1, b"")
    assert json.loads(target.read_bytes())["schema"] == "stanch.report/1"
    done = stanch(repo.root, "scan", "--output", str(tmp_path / "no" / "where.txt"))
    assert (done.code, done.err.count("\n")) == (2, 1)


UNSURE = """\
export function watch(run) {
  window.addEventListener("resize", run);
}
"""
"""How often this function runs is not known: medium confidence."""


def test_confidence_changes_what_is_shown_and_not_what_is_judged(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/poller.js": UNSURE})
    report = scanned(stanch, repo.root)
    assert [finding["confidence"] for finding in report["findings"]] == ["medium"]
    high = scanned(stanch, repo.root, "--confidence", "high")
    assert (high["findings"], high["options"]) == ([], {"confidence": "high"})
    assert high["totals"] == report["totals"]
    done = stanch(repo.root, "scan")
    assert (done.code, "1 less certain" in done.text) == (0, True)
    done = stanch(repo.root, "scan", "--confidence", "low")
    assert (done.code, "medium confidence" in done.text) == (0, True)
    repo.commit({".github/stanch.yml": "scan:\n  confidence: medium\n"})
    assert stanch(repo.root, "scan").code == 1


def test_the_configuration_of_the_work_tree_is_in_force(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/old.js": POLLER})
    before = scanned(stanch, repo.root)
    repo.write({".github/stanch.yml": "scan:\n  exclude: [src/old.js]\n  rules: [timer/*]\n"})
    after = scanned(stanch, repo.root)
    assert paths_of(after) == ["src/poller.js"]
    assert before["config"] != after["config"]
    repo.write({".github/stanch.yml": "scan:\n  rules: [file/*]\n"})
    assert paths_of(scanned(stanch, repo.root)) == []


def test_a_name_that_is_not_utf8_is_encoded_and_marked(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/100% \udcff.js": POLLER, "src/poller.js": None})
    report = scanned(stanch, repo.root, "--jobs", "2")
    finding = report["findings"][0]
    assert (finding["path"], finding["path_encoded"]) == ("src/100%25 %FF.js", True)
    assert {finding["owner"]["path"], *(step["path"] for step in finding["trail"])} == {finding["path"]}
    assert "this.timer = setInterval(" in stanch(repo.root, "scan").text
    repo.commit({"src/100% \udcff.js": "setInterval('\0')\n"})
    assert scanned(stanch, repo.root)["skipped"][0]["path"] == "src/100%25 %FF.js"


def test_a_baseline_excuses_its_findings_once_each(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    stanch(repo.root, "scan", "--format", "json", "--output", str(old))
    done = stanch(repo.root, "scan", "--baseline", str(old))
    assert (done.code, "no leaks" in done.text.lower()) == (0, True)
    repo.commit({"src/copy.js": POLLER})
    report = scanned(stanch, repo.root, "--baseline", str(old))
    assert paths_of(report) == ["src/copy.js"]
    assert report["totals"]["findings"] == 2
    assert list(report["options"]) == ["baseline"]
    repo.git("mv", "src/poller.js", "src/moved.js")
    repo.commit({"src/copy.js": None})
    assert paths_of(scanned(stanch, repo.root, "--baseline", str(old))) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{}", "This is no report"),
        ("not json", "This is no report"),
        ('{"schema": "stanch.report/9"}', "expected 'stanch.report/1'"),
        ("OTHER", "fingerprints of version 99"),
    ],
)
def test_a_baseline_that_is_none_is_said_so(
    stanch: Stanch, repo: Repo, tmp_path: Path, content: str, sentence: str
) -> None:
    old = tmp_path / "old.json"
    if content == "OTHER":
        report = stanch(repo.root, "scan", "--format", "json").report
        report["engine"]["fingerprint_version"] = 99
        content = json.dumps(report)
    old.write_text(content)
    done = stanch(repo.root, "scan", "--baseline", str(old))
    assert (done.code, sentence in done.err) == (2, True), done.err


def test_the_rule_of_the_sample_is_what_the_tests_say(stanch: Stanch, repo: Repo) -> None:
    assert [finding["rule"] for finding in scanned(stanch, repo.root)["findings"]] == [RULE]
