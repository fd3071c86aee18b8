"""The gate: which files can acquire anything at all, by their bytes; the others never meet a parser.

An access path (`fixers/names.py`) is made of names that stand in the file: a module in an import, a class in a written
type, a method after a dot. A file in which one of them is missing, or stands only where it cannot be meant, holds
nothing that the path acquires; nor does one in which a `with` statement opens and closes the thing at once.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from fixers.prose import Prose
from fixers.resources import resources
from fixers.resources.model import OnExit, Tables

if TYPE_CHECKING:
    from fixers.resources.model import Resource

_GLOBALS: Final = {Tables.JAVASCRIPT: "global", Tables.PYTHON: "builtins"}
"""How the access path of a name that is not bound in the file begins."""
_ANY_RECEIVER: Final = "*"
_QUOTES: Final = frozenset({b"'", b'"', b"`"})
_BEFORE_BYTES: Final = 80
_BEGINS_WITH: Final = re.compile(rb"\bwith[ \t]+(?:\w+\.)*+\Z")
_STRINGS: Final = rb"""\"[^"\\\n]*+"|'[^'\\\n]*+'"""
_PLAIN: Final = rb"""[^()'"#\\]"""
_OPENS_BLOCK: Final = re.compile(
    # Parentheses that nest deeper than one level are not followed: then the gate opens, as it may.
    rb"\((?:%b|%b|\((?:%b|%b)*+\))*+\)(?:[ \t]+as[ \t]+\w+)?[ \t]*+:" % (_PLAIN, _STRINGS, _PLAIN, _STRINGS)
)
_WORDS_ONLY: Final = bytes(
    code if code >= 128 or chr(code).isalnum() or code in b"_$" else ord(" ") for code in range(256)
)
"""Letters, digits, `_`, `$` and what is beyond ASCII as they are, everything else a space."""
_BEGINS_TYPE: Final = re.compile(rb"(?:[(,\n]\s*+\**+\w++\s*+:|->)\s*+\Z")
_ENDS_TYPE: Final = re.compile(rb"[ \t]*+[,)=|:\r\n]")
_WORD_BEFORE: Final = re.compile(rb"([^\W\d]\w*+)[ \t]++\Z")
_WORD_AFTER: Final = re.compile(rb"[ \t]++([^\W\d]\w*+)")
_NEIGHBOURS: Final = frozenset(word.encode() for word in (*keyword.kwlist, *keyword.softkwlist, "print", "exec")) - {
    b"def"
}
"""What may stand beside a name that is used; between other words a name is prose, or what a `def` gives its name to."""
_MAY_END_STRING: Final = re.compile(rb"['\"{\r]")
_QUOTED_PATH: Final = re.compile(rb"(['\"])(?:\w++\.)++\Z")
_NOT_USED_ITSELF: Final = re.compile(rb"[ \t]*+(?:=(?!=)|\.[ \t]*+\w)")
_CALLED_ITEM: Final = re.compile(rb"['\"]\s*+\]\s*+\(")
_INDEX: Final = rb"(?:[\w.,| \t\r\n]++|\[[\w.,| \t\r\n]*+\])*+"
_BEGINS_INDEX: Final = re.compile(rb"\b([^\W\d]\w*+)\[%b(?:\[%b)?\Z" % (_INDEX, _INDEX))
_ENDS_INDEX: Final = re.compile(rb"\s*+[\],|]")
_BEGINS_IMPORT: Final = re.compile(rb"\b(?:from|import)[ \t]++\Z")
_RENAMES: Final = re.compile(rb"[ \t]+as\b")
_LIST: Final = rb"(?:[^\n\\#;(]|\\\r?\n)"
"""A letter of an import statement that is not in parentheses."""
_IMPORTING: Final = [
    # An expression for each word: one that begins with literal text is found fastest.
    re.compile(rb"%b(?<!\w%b)[ \t]+((?:[^\n\\#;(]++|\\\r?\n)*+)" % (word, word))
    for word in (b"from", b"import")
]
_IMPORTED_NAME: Final = re.compile(rb"(?<![\w.])\w++")


@dataclass(frozen=True)
class _Demand:
    """What a file holds that acquires something by one access path.

    Attributes:
        words: all of these, as whole words.
        texts: one of these.
        last: the last name, as a whole word; this and the next two are regular expressions.
        module: the module that the file imports; None for a global, or any receiver.
        bare: whether the last name counts where it does not follow a dot: always, never, or beside this import of it.
        attribute: whether it counts after a dot.
        managed: whether a `with` statement ends what the path acquires.
        alias: in a file that imports this, the last name may stand after a dot too.
    """

    words: frozenset[bytes]
    texts: tuple[bytes, ...]
    last: bytes
    module: bytes | None
    bare: bytes | bool
    attribute: bool
    managed: bool
    alias: bytes | None


def may_acquire(tables: Tables, data: bytes) -> bool:
    """Whether a file may acquire any resource of a language; never False where it does.

    Args:
        tables: the language.
        data: the file's bytes.
    """
    demands = _demands(tables)
    words = _demanded_words(tables).intersection(data.translate(_WORDS_ONLY).split())
    bytes_of = _Bytes(tables, data, words)
    return any(bytes_of.meets(demand) for last in demands.keys() & words for demand in demands[last])


class _Place(NamedTuple):
    """Where a name stands: after a dot or not, as the one call that a `with` statement opens or not, and its end."""

    after_dot: bool
    managed: bool
    end: int


class _Bytes:
    """A file's bytes, with what was already looked for in them."""

    def __init__(self, tables: Tables, data: bytes, words: frozenset[bytes]) -> None:
        self._is_python = tables is Tables.PYTHON
        self._data = data
        self._words = words
        self._prose = Prose(data)
        self._ends: dict[bytes, frozenset[int]] = {}
        self._places: dict[bytes, list[_Place]] = {}

    def meets(self, demand: _Demand) -> bool:
        """Whether the file holds what one access path demands."""
        if not demand.words <= self._words or not any(text in self._data for text in demand.texts):
            return False
        if demand.module is not None and not self._imports(demand.module):
            return False
        attribute = demand.attribute or (demand.alias is not None and self._imports(demand.alias))
        return any(
            (attribute if place.after_dot else self._counts_bare(demand, place))
            and not (place.managed and demand.managed)
            and not self._is_text(place)
            for place in self._places_of(demand.last)
        )

    def _is_text(self, place: _Place) -> bool:
        """Whether a name stands in a comment or a string, other than one that is the name of an item."""
        is_item = self._data[place.end : place.end + 1] in _QUOTES
        return self._is_python and not is_item and self._prose.holds(place.end)

    def _counts_bare(self, demand: _Demand, place: _Place) -> bool:
        if isinstance(demand.bare, bool):
            return demand.bare
        imported = self._ends_of(demand.bare)
        is_import = place.end in imported and _RENAMES.match(self._data, place.end) is None
        return bool(imported) and not is_import

    def _imports(self, module: bytes) -> bool:
        if not self._is_python:
            return bool(self._ends_of(_in_quotes(module)))
        return module in self._words and module in self._imported_names

    @cached_property
    def _imported_names(self) -> frozenset[bytes]:
        """The names in Python's import statements up to a parenthesis, and maybe others: no module is missing."""
        statements = (statement for begun in _IMPORTING for statement in begun.findall(self._data))
        return frozenset(name for statement in statements for name in _IMPORTED_NAME.findall(statement))

    def _ends_of(self, pattern: bytes) -> frozenset[int]:
        """Where matches of an expression end."""
        if pattern not in self._ends:
            self._ends[pattern] = frozenset(found.end() for found in _compiled(pattern).finditer(self._data))
        return self._ends[pattern]

    def _places_of(self, name: bytes) -> list[_Place]:
        """Where a name stands, other than as a written type or right after `import` or `from`."""
        if name not in self._places:
            places = (self._place(found) for found in _compiled(name).finditer(self._data))
            self._places[name] = [place for place in places if place is not None]
        return self._places[name]

    def _place(self, name: re.Match[bytes]) -> _Place | None:
        before = self._data[max(0, name.start() - _BEFORE_BYTES) : name.start()]
        if self._is_python and self._is_no_use(before, name):
            return None
        near = before.rstrip()
        if near.endswith(b".") or (near[-1:] in _QUOTES and self._is_item(near, name.end())):
            return _Place(True, self._is_managed(before, name.end()), name.end())
        if self._is_python and (self._is_prose(before, name.end()) or self._is_index(before, name.end())):
            return None
        if _BEGINS_TYPE.search(before) and _ENDS_TYPE.match(self._data, name.end()):
            return None
        if _BEGINS_IMPORT.search(before) and _RENAMES.match(self._data, name.end()) is None:
            return None
        return _Place(False, self._is_managed(before, name.end()), name.end())

    def _is_no_use(self, before: bytes, name: re.Match[bytes]) -> bool:
        """Whether the name is in a comment, ends a string that is a dotted name, is what a `=` gives a value to, or
        what an attribute is taken of.
        """
        line = before[before.rfind(b"\n") + 1 :]
        # Without a quote or a brace the line is all of a string, or up to here none of it.
        if b"#" in line and (line != before or name.start() <= _BEFORE_BYTES) and not _MAY_END_STRING.search(line):
            return True
        path = _QUOTED_PATH.search(line)
        if path is not None and path[1] == self._data[name.end() : name.end() + 1]:
            return True
        return _NOT_USED_ITSELF.match(self._data, name.end()) is not None

    def _is_item(self, near: bytes, end: int) -> bool:
        """Whether the name in quotes is an item; in Python a module has none, so only one that is called counts."""
        is_subscript = near[:-1].rstrip().endswith(b"[")
        return is_subscript and (not self._is_python or _CALLED_ITEM.match(self._data, end) is not None)

    def _is_index(self, before: bytes, end: int) -> bool:
        """Whether the name stands in the brackets of a subscript: a type's argument, or a key."""
        subscript = _BEGINS_INDEX.search(before)
        return (
            subscript is not None and subscript[1] not in _NEIGHBOURS and _ENDS_INDEX.match(self._data, end) is not None
        )

    def _is_prose(self, before: bytes, end: int) -> bool:
        """Whether another name stands beside it, or a quote before it, so that Python looks nothing up."""
        word = _WORD_BEFORE.search(before) or _WORD_AFTER.match(self._data, end)
        if word is not None and word[1] not in _NEIGHBOURS:
            return True
        # No operator stands between, so it is the string that begins there which the name is in.
        return before.rstrip(b" \t")[-1:] in _QUOTES

    def _is_managed(self, before: bytes, end: int) -> bool:
        return _BEGINS_WITH.search(before) is not None and _OPENS_BLOCK.match(self._data, end) is not None


@cache
def _demands(tables: Tables) -> dict[bytes, tuple[_Demand, ...]]:
    """What the access paths of a language demand, by one word that each of them needs."""
    demand_of = _in_python if tables is Tables.PYTHON else _in_javascript
    table: dict[bytes, list[_Demand]] = {}
    for entry in resources(tables):
        for path in entry.acquired_by:
            # The word that stands in fewest files is likely the longest.
            demand = demand_of(entry, path)
            table.setdefault(max(demand.words, key=lambda word: (len(word), word)), []).append(demand)
    return {word: tuple(demands) for word, demands in table.items()}


@cache
def _demanded_words(tables: Tables) -> frozenset[bytes]:
    """Every word that any access path of a language demands."""
    words: set[bytes] = set()
    for demands in _demands(tables).values():
        words.update(*(demand.words for demand in demands), *([demand.alias] for demand in demands if demand.alias))
    return frozenset(words)


def _in_python(entry: Resource, path: str) -> _Demand:
    *owners, last = path.replace("()", "").split(".")
    is_global = owners == [_GLOBALS[Tables.PYTHON]]
    is_method = owners == [_ANY_RECEIVER]
    module: bytes | None = None
    bare: bytes | bool = is_global
    if not is_global and not is_method:
        module = (owners or [last])[0].encode()
        if not path.partition("()")[2]:
            start = rb"from(?<!\wfrom)[ \t]+%b[\w.]*+[ \t]+import\b[ \t]*" % module
            bare = rb"%b(?:\([^)]*?|%b*?)(?<!\w)%b(?!\w)" % (start, _LIST, last.encode())
    return _Demand(
        _words_of(path, Tables.PYTHON),
        entry.words,
        _whole_word(last, rb"\w"),
        module,
        bare,
        attribute=not is_global,
        managed=entry.on_exit is not OnExit.COMMITS,
        alias=b"builtins" if is_global else None,
    )


def _in_javascript(entry: Resource, path: str) -> _Demand:
    *owners, last = path.replace("()", "").split(".")
    is_global = owners[:1] == [_GLOBALS[Tables.JAVASCRIPT]]
    is_method = owners == [_ANY_RECEIVER]
    module: bytes | None = None
    if not is_global and not is_method:
        module = (owners or [last])[0].encode()
    return _Demand(
        _words_of(path, Tables.JAVASCRIPT),
        entry.words,
        _whole_word(last, rb"[\w$]"),
        module,
        bare=not is_method,
        attribute=True,
        managed=False,
        alias=None,
    )


def _in_quotes(module: bytes) -> bytes:
    """How the import of a JavaScript module names it. Its name may hold dots, so its end is not looked at."""
    return rb"['\"`](?:node:)?%b" % re.escape(module)


def _words_of(path: str, tables: Tables) -> frozenset[bytes]:
    """The words of an access path that stand in the file."""
    return frozenset(path.encode().translate(_WORDS_ONLY).split()) - {_GLOBALS[tables].encode()}


def _whole_word(name: str, letters: bytes) -> bytes:
    """The name comes first, and what stands before it is looked at afterwards: literal text is found fastest."""
    word = re.escape(name.encode())
    return rb"%b(?<!%b%b)(?!%b)" % (word, letters, word, letters)


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """An expression, made when a file first asks for it: compiling all of them takes longer than a small scan."""
    return re.compile(pattern)
