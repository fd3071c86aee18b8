"""YAML of the configuration file as plain data, with the line and column of everything in it.

The file may come from a stranger's pull request, so it is read event by event: nesting is bounded before anything
recurses, and aliases, tags and directives, which a configuration does not need, are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from bot.config.faults import Fault, Path, Place, Value

MAX_BYTES = 64_000
MAX_DEPTH = 20


@dataclass
class Document:
    """The data of a file, and where each key and each value stands, by its path in the data."""

    data: Value = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def parse(data: bytes) -> Document:
    """The YAML document in some bytes; its `faults` say what was refused, and then its data is not to be used."""
    document = Document()
    if len(data) > MAX_BYTES:
        document.faults.append(Fault(1, 1, f"the file has {len(data)} bytes, at most {MAX_BYTES} are read; shorten it"))
        return document
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        place = Place(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        document.faults.append(Fault(*place, "the file is not UTF-8 here; save it as UTF-8"))
        return document
    try:
        _build(YAML(typ="safe", pure=True), text, document)
    except _RefusedError as refused:
        document.faults.append(refused.fault)
    except ReaderError as error:
        before = text[: int(error.position)]
        place = Place(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        document.faults.append(Fault(*place, "a control character is not allowed here; remove it"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        document.faults.append(Fault(*place, f"this is not YAML: {_sentence(error)}"))
    except YAMLError as error:
        document.faults.append(Fault(1, 1, f"this is not YAML: {error}"))
    return document


class _RefusedError(Exception):
    def __init__(self, place: Place, message: str) -> None:
        self.fault = Fault(*place, message)
        super().__init__(message)


@dataclass
class _Collection:
    """A mapping or a list whose end has not come yet; `key` is a mapping's key that waits for its value."""

    items: dict[str, Value] | list[Value]
    path: Path
    key: str | None = None


def _build(yaml: YAML, text: str, document: Document) -> None:
    """Fill `document` from the events of a text.

    Raises:
        _RefusedError: at the first thing that a configuration may not hold.
        YAMLError: the text is not YAML.
    """
    opened: list[_Collection] = []
    documents = 0
    for event in yaml.parse(text):
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            _check_document(event, documents, place)
        elif isinstance(event, CollectionEndEvent):
            opened.pop()
        elif isinstance(event, NodeEvent):
            _check_node(event, len(opened), place)
            top = opened[-1] if opened else None
            if top is not None and isinstance(top.items, dict) and top.key is None:
                top.key = _key(yaml, event, top, document, place)
                continue
            path = _attach_path(top)
            # The mark of a value that is not there is where the next token begins, lines further down.
            absent = isinstance(event, ScalarEvent) and not event.value and event.implicit[0]
            document.values[path] = document.keys.get(path, place) if absent else place
            value: Value
            if isinstance(event, ScalarEvent):
                value = _scalar(yaml, event, place)
            else:
                value = {} if isinstance(event, MappingStartEvent) else []
                opened.append(_Collection(value, path))
            _attach(top, value, document)


def _check_document(event: DocumentStartEvent, number: int, place: Place) -> None:
    if event.version or event.tags:
        raise _RefusedError(place, "directives (lines that start with %) are not allowed; remove them")
    if number > 1:
        raise _RefusedError(place, "a second document starts here; keep one, without `---`")


def _check_node(event: NodeEvent, depth: int, place: Place) -> None:
    if isinstance(event, AliasEvent):
        raise _RefusedError(place, f"aliases (*{event.anchor}) are not allowed; write the value out")
    if event.anchor is not None:
        raise _RefusedError(place, f"anchors (&{event.anchor}) are not allowed; write each value out where it is used")
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise _RefusedError(place, f"tags ({tag}) are not allowed; remove it, and quote the value if it is text")
    if depth > MAX_DEPTH:
        raise _RefusedError(place, f"nested deeper than {MAX_DEPTH} levels; no setting is that deep")


def _key(yaml: YAML, event: NodeEvent, mapping: _Collection, document: Document, place: Place) -> str:
    if not isinstance(event, ScalarEvent):
        raise _RefusedError(place, "a key must be text, not a list or a mapping; add the key before the colon")
    if event.value == "<<" and event.implicit[0]:
        raise _RefusedError(place, "merge keys (<<) are not allowed; write the settings out")
    key = _scalar(yaml, event, place)
    if not isinstance(key, str):
        raise _RefusedError(place, f"the key {event.value} is not text; quote it")
    path = (*mapping.path, key)
    if key in mapping.items:
        raise _RefusedError(place, f"`{key}` is set a second time, first in line {document.keys[path].line}; keep one")
    document.keys[path] = place
    return key


def _scalar(yaml: YAML, event: ScalarEvent, place: Place) -> Value:
    tag = yaml.resolver.resolve(ScalarNode, event.value, event.implicit)
    kind = str(tag).rpartition(":")[2]
    if kind not in {"null", "bool", "int", "float"}:
        return str(event.value)
    node = ScalarNode(tag, event.value, event.start_mark, event.end_mark)
    try:
        value = getattr(yaml.constructor, f"construct_yaml_{kind}")(node)
    except ValueError:
        value = math.nan
    if isinstance(value, float) and not math.isfinite(value):
        raise _RefusedError(place, f"{event.value[:20]} is not a number that can be used here; write a finite one")
    return value if value is None or isinstance(value, bool | int | float) else str(event.value)


def _attach_path(top: _Collection | None) -> Path:
    if top is None:
        return ()
    return (*top.path, len(top.items) if top.key is None else top.key)


def _attach(top: _Collection | None, value: Value, document: Document) -> None:
    if top is None:
        document.data = value
    elif isinstance(top.items, list):
        top.items.append(value)
    elif top.key is not None:
        top.items[top.key] = value
        top.key = None


def _sentence(error: MarkedYAMLError) -> str:
    parts = [str(part).strip() for part in (error.problem, error.context) if part]
    return ", ".join(parts) or "the syntax is wrong"
