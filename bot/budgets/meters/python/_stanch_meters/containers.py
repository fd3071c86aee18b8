"""Collections that have become large: their entries beyond the first forty, so that growth by one shows as one."""

from __future__ import annotations

import gc
import sys
from _collections import OrderedDict, defaultdict, deque  # type: ignore[import-not-found]
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .frames import origin
from .kinds import printable

if TYPE_CHECKING:
    from .census import Tally
    from .witness import Sites

SMALL = 40
"""Up to this, collections come and go."""
_KINDS: dict[type, Any] = {
    dict: dict.__len__,
    list: list.__len__,
    set: set.__len__,
    deque: deque.__len__,
    OrderedDict: dict.__len__,
    defaultdict: dict.__len__,
}
_IDS = {id(kind): (kind.__name__, length) for kind, length in _KINDS.items()}
_CHUNK = 2000
_ALL_TRACKED = sys.version_info >= (3, 14)


def count(objects: list[object], tally: Tally, sites: Sites | None) -> None:
    """Counts the entries of large collections, under the names of the variables of the program's own modules."""
    ours = [objects, *tally.collections(), *([] if sites is None else sites.own_collections())]
    skipped = {id(collection) for collection in (*ours, sys.modules, sys.path_importer_cache)}
    names = _names(skipped)
    found = _large(objects, skipped)
    for collection, kind, length in found:
        detail = names.get(id(collection), kind)
        tally.add("collections", detail, length - SMALL)
    if sites is not None:
        sites.collections(found, names, tally)


def _names(skipped: set[int]) -> dict[int, str]:
    """The names of collections that are variables of the program's modules; adds all modules' own to `skipped`."""
    names: dict[int, str] = {}
    for module_name, module in tuple(sys.modules.items()):
        if type(module_name) is not str or not issubclass(type(module), ModuleType):
            continue
        variables = object.__getattribute__(module, "__dict__")
        skipped.add(id(variables))
        path = variables.get("__file__")
        if module_name != "__main__" and (type(path) is not str or origin(path) != "program"):
            continue
        for name, value in tuple(variables.items()):
            if id(type(value)) in _IDS and type(name) is str:
                names.setdefault(id(value), printable(f"{module_name}.{name}"))
    return names


def _large(objects: list[object], skipped: set[int]) -> list[tuple[Any, str, int]]:
    found: list[tuple[Any, str, int]] = []
    for collection in objects:
        known = _IDS.get(id(type(collection)))
        if known is not None and known[1](collection) > SMALL and id(collection) not in skipped:
            found.append((collection, known[0], known[1](collection)))
    if _ALL_TRACKED:
        return found
    # Dictionaries that hold only text and numbers are unknown to the collector; what refers to them is not. Modules do
    # not own all that they give as referred to: asyncio's in Python 3.12.1 gives objects that are freed.
    owners = [owner for owner in objects if not issubclass(type(owner), ModuleType)]
    for start in range(0, len(owners), _CHUNK):
        for referent in gc.get_referents(*owners[start : start + _CHUNK]):
            if type(referent) is not dict or gc.is_tracked(referent) or len(referent) <= SMALL:
                continue
            if id(referent) not in skipped:
                skipped.add(id(referent))
                found.append((referent, "dict", len(referent)))
    return found
