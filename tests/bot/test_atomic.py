from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from bot.atomic import ReplaceError, replace_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "a.js"
    made.write_bytes(b"before")
    return made


def test_a_file_is_replaced_and_keeps_its_mode(file: Path) -> None:
    file.chmod(0o640)
    replace_file(file, b"after", expected=b"before")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"after", 0o640)
    assert list(file.parent.iterdir()) == [file]


def test_a_new_file_has_the_user_s_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        replace_file(tmp_path / "new", b"data")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_file_that_changed_is_left_alone(file: Path) -> None:
    with pytest.raises(ReplaceError, match="has changed since it was read"):
        replace_file(file, b"after", expected=b"something else")
    assert file.read_bytes() == b"before"
    file.unlink()
    with pytest.raises(ReplaceError, match="has changed since it was read"):
        replace_file(file, b"after", expected=b"before")
    assert not file.exists()


def test_a_link_is_not_written_through(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(ReplaceError, match="is not a plain file"):
        replace_file(link, b"after")
    assert file.read_bytes() == b"before"


def test_a_failure_leaves_the_file_and_no_rest(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(file, b"after")
    assert file.read_bytes() == b"before"
    assert list(file.parent.iterdir()) == [file]
