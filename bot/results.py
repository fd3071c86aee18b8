"""The folder for the results of a rehearsal: which names in it are an earlier rehearsal's, and may be replaced."""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING, Final

from bot.atomic import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COMMENT: Final = "comment.md"
CHECK: Final = "check.json"
REVIEW: Final = "review.json"
REPORT: Final = "report.json"
SARIF: Final = "report.sarif"
HTML: Final = "report.html"
BEFORE_AFTER: Final = "before-after.md"
BODIES: Final = "fixes"
BRANCHES: Final = "fixes.git"
PUBLISHED: Final = (COMMENT, CHECK, REVIEW, REPORT, SARIF, HTML, BEFORE_AFTER, BODIES, BRANCHES)
EXAMPLE: Final = "example"
CLONE: Final = "clone.git"

_NAMES = frozenset({*PUBLISHED, EXAMPLE, CLONE})
_MANIFEST = ".stanch-results"


class Results:
    """What lies in one folder; the folder is made when the first result is.

    A manifest in it says which names a rehearsal has made. Only these are ever removed; whatever else lies there under
    a name that is needed is somebody else's, and an error.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self, names: Iterable[str]) -> None:
        """Makes sure that these names may be used.

        Raises:
            FileExistsError: something lies there that no rehearsal has made.
            NotADirectoryError: the folder is none.
        """
        if os.path.lexists(self.folder) and not self.folder.is_dir():
            what = "it is not a folder, and results need one; choose another --output"
            raise NotADirectoryError(errno.ENOTDIR, what, os.fspath(self.folder))
        ours = self._ours()
        for name in names:
            if name not in ours and os.path.lexists(self.folder / name):
                what = "it was not made by a rehearsal, so it is left alone; move it away, or choose another --output"
                raise FileExistsError(errno.EEXIST, what, os.fspath(self.folder / name))

    def clear(self, names: Iterable[str]) -> None:
        """Removes what an earlier rehearsal has made under these names; of a link only the link.

        Raises:
            FileExistsError: see `check`.
            OSError: it cannot be removed.
        """
        names = list(names)
        self.check(names)
        for name in names:
            place = self.folder / name
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
        self._remember(self._ours() - set(names))

    def fresh(self, name: str) -> Path:
        """The place for a result, where nothing lies any more; whoever asks makes it.

        Raises:
            FileExistsError: see `check`.
            OSError: the folder cannot be made, or what lies there not be removed.
        """
        self.clear([name])
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remember({*self._ours(), name})
        return self.folder / name

    def _ours(self) -> frozenset[str]:
        """The names of the manifest; what a manifest may not name is not believed."""
        try:
            text = (self.folder / _MANIFEST).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return frozenset()
        return _NAMES.intersection(text.splitlines())

    def _remember(self, names: Iterable[str]) -> None:
        text = "".join(f"{name}\n" for name in sorted(names))
        manifest = self.folder / _MANIFEST
        if text or manifest.is_file():
            replace_file(manifest, text.encode())
