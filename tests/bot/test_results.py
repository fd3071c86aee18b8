"""The folder for results: what is replaced, and what is nobody's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.results import BODIES, BRANCHES, COMMENT, PUBLISHED, REPORT, Results
from tests.bot.footprint import footprint

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_is_made_with_the_first_result(tmp_path: Path) -> None:
    results = Results(tmp_path / "a" / "b")
    results.check(PUBLISHED)
    results.clear(PUBLISHED)
    assert list(tmp_path.iterdir()) == []
    results.fresh(COMMENT).write_text("hello")
    assert (tmp_path / "a" / "b" / COMMENT).read_text() == "hello"


def test_an_earlier_result_is_replaced(tmp_path: Path) -> None:
    for text in ("one", "two"):
        results = Results(tmp_path)
        results.fresh(REPORT).write_text(text)
        bodies = results.fresh(BODIES)
        bodies.mkdir()
        (bodies / text).touch()
    assert (tmp_path / REPORT).read_text() == "two"
    assert [path.name for path in (tmp_path / BODIES).iterdir()] == ["two"]


def test_what_is_cleared_is_gone_and_the_rest_stays(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.fresh(COMMENT).write_text("hello")
    results.fresh(BODIES).mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    Results(tmp_path).clear(PUBLISHED)
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", ".stanch-results"}
    (tmp_path / COMMENT).write_text("mine, since")
    with pytest.raises(FileExistsError):
        Results(tmp_path).fresh(COMMENT)


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_no_rehearsal_has_made_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "work.txt").write_text("a year of work")
    before = footprint(tmp_path)
    for step in (Results(tmp_path).check, Results(tmp_path).clear):
        with pytest.raises(FileExistsError, match="not made by a rehearsal") as caught:
            step(PUBLISHED)
        assert caught.value.filename == str(tmp_path / name)
    with pytest.raises(FileExistsError):
        Results(tmp_path).fresh(name)
    assert footprint(tmp_path) == before


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "work.txt").write_text("a year of work")
    before = footprint(elsewhere)
    results = Results(tmp_path / "out")
    for name in (BODIES, BRANCHES, COMMENT):
        results.fresh(name).symlink_to(elsewhere)
    results.fresh(BODIES).mkdir()
    assert (tmp_path / "out" / BODIES).is_dir() and not (tmp_path / "out" / BODIES).is_symlink()
    results.clear(PUBLISHED)
    assert footprint(elsewhere) == before


def test_a_link_that_somebody_else_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / COMMENT).symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        Results(tmp_path).fresh(COMMENT)
    assert (tmp_path / COMMENT).is_symlink()


def test_a_manifest_names_nothing_but_results(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "work").mkdir()
    (out / "src").mkdir()
    (out / ".stanch-results").write_bytes(b"../work\nsrc\n/\n\n.\n\xff\n")
    with pytest.raises(FileExistsError):
        Results(out).clear(["src"])
    with pytest.raises(FileExistsError):
        Results(out).clear(["../work"])
    assert (tmp_path / "work").is_dir()
