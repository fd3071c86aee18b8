from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.scores.__main__ import LABELS, main
from bench.scores.labels import Expected, LabelsError, read_labels
from bench.scores.looks import Said
from bench.scores.outcomes import outcomes_of
from bench.scores.revisions import CommitTree, clone_of
from bot.git import GitError, Repository
from bot.objects import ObjectReader
from fixers.findings import Confidence, FixKind
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from bench.scores.outcomes import Outcome

LEAKING = """\
import json


def load(path):
    return json.load(open(path))


def count(path):
    file = open(path)
    return len(file.readlines())


def quiet(path):
    return keep(open(path))


def lines(path):
    with open(path) as file:
        return list(file)
"""
MENDED = LEAKING.replace(
    "    return json.load(open(path))\n", "    with open(path) as file:\n        return json.load(file)\n"
)
POLLER = """\
export class Poller {
  start() {
    this.timer = setInterval(() => this.poll(), 1000);
  }
}
"""
ABSENT = "0" * 40
REPO = "ada/engine"


def fix_label(name: str, parent: str, fix: str, line: int, after_line: int, **more: Any) -> dict[str, Any]:
    label = {
        "id": name,
        "repo": REPO,
        "fix_commit": fix,
        "parent": parent,
        "path": "src/engine.py",
        "line": line,
        "lines_span": [line, line],
        "after_path": "src/engine.py",
        "after_line": after_line,
        "kind": "file",
        "shape": "discarded",
        "scope": "file",
        "expr": "open(path)",
        "missing": "never closed",
        "fix": "with",
        "confidence": "high",
    }
    return label | more


def clean_label(name: str, commit: str, line: int) -> dict[str, Any]:
    place = {"id": name, "repo": REPO, "commit": commit, "path": "src/engine.py", "line": line}
    return place | {"kind": "file", "shape": "other", "expr": "open(path)", "why_ok": "with"}


def site_label(commit: str, label: str) -> dict[str, Any]:
    place = {"repo": REPO, "commit": commit, "path": "src/poller.js", "line": 3, "label": label}
    return place | {"kind": "timer", "expr": "setInterval", "reason": "id dropped", "fix": "keep it"}


def write_labels(folder: Path, **files: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, labels in files.items():
        lines = "".join(json.dumps(label) + "\n" for label in labels)
        (folder / f"{name.replace('_', '-')}.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of clones with one repository, and a folder of labels of it."""
    root = tmp_path_factory.mktemp("scores")
    repo = Repo(root / "clones" / "ada+engine" / "repo")
    parent = repo.commit({"src/engine.py": LEAKING, "src/poller.js": POLLER, "tests/test_engine.py": LEAKING})
    fix = repo.commit({"src/engine.py": MENDED})
    fixes = [
        fix_label("won", parent, fix, line=5, after_line=5, always=True),
        fix_label("near", parent, fix, line=7, after_line=20, pattern="teardown-omits"),
        fix_label("still", parent, fix, line=9, after_line=10),
        fix_label("handed-on", parent, fix, line=14, after_line=15, scope="cross-file"),
        fix_label("in-tests", parent, fix, line=5, after_line=20, path="tests/test_engine.py"),
        fix_label("no-commit", ABSENT, fix, line=5, after_line=5),
        fix_label("no-file", parent, fix, line=5, after_line=5, after_path="gone.py"),
        fix_label("no-clone", parent, fix, line=5, after_line=5, repo="ada/elsewhere"),
        fix_label("old", parent, fix, line=5, after_line=5, py3=False),
        fix_label("elsewhere", parent, fix, line=2, after_line=20, lines_span=[1, 9]),
    ]
    clean = [clean_label("with", fix, 19), clean_label("flagged", parent, 9)]
    labels = write_labels(
        root / "labels", py_fixes=fixes, py_clean=clean, seed_sites=[site_label(fix, "leak"), site_label(parent, "ok")]
    )
    return root / "clones", labels


@pytest.fixture(scope="module")
def outcomes(workplace: tuple[Path, Path]) -> dict[str, Outcome]:
    clones, labels = workplace
    return {outcome.label.id: outcome for outcome in outcomes_of(clones, read_labels(labels), jobs=1)}


@pytest.mark.parametrize(
    ("name", "hit", "silent_after", "right"),
    [
        ("won", True, True, True),
        ("near", True, True, True),
        ("still", True, False, False),
        ("handed-on", False, True, False),
        ("in-tests", False, True, False),
        ("elsewhere", False, True, False),
    ],
)
def test_a_pair_is_right_when_found_before_and_silent_after(
    outcomes: dict[str, Outcome], name: str, hit: bool, silent_after: bool, right: bool
) -> None:
    outcome = outcomes[name]
    assert (outcome.hit, outcome.silent_after, outcome.right) == (hit, silent_after, right)
    assert not outcome.absent


@pytest.mark.parametrize("name", ["no-commit", "no-file", "no-clone"])
def test_what_is_not_here_is_absent(outcomes: dict[str, Outcome], name: str) -> None:
    assert outcomes[name].absent


@pytest.mark.parametrize(
    ("name", "said", "detail"),
    [
        ("won", Said.FOUND, ""),
        ("handed-on", Said.FINE, "builtins.open in line 14: handed on in line 14"),
        ("in-tests", Said.ADVICE, "file/never-released, high"),
        ("elsewhere", Said.ELSEWHERE, "called near: nothing"),
        ("with", Said.FINE, "builtins.open in line 19"),
    ],
)
def test_why_nothing_is_reported(outcomes: dict[str, Outcome], name: str, said: Said, detail: str) -> None:
    look = outcomes[name].before
    assert look.said is said
    assert look.detail.startswith(detail)


def test_a_doubt_is_told(outcomes: dict[str, Outcome]) -> None:
    unsure = next(outcome.before for name, outcome in outcomes.items() if "poller.js" in name)
    assert unsure.said is Said.UNSURE
    assert unsure.confidence is Confidence.MEDIUM
    assert "the class has no teardown" in unsure.detail


def test_fixes_are_tried_and_checked(outcomes: dict[str, Outcome]) -> None:
    fix = outcomes["won"].before.fix
    assert fix is not None
    assert (fix.kind, fix.refused, fix.gone) == (FixKind.SAFE, None, True)
    assert outcomes["handed-on"].before.fix is None
    assert outcomes["flagged"].before.fix is None


def test_the_processes_do_not_change_the_answers(workplace: tuple[Path, Path], outcomes: dict[str, Outcome]) -> None:
    clones, labels = workplace
    assert outcomes_of(clones, read_labels(labels), jobs=2) == list(outcomes.values())


def test_the_command_counts(workplace: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clones, labels = workplace
    arguments = ["--clones", str(clones), "--labels", str(labels), "--output", str(tmp_path), "--jobs", "1"]
    assert main(arguments) == 0
    totals = capsys.readouterr().out.split("\n\n")[0].splitlines()[2:]
    assert totals == [
        "| py-clean | 2 | - | - | - | 1/2 50.0 % | 0 | 0 |",
        "| py-fixes | 9 | 2/6 33.3 % | 3/6 50.0 % | 5/6 83.3 % | - | 3 | 1 |",
        "| py-fixes, Python 2 | 1 | 1/1 100.0 % | 1/1 100.0 % | 1/1 100.0 % | - | 0 | 0 |",
        "| seed-sites | 2 | - | 0/1 0.0 % | - | 0/1 0.0 % | 0 | 0 |",
    ]
    scores = (tmp_path / "scores.md").read_text(encoding="utf-8")
    assert "| teardown-omits | 1 | 1/1 100.0 % | 1/1 100.0 % | 1/1 100.0 % |" in scores
    assert "| py-fixes | 3 | 3 | 0 | 0 | 3/3 100.0 % | 3/3 100.0 % | 3/3 100.0 % | 2/3 66.7 % |" in scores
    misses = (tmp_path / "misses.md").read_text(encoding="utf-8")
    assert "### handed-on file, discarded, not said, cross-file" in misses
    assert "### still" not in misses
    assert "no-commit" not in misses
    flags = (tmp_path / "flags.md").read_text(encoding="utf-8")
    assert "## Look-alikes: 1\n\n### flagged" in flags
    assert "## Still reported after the fix: 1\n\n### still" in flags
    assert "acquire src/engine.py:9" in flags
    assert "### won" in (tmp_path / "fixes.md").read_text(encoding="utf-8")
    lines = (tmp_path / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
    right = [line["id"] for line in map(json.loads, lines) if line["right"]]
    assert right[:4] == ["with", "won", "near", "old"]
    assert [name.partition(":")[0] for name in right[4:]] == ["seed-sites"]


def test_the_command_takes_one_kind(workplace: tuple[Path, Path], tmp_path: Path) -> None:
    clones, labels = workplace
    arguments = ["--clones", str(clones), "--labels", str(labels), "--output", str(tmp_path), "--kind", "timer"]
    assert main(arguments) == 0
    lines = (tmp_path / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["seed-sites", "seed-sites"]


def test_the_command_says_what_is_wrong(
    workplace: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clones, labels = workplace
    for arguments, sentence in (
        (["--clones", str(clones), "--labels", str(tmp_path)], "There is no label file in"),
        (["--clones", str(tmp_path / "none"), "--labels", str(labels)], "There is no folder"),
        (["--clones", str(clones), "--labels", str(labels), "--kind", "tap"], "No label is of kind tap; the kinds are"),
    ):
        assert main([*arguments, "--output", str(tmp_path / "out")]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ({"id": "a"}, "line 1: Object missing required field `repo`"),
        (clean_label("a", ABSENT, 1) | {"line": "one"}, r"Expected `int`, got `str` - at `\$.line`"),
    ],
)
def test_a_label_of_another_form_is_refused(tmp_path: Path, label: dict[str, Any], sentence: str) -> None:
    write_labels(tmp_path, py_clean=[label])
    with pytest.raises(LabelsError, match=sentence):
        read_labels(tmp_path)


def test_an_id_stands_for_one_label(tmp_path: Path) -> None:
    write_labels(tmp_path, py_clean=[clean_label("a", ABSENT, 1)], js_clean=[clean_label("a", ABSENT, 2)])
    with pytest.raises(LabelsError, match="Two labels have the id a"):
        read_labels(tmp_path)


def test_our_own_labels_can_be_read() -> None:
    labels = read_labels(LABELS)
    assert {label.file for label in labels} >= {"js-fixes", "js-clean", "py-fixes", "py-clean", "seed-sites"}
    assert {label.expected for label in labels} == set(Expected)
    assert all(label.after is not None for label in labels if label.expected is Expected.PAIR)


def test_a_commit_is_a_tree_of_files(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    files = {"a.js": b"1\n", "src/deep/b\udcff.py": b"2\n", "src/c.ts": b""}
    commit = repo.commit(files)
    (repo.root / "link.js").symlink_to("a.js")
    linked = repo.commit()
    with ObjectReader(Repository.open(repo.root)) as objects:
        tree = CommitTree(objects, linked)
        assert {path: tree.read(path) for path in tree.paths()} == files
        assert tree.size("a.js") == 2
        assert tree.blob_id("a.js") == repo.git("rev-parse", f"{commit}:a.js")
        assert [tree.exists(path) for path in ("src/c.ts", "src", "link.js", "a.js/b", "")] == [True, *[False] * 4]
        with pytest.raises(FileNotFoundError):
            tree.read("src/deep")
        with pytest.raises(GitError, match="is no commit"):
            CommitTree(objects, tree.blob_id("a.js"))


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("place", ["ada+engine", "ada+engine/repo"])
def test_where_a_clone_may_lie(tmp_path: Path, place: str, bare: bool) -> None:
    # A repository around the clones is not taken for one of them.
    around = Repo(tmp_path)
    around.commit({"ada+other/a.js": "1\n"})
    around.git("init", "--quiet", *(["--bare"] if bare else []), place)
    found = clone_of(tmp_path, REPO)
    assert found is not None
    assert found.folder == tmp_path / place
    assert clone_of(tmp_path, "ada/other") is None
    assert clone_of(tmp_path, "ada/none") is None
