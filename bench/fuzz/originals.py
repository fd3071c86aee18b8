"""Real files to mutate: the examples of every resource, and what lies in folders that everyone has."""

from __future__ import annotations

import sysconfig
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.engine import opens_gate
from fixers.resources import resources
from fixers.source import Tables, language_of, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent.parent
MAX_BYTES: Final = 200_000


class Original(NamedTuple):
    """A file: its name with the suffix that says its language, and its bytes."""

    name: str
    data: bytes


def default_folders() -> tuple[Path, ...]:
    """The installed packages of this environment, those of the tests' Node, and our own examples."""
    return (Path(sysconfig.get_path("purelib")), ROOT / "tests" / "js" / "node_modules", ROOT / "examples")


def examples() -> list[Original]:
    """The examples of every resource entry, leaking, fixed and clean, in order."""
    found: list[Original] = []
    for tables in Tables:
        for entry in resources(tables):
            for leaking in entry.leaking:
                found += [Original(leaking.path, text.encode()) for text in (leaking.leaking, leaking.fixed) if text]
            found += [Original(clean.path, clean.code.encode()) for clean in entry.clean]
    return found


def originals_in(folders: Iterable[Path]) -> list[Original]:
    """The files of folders that the engine would judge, by path, so that equal folders give equal lists.

    Files above 200 kB are left out, so that a run is not spent on a few of them.
    """
    return [original for folder in folders for original in _of_folder(folder)]


def digest(originals: Sequence[Original]) -> str:
    """Twelve hexadecimal digits that are equal where two runs had the same files."""
    total = sha256()
    for original in originals:
        total.update(f"{original.name} {len(original.data)}\0".encode("utf-8", "surrogateescape") + original.data)
    return total.hexdigest()[:12]


def _of_folder(folder: Path) -> Iterator[Original]:
    for path in sorted(folder.rglob("*.*")):
        language = language_of(path.name)
        if language is None or not path.is_file() or path.stat().st_size > MAX_BYTES:
            continue
        data = path.read_bytes()
        if unreadable(path.name, data) is None and opens_gate(language, data):
            yield Original(path.name, data)
