from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.bot.leaks import CLEAN_POLLER, POLLER, RULE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Done, Stanch
    from tests.repos import Repo

PRAGMA = f"// stanch-ignore {RULE}: it lives as long as the page"


def with_pragma(code: str) -> str:
    return code.replace("    this.timer", f"    {PRAGMA}\n    this.timer")


def ignores_file(folder: Path, *entries: dict[str, str]) -> str:
    file = folder / "ignores.json"
    file.write_text(json.dumps({"schema": "stanch.ignores/1", "ignores": entries}))
    return str(file)


def fingerprint(stanch: Stanch, repo: Repo) -> str:
    return str(stanch(repo.root, "scan", "--format", "json").report["findings"][0]["fingerprint"])


def suppressed(done: Done) -> list[Any]:
    return [finding["suppressed"] for finding in done.report["findings"]]


@pytest.mark.parametrize(
    ("config", "until"),
    [
        (f'- rules: [{RULE}]\n    reason: "known"', None),
        ('- paths: ["src/**"]\n    reason: "known"', None),
        ("- fingerprints: [FINGERPRINT]\n    reason: known", None),
        ("- fingerprints: [FINGERPRINT.1]\n    reason: known", None),
        ('- rules: ["*"]\n    reason: known\n    until: 2026-06-30', "2026-06-30"),
    ],
)
def test_the_configuration_silences(stanch: Stanch, repo: Repo, config: str, until: str | None) -> None:
    text = f"ignore:\n  {config}\n".replace("FINGERPRINT", fingerprint(stanch, repo))
    repo.commit({".github/stanch.yml": text})
    done = stanch(repo.root, "scan", "--format", "json", "--as-of", "2026-06-30")
    assert (done.code, done.err) == (0, "")
    assert suppressed(done) == [{"by": "config", "reason": "known", "until": until}]
    assert done.report["as_of"] == (until and "2026-06-30")
    assert done.report["totals"]["findings"] == 0


def test_a_pragma_silences(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/poller.js": with_pragma(POLLER)})
    done = stanch(repo.root, "scan", "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert suppressed(done) == [{"by": "pragma", "reason": "it lives as long as the page", "until": None}]
    assert "1 silenced" in stanch(repo.root, "scan").text


@pytest.mark.parametrize("suffix", ["", ".1"])
@pytest.mark.parametrize("path", [None, "src/poller.js"])
def test_a_file_of_ignores_silences(stanch: Stanch, repo: Repo, tmp_path: Path, suffix: str, path: str | None) -> None:
    entry = {"fingerprint": fingerprint(stanch, repo) + suffix, "reason": "known", "until": "2026-06-30"}
    file = ignores_file(tmp_path, entry | ({"path": path} if path else {}))
    done = stanch(repo.root, "scan", "--format", "json", "--ignores", file, "--as-of", "2026-06-30")
    assert (done.code, done.err) == (0, "")
    assert suppressed(done) == [{"by": "command", "reason": "known", "until": "2026-06-30"}]
    assert done.report["as_of"] == "2026-06-30"
    assert len(done.report["ignores"]) == 64


def test_an_ignore_for_another_path_silences_nothing(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    entry = {"fingerprint": fingerprint(stanch, repo), "reason": "known", "path": "src/other.js"}
    done = stanch(repo.root, "scan", "--ignores", ignores_file(tmp_path, entry))
    assert done.code == 1
    assert f"The ignore of `{entry['fingerprint']}` covers no finding" in done.err


IDLE = {
    "unused pragma": (
        {"src/poller.js": with_pragma(CLEAN_POLLER)},
        "src/poller.js:4: this `stanch-ignore` covers no finding",
    ),
    "pragma without a reason": (
        {"src/poller.js": POLLER.replace("5000);", f"5000); // stanch-ignore {RULE}")},
        "src/poller.js:4: this `stanch-ignore` covers no finding",
    ),
    "unused entry": (
        {".github/stanch.yml": "ignore:\n  - paths: [nowhere/**]\n    reason: old\n"},
        ".github/stanch.yml: `ignore[1]` (`nowhere/**`) covers no finding",
    ),
    "expired entry": (
        {".github/stanch.yml": "ignore:\n  - rules: ['timer/*']\n    reason: old\n    until: 2026-01-31\n"},
        ".github/stanch.yml: `ignore[1]` (`timer/*`) has expired on 2026-01-31",
    ),
}


@pytest.mark.parametrize("name", IDLE)
def test_a_suppression_without_effect_is_never_silent(stanch: Stanch, repo: Repo, name: str) -> None:
    files, sentence = IDLE[name]
    repo.commit(files)
    arguments = ["scan", "--as-of", "2026-02-01"]
    assert sentence in stanch(repo.root, *arguments).err
    assert sentence in stanch(repo.root, *arguments, "--format", "json").err
    done = stanch(repo.root, *arguments, "--format", "markdown")
    assert "1 suppression without effect" in done.text
    assert done.err == ""
    assert stanch(repo.root, *arguments, "--quiet").err == ""


def test_an_expired_ignore_is_mentioned(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    entry = {"fingerprint": fingerprint(stanch, repo), "reason": "known", "until": "2026-01-31"}
    done = stanch(repo.root, "scan", "--ignores", ignores_file(tmp_path, entry), "--as-of", "2026-02-01")
    assert done.code == 1
    assert "has expired on 2026-01-31" in done.err


def test_an_entry_for_what_was_not_scanned_is_not_called_unused(stanch: Stanch, repo: Repo) -> None:
    text = "ignore:\n  - paths: [src/**]\n    reason: known\n"
    repo.commit({".github/stanch.yml": text, "lib/a.js": CLEAN_POLLER})
    assert stanch(repo.root, "scan", "lib").err == ""


def test_a_pragma_that_a_change_adds_is_listed(stanch: Stanch, repo: Repo) -> None:
    repo.branch("topic")
    repo.commit({"src/poller.js": with_pragma(POLLER)})
    done = stanch(repo.root, "scan", "--base", "main", "--format", "json")
    assert done.code == 0
    assert [finding["change"] for finding in done.report["findings"]] == ["existing"]
    assert suppressed(done)[0]["by"] == "pragma"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[]", "This is no list of ignores"),
        ("{", "This is no list of ignores"),
        ('{"schema": "stanch.ignores/2", "ignores": []}', "$.schema"),
        ('{"schema": "stanch.ignores/1", "ignores": [{"fingerprint": "abcd"}]}', "`reason`"),
        ('{"schema": "stanch.ignores/1", "ignores": [{"fingerprint": "abcd", "reason": " "}]}', "reason"),
        ('{"schema": "stanch.ignores/1", "ignores": [{"fingerprint": "abcd", "reason": "x", "who": 1}]}', "`who`"),
        (
            '{"schema": "stanch.ignores/1", "ignores": [{"fingerprint": "abcd", "reason": "x", "until": "soon"}]}',
            "until",
        ),
        ("\udcff", "This is no list of ignores"),
    ],
)
def test_a_faulty_file_of_ignores_is_a_fault(
    stanch: Stanch, repo: Repo, tmp_path: Path, content: str, sentence: str
) -> None:
    file = tmp_path / "ignores.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    done = stanch(repo.root, "scan", "--ignores", str(file))
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1)
    assert sentence in done.err
    assert str(file) in done.err
