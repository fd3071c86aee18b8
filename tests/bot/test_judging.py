"""What is computed over the code: the same on either side of a process boundary, whatever the code."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from bot.config import Fault
from bot.git import Repository
from bot.judged import Grouping, Judged, JudgedError, decode, encode
from bot.judging import Terms, judge_change, judge_tree
from bot.trees import GitTree
from tests.bot.leaks import CLEAN_POLLER, POLLER, RULE, SETTINGS
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = ".github/stanch.yml"
TERMS = Terms(today=date(2026, 3, 4), jobs=1)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"README.md": "hello\n", "old.js": POLLER})
    made.branch("topic")
    return made


def judged(repo: Repo, terms: Terms = TERMS) -> Judged:
    repository = Repository.open(repo.root)
    return judge_change(repository, repo.git("merge-base", "main", "HEAD"), repo.git("rev-parse", "HEAD"), terms)


@pytest.mark.parametrize("name", ["new.js", "\udcff.js", "`@you` <b>.js", "a\nb.js"])
@pytest.mark.parametrize("content", [POLLER, POLLER.replace("setInterval", "/* \udcfe */ setInterval")])
def test_it_survives_a_process_boundary(repo: Repo, name: str, content: str) -> None:
    repo.commit({name: content.encode("utf-8", "surrogateescape"), "settings.py": SETTINGS})
    before = judged(repo, Terms(today=TERMS.today, jobs=1, groups=Grouping()))
    after = decode(encode(before))
    assert after == before
    assert after.config == before.config
    assert after.fixes == before.fixes
    assert set(after.fixes) == {finding.id for finding in after.report.findings}
    assert [group.rule for group in after.groups] == ["file/never-released", RULE]


TWO_PACKAGES = {
    "web/package.json": "{}\n",
    "web/a.js": POLLER,
    "b.js": POLLER.replace("Poller", "Watcher") + "\n" + POLLER.replace("Poller", "Tail"),
}


def written(repo: Repo, grouping: Grouping) -> Judged:
    return judged(repo, Terms(today=TERMS.today, jobs=1, groups=grouping))


def fingerprints(done: Judged) -> dict[str, str]:
    return {f"{item.path}:{item.line}": item.fingerprint for item in done.report.findings}


def test_fixes_are_written_in_groups(repo: Repo) -> None:
    repo.commit(TWO_PACKAGES)
    done = written(repo, Grouping())
    assert done.together is None
    assert [(group.package, len(group.findings), group.changed_lines) for group in done.groups] == [
        (b"", 2, 2),
        (b"web", 1, 1),
    ]
    assert [[(file.path, file.data.count(b"clearInterval")) for file in group.files] for group in done.groups] == [
        [(b"b.js", 2)],
        [(b"web/a.js", 1)],
    ]
    assert [(group.before, group.after) for group in done.groups] == [({RULE: 4}, {RULE: 2}), ({RULE: 4}, {RULE: 3})]


def test_what_is_withheld_is_not_written(repo: Repo) -> None:
    repo.commit(TWO_PACKAGES)
    known = fingerprints(judged(repo))
    done = written(repo, Grouping(withheld=frozenset({known["b.js:4"], known["web/a.js:4"]})))
    (group,) = done.groups
    (file,) = group.files
    assert (file.path, file.data.count(b"clearInterval"), group.changed_lines) == (b"b.js", 1, 1)
    assert written(repo, Grouping(withheld=frozenset(known.values()))).groups == ()


@pytest.mark.parametrize("setting", ["enabled: true", "enabled: false", "families: [file]"])
def test_what_somebody_asks_for_is_written_whatever_the_configuration_says(tmp_path: Path, setting: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({CONFIG: f"fix:\n  {setting}\n"})
    repo.branch("topic")
    repo.commit(TWO_PACKAGES)
    wanted = frozenset(item.id for item in judged(repo).report.findings if item.path == "web/a.js")
    assert [group.package for group in written(repo, Grouping(wanted=wanted)).groups] == [b"web"]
    assert len(written(repo, Grouping()).groups) == (2 if setting == "enabled: true" else 0)


def test_fixes_are_written_together(repo: Repo) -> None:
    repo.commit(TWO_PACKAGES)
    done = written(repo, Grouping(together=True))
    assert done.groups == ()
    assert done.together is not None
    assert ([file.path for file in done.together.files], done.together.changed_lines) == ([b"b.js", b"web/a.js"], 3)
    assert set(done.together.findings) == {item.id for item in done.report.findings}
    assert (done.together.before, done.together.after) == ({RULE: 4}, {RULE: 1})
    nothing = written(repo, Grouping(wanted=frozenset(), together=True))
    assert (nothing.groups, nothing.together) == ((), None)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 20, msgspec.msgpack.encode({"head": 1})])
def test_other_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(JudgedError, match="no judgement"):
        decode(data)


def test_what_decisions_want_to_know_of_the_code(repo: Repo) -> None:
    repo.commit({"old.js": POLLER + "\n" + POLLER.replace("Poller", "Watcher"), "plain.js": "let a = 1;\n"})
    done = judged(repo)
    (finding,) = done.report.findings
    added = POLLER.count("\n") + 1
    assert done.added == {"old.js": frozenset(range(added, added + added))}
    assert "setInterval" in (done.read_line("old.js", finding.line) or "")
    assert done.read_line("old.js", 1) is None
    assert done.base == repo.git("rev-parse", "main")
    assert (done.faults, done.proposal) == ((), None)


def test_a_long_line_is_not_carried_along(repo: Repo) -> None:
    repo.commit({"new.js": POLLER.replace("setInterval(", "setInterval(/*" + "x" * 8000 + "*/")})
    (line,) = judged(repo).lines["new.js"].values()
    assert len(line) == 1000


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("fixx: {}\n", [Fault(1, 1, "unknown key `fixx`, did you mean `fix`?")]),
        ("version: 2\n", [Fault(1, 10, "`version`: `2` is not known here; this Stanch reads version 1")]),
        ('"a\\ud800b": 1\n', None),
        ("a: &a [*a]\n", None),
        ("x" * 70_000, [Fault(1, 1, "the file has more than the 64000 bytes that are read; shorten it")]),
    ],
)
def test_a_faulty_proposal_is_told_and_not_in_force(repo: Repo, text: str, faults: list[Fault] | None) -> None:
    repo.commit({CONFIG: text, "new.js": POLLER})
    done = decode(encode(judged(repo)))
    assert done.proposal is not None
    assert (done.faults, done.proposal.preview, done.proposal.config()) == ((), None, None)
    assert done.proposal.faults if faults is None else list(done.proposal.faults) == faults
    assert len(done.report.findings) == 1


def test_a_valid_proposal_is_previewed_and_not_in_force(repo: Repo) -> None:
    repo.commit({CONFIG: "scan:\n  rules: [file/*]\n  exclude: [old.js]\n", "settings.py": SETTINGS, "new.js": POLLER})
    done = judged(repo)
    assert {finding.path for finding in done.report.findings} == {"new.js", "settings.py"}
    assert done.config.scan.rules == ("*",)
    proposal = done.proposal
    assert proposal is not None and proposal.preview is not None
    assert (proposal.preview.before, proposal.preview.after) == (3, 1)
    assert (proposal.preview.more, proposal.preview.fewer) == ({}, {RULE: 2})
    config = proposal.config()
    assert config is not None and config.scan.exclude == ("old.js",)


def test_a_proposal_may_look_at_more(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({CONFIG: "scan:\n  include: [src/**]\n", "src/a.js": "let a = 1;\n", "old.js": POLLER})
    repo.branch("topic")
    repo.commit({CONFIG: None})
    proposal = judged(repo).proposal
    assert proposal is not None and proposal.preview is not None
    assert (proposal.preview.before, proposal.preview.after, proposal.preview.more) == (0, 1, {RULE: 1})


def test_a_broken_configuration_of_the_base_falls_back_and_says_so(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({CONFIG: "scan:\n  rules: [nothing/*]\n"})
    repo.branch("topic")
    repo.commit({CONFIG: "scan: {}\n", "new.js": POLLER})
    done = judged(repo)
    assert [(fault.line, fault.column) for fault in done.faults] == [(2, 11)]
    assert len(done.report.findings) == 1
    assert done.proposal is not None and done.proposal.faults == ()


@pytest.mark.parametrize(
    ("link", "sentence"),
    [(CONFIG, f"`{CONFIG}` is a link"), (".github", "`.github` is a link")],
)
def test_a_link_is_no_configuration_and_said_so(repo: Repo, link: str, sentence: str) -> None:
    place = repo.root / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to("/etc/passwd")
    repo.commit()
    done = judge_tree(Repository.open(repo.root), repo.git("rev-parse", "HEAD"), TERMS)
    assert done.faults and done.faults[0].message.startswith(sentence)


@pytest.mark.parametrize("path", [CONFIG, ".github/a/b/stanch.yml", "stanch.yml"])
def test_what_else_lies_in_the_folder_is_nobodys_fault(repo: Repo, path: str) -> None:
    repo.commit({".github/workflows/ci.yml": "on: push\n", ".github/a/c/d.txt": "d\n", "b.js": POLLER})
    done = judged(repo, Terms(today=TERMS.today, jobs=1, config_path=path))
    assert (done.faults, done.proposal) == ((), None)


def test_a_link_on_the_way_is_said_so(repo: Repo) -> None:
    (repo.root / "a").symlink_to("b")
    repo.commit({"b/stanch.yml": "version: 1\n"})
    done = judged(repo, Terms(today=TERMS.today, jobs=1, config_path="a/c/stanch.yml"))
    assert done.proposal is not None and done.proposal.faults[0].message.startswith("`a` is a link")


def test_a_folder_and_files_can_be_named(repo: Repo) -> None:
    repo.commit(
        {"web/a.js": POLLER, "b.js": POLLER.replace("Poller", "Tail"), "c.js": POLLER.replace("Poller", "Head")}
    )
    folder = judged(repo, Terms(today=TERMS.today, jobs=1, named=("web",)))
    assert [finding.path for finding in folder.report.findings] == ["web/a.js"]
    assert (folder.report.prefix, folder.report.options) == ("web", {})
    several = judged(repo, Terms(today=TERMS.today, jobs=1, named=("b.js", "web")))
    assert [finding.path for finding in several.report.findings] == ["b.js", "web/a.js"]
    assert (several.report.prefix, several.report.options) == ("", {"paths": ["b.js", "web"]})


def test_what_was_left_out_is_too_large(repo: Repo) -> None:
    repo.commit({"big.js": POLLER + "\n", "asset.bin": "1\n", CONFIG: "version: 1\n"})
    repository = Repository.open(repo.root)
    left_out = frozenset(repo.git("rev-parse", f"HEAD:{name}") for name in ("big.js", "asset.bin", CONFIG))
    done = judged(repo, Terms(today=TERMS.today, jobs=1, left_out=left_out))
    assert [(entry.path, entry.code) for entry in done.report.skipped] == [("big.js", "too-large")]
    assert (done.report.findings, done.report.complete) == ((), False)
    assert done.proposal is not None and "more than the 64000 bytes" in done.proposal.faults[0].message
    with GitTree(repository, "HEAD", left_out) as tree:
        assert tree.size("big.js") > 2_000_000


def test_a_file_that_is_too_large_is_so_with_or_without_its_bytes(repo: Repo) -> None:
    large = POLLER + "//" + "x" * 2_000_000
    repo.commit({"grown.js": large, "old.js": large})
    whole = judged(repo)
    left_out = frozenset({repo.git("rev-parse", "HEAD:grown.js")})
    for name in left_out:
        (repo.root / ".git" / "objects" / name[:2] / name[2:]).unlink()
    assert encode(judged(repo, Terms(today=TERMS.today, jobs=1, left_out=left_out))) == encode(whole)
    assert [entry.path for entry in whole.report.skipped] == ["grown.js", "old.js"]
    assert [finding.path for finding in whole.report.resolved] == ["old.js"]


def test_a_whole_tree_is_all_new(repo: Repo) -> None:
    done = judge_tree(Repository.open(repo.root), repo.git("rev-parse", "HEAD"), TERMS)
    assert (done.base, len(done.report.findings), done.added) == (None, 1, {})
    repo.commit({"old.js": CLEAN_POLLER})
    assert judge_tree(Repository.open(repo.root), repo.git("rev-parse", "HEAD"), TERMS).report.findings == ()
