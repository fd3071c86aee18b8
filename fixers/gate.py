"""The gate: which files can acquire anything at all, by their bytes; the others never meet a parser.

An access path (`fixers/names.py`) is made of names that stand in the file: a module or class in an import or a written
type, a method after a dot. So a file in which one of a path's names is missing holds nothing that the path acquires,
and nor does one that has the path's last name only where a `with` statement opens and closes the thing at once.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.resources import gate, resources
from fixers.resources.model import OnExit, Tables

if TYPE_CHECKING:
    from fixers.resources.model import Resource

_GLOBALS: Final = {Tables.JAVASCRIPT: "global", Tables.PYTHON: "builtins"}
"""How the access path of a name that is not bound in the file begins."""
_ANY_RECEIVER: Final = "*"
_STRINGS: Final = rb"""\"[^"\\\n]*+"|'[^'\\\n]*+'"""
_PLAIN: Final = rb"""[^()'"#\\]"""
_BEGINS_WITH: Final = re.compile(rb"\bwith[ \t]+(?:\w+\.)*+\Z")
_OPENS_BLOCK: Final = re.compile(
    # Parentheses that nest deeper than one level are not followed: then the gate opens, as it may.
    rb"\((?:%b|%b|\((?:%b|%b)*+\))*+\)(?:[ \t]+as[ \t]+\w+)?[ \t]*+:" % (_PLAIN, _STRINGS, _PLAIN, _STRINGS)
)
_LINE_BYTES: Final = 80
_QUOTES: Final = frozenset({b"'", b'"', b"`"})


class _Path(NamedTuple):
    """What a file holds that acquires something by one access path.

    Attributes:
        words: one of these.
        names: all of these.
        last: the last name, where it is more than a part of another.
        method: whether the last name is one of a receiver whose path does not matter.
        managed: whether a `with` statement ends what the path acquires.
        alias: in a file with this, the last name may stand where `last` does not find it.
    """

    words: tuple[bytes, ...]
    names: tuple[bytes, ...]
    last: re.Pattern[bytes]
    method: bool = False
    managed: bool = False
    alias: bytes | None = None


def may_acquire(tables: Tables, data: bytes) -> bool:
    """Whether a file may acquire any resource of a language; never False where it does.

    Args:
        tables: the language.
        data: the file's bytes.
    """
    if gate(tables).search(data) is None:
        return False
    present: dict[bytes, bool] = {}
    counted: dict[tuple[re.Pattern[bytes], bool, bool], bool] = {}

    def has(word: bytes) -> bool:
        if word not in present:
            present[word] = word in data
        return present[word]

    for path in _paths(tables):
        if all(map(has, path.names)) and any(map(has, path.words)):
            if path.alias is not None and has(path.alias):
                return True
            key = (path.last, path.method, path.managed)
            if key not in counted:
                counted[key] = any(_counts(path, data, name) for name in path.last.finditer(data))
            if counted[key]:
                return True
    return False


def _counts(path: _Path, data: bytes, name: re.Match[bytes]) -> bool:
    """Whether the last name of a path stands where it may acquire something that is not ended there."""
    if path.method:
        return _is_method(data, name)
    return not path.managed or not _is_managed(data, name)


def _is_method(data: bytes, name: re.Match[bytes]) -> bool:
    """Whether a name stands after a dot, or as a key in brackets."""
    before = data[max(0, name.start() - _LINE_BYTES) : name.start()].rstrip()
    return not before or before.endswith(b".") or (before[-1:] in _QUOTES and before[:-1].rstrip().endswith(b"["))


def _is_managed(data: bytes, name: re.Match[bytes]) -> bool:
    """Whether a name is called as the one item of a `with` statement, of Python."""
    before = data[max(0, name.start() - _LINE_BYTES) : name.start()]
    return _BEGINS_WITH.search(before) is not None and _OPENS_BLOCK.match(data, name.end()) is not None


@cache
def _paths(tables: Tables) -> tuple[_Path, ...]:
    """What the access paths of a language demand of a file; shorter ones first."""
    found = {_demands(entry, path) for entry in resources(tables) for path in entry.acquired_by}
    return tuple(sorted(found, key=lambda path: (len(path.names), path.names, path.words)))


def _demands(entry: Resource, path: str) -> _Path:
    *owners, last = path.replace("()", "").split(".")
    names = [owner.encode() for owner in owners if owner not in {*_GLOBALS.values(), _ANY_RECEIVER}]
    name = re.escape(last.encode())
    names.append(last.encode())
    # The name comes first, and what stands before it is looked at afterwards: literal text is found fastest.
    if entry.tables is Tables.PYTHON:
        is_global = owners == [_GLOBALS[Tables.PYTHON]]
        before = rb"[\w.]" if is_global else rb"\w"
        pattern = re.compile(rb"%b(?<!%b%b)(?!\w)" % (name, before, name))
        managed = entry.on_exit is not OnExit.COMMITS
        return _Path(entry.words, tuple(names), pattern, managed=managed, alias=b"builtins" if is_global else None)
    pattern = re.compile(rb"%b(?<![\w$]%b)(?![\w$])" % (name, name))
    return _Path(entry.words, tuple(names), pattern, method=owners == [_ANY_RECEIVER])
