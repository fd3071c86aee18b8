"""The files of a revision in a folder of their own, from git's objects: no hook and no filter is run."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.objects import ObjectReader
from bot.tree_listing import tree_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.git import Repository
    from bot.tree_listing import Entry

_EXECUTABLE: Final = b"100755"
_LINK: Final = b"120000"
_SUBMODULE: Final = b"160000"
_NEVER: Final = frozenset({b"", b".", b"..", b".git"})


@contextmanager
def exported(repository: Repository, commit: str) -> Iterator[Path]:
    """The files of a commit in a fresh folder, which is removed afterwards with all that was made in it.

    Submodules are left out, and what git itself would not check out. Nothing is written through a link.

    Args:
        repository: where the commit is.
        commit: its id.

    Raises:
        GitError: objects are missing, or git fails.
        OSError: they cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="stanch-measure-", ignore_cleanup_errors=True) as name:
        folder = Path(os.path.realpath(name))
        entries = [entry for entry in tree_entries(repository, commit) if _is_wanted(entry)]
        # Links last: a forged tree can hold a link `a` and a file `a/b`.
        entries.sort(key=lambda entry: entry.mode == _LINK)
        with ObjectReader(repository) as reader:
            for entry in entries:
                _write(folder / os.fsdecode(entry.path), entry, reader.read(entry.object_id))
        yield folder


def _is_wanted(entry: Entry) -> bool:
    return entry.mode != _SUBMODULE and not any(part.lower() in _NEVER for part in entry.path.split(b"/"))


def _write(place: Path, entry: Entry, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if entry.mode == _LINK:
        place.symlink_to(os.fsdecode(data))
        return
    with place.open("xb") as file:
        file.write(data)
    place.chmod(0o755 if entry.mode == _EXECUTABLE else 0o644)
