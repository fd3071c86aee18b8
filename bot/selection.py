"""Which files of a tree are scanned (contract: What is scanned)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bot.globs import literal_segments, matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_FOREIGN_FOLDERS = frozenset({"node_modules", "vendor", "third_party", "site-packages"})
_BUILD_FOLDERS = frozenset({"dist", "build"})
_PACKAGE_FILES = frozenset({"package.json", "pyproject.toml", "setup.py"})


def package_roots(paths: Iterable[str]) -> frozenset[str]:
    """The folders that are roots of packages, the tree's own root (`""`) included; a `build` in one is output."""
    parted = (path.rpartition("/") for path in paths)
    return frozenset({"", *(folder for folder, _, name in parted if name in _PACKAGE_FILES)})


def selected(
    path: str,
    *,
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    named: Collection[str] = (),
    package_roots: frozenset[str] = frozenset({""}),
) -> bool:
    """Whether a file is scanned.

    What is never scanned unless named is named by a path that leads into it, or by a pattern of `include` that covers
    the file and spells the folder's name: `vendor/ours/**` does, `**/*.js` does not. Naming a folder lifts the rule
    for that folder only, not for a `node_modules` further down.

    Args:
        path: the file, relative to the root of the tree.
        include: patterns of the configuration; with any, only what they cover is scanned.
        exclude: patterns of the configuration; they win over `include`.
        named: files and folders that the user named, relative to the root of the tree; with any, only these.
        package_roots: see `package_roots`.
    """
    places = [place.strip("/") for place in named if place not in {"", "."}]
    if len(places) == len(named) > 0 and not any(_holds(place, path) for place in places):
        return False
    covering = [pattern for pattern in include if matches(pattern, path)]
    if (include and not covering) or any(matches(pattern, path) for pattern in exclude):
        return False
    folder, _, name = path.rpartition("/")
    foreign = _foreign_folders(folder, package_roots)
    if foreign:
        spelled = frozenset().union(*map(literal_segments, covering))
        near = [place for place in places if _holds(place, path)]
        if not all(
            any(_holds(each, place) for place in near) or each.rpartition("/")[2] in spelled for each in foreign
        ):
            return False
    return ".min." not in name or path in places or any(".min." in pattern for pattern in covering)


def _holds(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return path == folder or path.startswith(folder + "/")


@lru_cache(maxsize=8192)
def _foreign_folders(folder: str, package_roots: frozenset[str]) -> tuple[str, ...]:
    """Those of a folder and the folders around it that hold code of others, or output of a build."""
    found = []
    parent = ""
    for name in folder.split("/"):
        inner = f"{parent}/{name}" if parent else name
        if name in _FOREIGN_FOLDERS or (name in _BUILD_FOLDERS and parent in package_roots):
            found.append(inner)
        parent = inner
    return tuple(found)
