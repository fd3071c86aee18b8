"""Where collections that grow are defined: a variable of a module, or an attribute that a class sets, in its source."""

from __future__ import annotations

import ast
import gc
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .containers import SMALL

if TYPE_CHECKING:
    from .census import Tally

_MOST_SOUGHT = 10
_LARGEST_SOURCE = 2_000_000


class Growing:
    """Knows how large collections were, and where those are defined that have grown."""

    def __init__(self) -> None:
        self._lengths: dict[int, int] = {}
        self._definitions: dict[int, str | None] = {}

    def own_collections(self) -> list[object]:
        """What it keeps itself."""
        return [self._lengths, self._definitions]

    def tell(self, found: list[tuple[Any, str, int]], names: dict[int, str], tally: Tally) -> None:
        """Tells the definitions of collections that have grown; seeks few of them at a time, because it is slow."""
        lengths = {id(collection): length for collection, _, length in found}
        sought = 0
        for collection, kind, length in found:
            key = id(collection)
            if key not in self._definitions and length > self._lengths.get(key, length) and sought < _MOST_SOUGHT:
                sought += 1
                self._definitions[key] = _definition(collection, names.get(key))
            tally.place("collections", names.get(key, kind), self._definitions.get(key), length - SMALL)
        self._definitions = {key: site for key, site in self._definitions.items() if key in lengths}
        self._lengths = lengths


def _definition(collection: object, name: str | None) -> str | None:
    if name is not None:
        module, _, variable = name.rpartition(".")
        return _assigned(sys.modules.get(module), variable, None)
    for owner, attribute in _owners(collection):
        site = _assigned(sys.modules.get(type(owner).__module__), attribute, type(owner).__name__)
        if site is not None:
            return site
    return None


def _owners(collection: object) -> list[tuple[object, str]]:
    """The instances that have it as an attribute, with its name."""
    found: list[tuple[object, str]] = []
    for referrer in gc.get_referrers(collection):
        holders = gc.get_referrers(referrer) if type(referrer) is dict else [referrer]
        for holder in holders:
            attributes = getattr(holder, "__dict__", None)
            if type(attributes) is dict and not isinstance(holder, (type, ModuleType)):
                found += [(holder, name) for name, value in tuple(attributes.items()) if value is collection]
    return found


def _assigned(module: Any, name: str, owner: str | None) -> str | None:
    """Where a name is first given a value: of a module, or, as an attribute, in one of its classes."""
    path = getattr(module, "__file__", None)
    if not isinstance(path, str):
        return None
    try:
        with open(path, "rb") as file:
            tree: ast.AST = ast.parse(file.read(_LARGEST_SOURCE))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    if owner is not None:
        classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == owner]
        if not classes:
            return None
        tree = classes[0]
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_is_named(target, name, owner) for target in targets):
                return f"{path}\t{node.value.lineno}\t{node.value.col_offset + 1}"
    return None


def _is_named(target: ast.expr, name: str, owner: str | None) -> bool:
    if isinstance(target, ast.Name):
        return target.id == name
    return owner is not None and isinstance(target, ast.Attribute) and target.attr == name
