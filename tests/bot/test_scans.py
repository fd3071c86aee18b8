from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.config import Config, load
from bot.diffs import FileDiff
from bot.reports.report import to_json
from bot.scans import Inputs, cut_short, is_complete, report_of, scan_change, scan_tree, wanted_paths
from fixers.source import SkipCode, Skipped
from fixers.tree import MemoryTree
from tests.bot.leaks import CLEAN_POLLER, POLLER, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

TODAY = date(2026, 6, 30)


def tree(**files: str) -> MemoryTree:
    return MemoryTree({name.replace("__", "/").replace("_", "."): text.encode() for name, text in files.items()})


def inputs(config: str = "", **more: object) -> Inputs:
    found = load(config.encode(), "stanch.yml")[0] if config else Config()
    return Inputs(found, TODAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "named", "expected"),
    [
        ("", (), ["a.js", "src/b.py"]),
        ("scan:\n  include: [src/**]\n", (), ["src/b.py"]),
        ("scan:\n  exclude: [src/**]\n", (), ["a.js"]),
        ("", ("src",), ["src/b.py"]),
        ("", ("vendor",), ["vendor/c.js"]),
    ],
)
def test_which_files_are_scanned(config: str, named: tuple[str, ...], expected: list[str]) -> None:
    files = tree(a_js=POLLER, src__b_py=SETTINGS, vendor__c_js=POLLER, README_md="# Read me\n")
    assert wanted_paths(files, inputs(config, named=named)) == expected


def test_a_tree_gives_findings_in_byte_order_with_ordinals() -> None:
    scanned, results = scan_tree(tree(b_js=POLLER, a_js=POLLER, c_py="x = 1\n"), inputs())
    mark = scanned.findings[0].fingerprint
    assert [(item.path, item.id) for item in scanned.findings] == [("a.js", f"{mark}.1"), ("b.js", f"{mark}.2")]
    assert (scanned.files, scanned.parsed) == (3, 2)
    assert list(results) == ["a.js", "b.js", "c.py"]


def test_known_results_are_not_made_again_and_others_left_out() -> None:
    files = tree(a_js=POLLER, b_js=POLLER, c_js=POLLER)
    _, results = scan_tree(files, inputs())
    emptied = tree(a_js="", b_js="", c_js="")
    scanned, _ = scan_tree(emptied, inputs(), only=["a.js", "b.js"], known={"a.js": results["a.js"]})
    assert [item.path for item in scanned.findings] == ["a.js"]
    assert scanned.files == 2


def test_progress_counts_every_file_that_is_judged() -> None:
    seen: list[tuple[int, int]] = []
    scan_tree(
        tree(a_js=POLLER, b_js="", c_js=POLLER), inputs(), jobs=1, progress=lambda done, of: seen.append((done, of))
    )
    assert seen == [(1, 3), (3, 3), (3, 3)]


def test_a_file_that_cannot_be_read_is_skipped() -> None:
    class Broken(MemoryTree):
        def read(self, path: str) -> bytes:
            if path == "a.js":
                raise PermissionError(13, "Permission denied")
            return super().read(path)

    scanned, _ = scan_tree(Broken({"a.js": b"", "b.js": POLLER.encode()}), inputs())
    assert scanned.skipped == [Skipped("a.js", SkipCode.LIMIT, "it cannot be read: Permission denied")]
    assert [item.path for item in scanned.findings] == ["b.js"]


def test_rules_that_are_off_are_not_found() -> None:
    scanned, _ = scan_tree(tree(a_js=POLLER, b_py=SETTINGS), inputs("scan:\n  rules: [file/*]\n"))
    assert [item.path for item in scanned.findings] == ["b.py"]


@pytest.mark.parametrize(
    ("code", "complete", "unseen"),
    [
        (SkipCode.BINARY, True, False),
        (SkipCode.GENERATED, True, False),
        (SkipCode.MINIFIED, True, False),
        (SkipCode.TOO_LARGE, False, False),
        (SkipCode.SYNTAX, False, False),
        (SkipCode.TOO_DEEP, False, False),
        (SkipCode.PYTHON2, False, False),
        (SkipCode.LIMIT, False, True),
        (SkipCode.CRASH, False, True),
    ],
)
def test_what_a_skipped_file_means(code: SkipCode, complete: bool, unseen: bool) -> None:
    skipped = [Skipped("a.js", code, "")]
    assert (is_complete(skipped), bool(list(cut_short(skipped)))) == (complete, unseen)


def changed(before: Mapping[str, str], after: Mapping[str, str], *diffs: FileDiff) -> tuple[list[str], list[str], int]:
    base, head = tree(**before), tree(**after)
    _, changes, _ = scan_change(base, head, diffs, inputs())
    return [item.path for item in changes.brought], [item.path for item in changes.resolved], len(changes.existing)


def test_a_change_is_told_by_both_trees() -> None:
    diff = FileDiff("a.js", "a.js", "@@ -8,0 +8 @@\n+    clearInterval(this.timer);\n")
    assert changed({"a_js": POLLER, "b_js": POLLER}, {"a_js": CLEAN_POLLER, "b_js": POLLER}, diff) == ([], ["a.js"], 1)


def test_a_file_that_lies_in_neither_diff_nor_head_is_not_gone() -> None:
    assert changed({"a_js": POLLER, "b_js": ""}, {"b_js": ""}) == ([], [], 0)
    assert changed({"a_js": POLLER}, {}, FileDiff("a.js", None, "")) == ([], ["a.js"], 0)


def test_a_report_names_what_the_answer_depends_on() -> None:
    given = inputs("ignore:\n  - {rules: ['file/*'], reason: known, until: 2026-07-01}\n", options={"paths": ["a.js"]})
    scanned, _ = scan_tree(tree(a_js=POLLER), given)
    report = report_of(scanned, given, tree="1" * 40, prefix="src")
    assert (report.tree, report.prefix, report.as_of, report.options) == (
        "1" * 40,
        "src",
        "2026-06-30",
        {"paths": ["a.js"]},
    )
    assert report.config == given.config.digest()
    assert report_of(scanned, inputs(), tree=None).as_of is None


def test_a_report_can_be_written_whatever_a_file_is_called() -> None:
    given = inputs()
    scanned, _ = scan_tree(MemoryTree({"\udcff %.js": POLLER.encode()}), given)
    report = report_of(scanned, given, tree=None)
    assert b'"path": "%FF %25.js"' in to_json(report)
    assert report.findings[0].path_encoded is True
