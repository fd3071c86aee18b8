"""Which files of a tree are scanned (contract: What is scanned)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.globs import literal_segments, matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_FOREIGN_FOLDERS = frozenset({"node_modules", "vendor", "third_party", "site-packages"})
_BUILD_FOLDERS = frozenset({"dist", "build"})
_PACKAGE_FILES = frozenset({"package.json", "pyproject.toml", "setup.py"})


def package_roots(paths: Iterable[str]) -> frozenset[str]:
    """The folders that are roots of packages, the tree's own root (`""`) included; a `build` in one is output."""
    roots = {path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] in _PACKAGE_FILES}
    return frozenset({"", *roots})


def selected(
    path: str,
    *,
    include: Collection[str] = (),
    exclude: Collection[str] = (),
    named: Collection[str] = (),
    package_roots: Collection[str] = frozenset({""}),
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
    spelled = frozenset().union(*map(literal_segments, covering))
    return all(
        any(_holds(foreign, place) for place in places if _holds(place, path)) or foreign.rpartition("/")[2] in spelled
        for foreign in _foreign_folders(path, package_roots)
    ) and (".min." not in path.rpartition("/")[2] or path in places or any(".min." in pattern for pattern in covering))


def _holds(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return path == folder or path.startswith(folder + "/")


def _foreign_folders(path: str, package_roots: Collection[str]) -> list[str]:
    """The folders on the way to a file that hold code of others, or output of a build."""
    found = []
    parent = ""
    for name in path.split("/")[:-1]:
        folder = f"{parent}/{name}" if parent else name
        if name in _FOREIGN_FOLDERS or (name in _BUILD_FOLDERS and parent in package_roots):
            found.append(folder)
        parent = folder
    return found
