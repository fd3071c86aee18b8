"""The label files: facts about public repositories at fixed commits, one JSON object a line.

The name of a file says what its lines are: `*-fixes.jsonl` leaks that a commit mended, `*-clean.jsonl` look-alikes that
are no leaks, `*-sites.jsonl` sites of which each is labelled leak, shutdown or ok. See docs/benchmark.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from fixers.source import Language, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class LabelsError(Exception):
    """A label file cannot be used; the message says which line and why."""


class Expected(StrEnum):
    """What a right answer is: a pair (found before, silent after), a leak that is found, or silence."""

    PAIR = "pair"
    LEAK = "leak"
    CLEAN = "clean"


class Scope(StrEnum):
    """Whether one file is enough to see the leak."""

    FILE = "file"
    CROSS_FILE = "cross-file"


class Place(msgspec.Struct, frozen=True):
    """A line of a file at a commit."""

    commit: str
    path: str
    line: int


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled place.

    Args:
        id: unique over all label files.
        file: the stem of the label file.
        expected: what a right answer is.
        before: where the acquisition stands; of a pair, before the fix.
        after: the same place after the fix.
        span: first and last line of the function, effect or class concerned.
        confidence: how sure the label is, where it says so.
        pattern: what was wrong; of Python pairs, whether the normal path leaked too.
        missing: what was missing, or why nothing is.
        python3: false for a file that is only Python 2.
    """

    id: str
    file: str
    expected: Expected
    repo: str
    before: Place
    after: Place | None = None
    span: tuple[int, int] | None = None
    scope: Scope = Scope.FILE
    kind: str
    shape: str = "not said"
    pattern: str = "not said"
    confidence: str = "not said"
    expr: str
    missing: str
    fix: str = ""
    python3: bool = True

    @property
    def language(self) -> str:
        """Whose tables apply, for tables: Python or JavaScript."""
        return "Python" if language_of(self.before.path) is Language.PYTHON else "JavaScript"


class _Fixed(msgspec.Struct, frozen=True):
    id: str
    repo: str
    fix_commit: str
    parent: str
    path: str
    line: int
    lines_span: tuple[int, int]
    after_path: str
    after_line: int
    kind: str
    shape: str
    scope: Scope
    expr: str
    missing: str
    fix: str
    confidence: str
    pattern: str | None = None
    always: bool | None = None
    py3: bool = True

    def label(self, file: str) -> Label:
        always = {True: "leaks always", False: "leaks on some paths", None: "not said"}[self.always]
        return Label(
            id=self.id,
            file=file,
            expected=Expected.PAIR,
            repo=self.repo,
            before=Place(self.parent, self.path, self.line),
            after=Place(self.fix_commit, self.after_path, self.after_line),
            span=self.lines_span,
            scope=self.scope,
            kind=self.kind,
            shape=self.shape,
            pattern=self.pattern or always,
            confidence=self.confidence,
            expr=self.expr,
            missing=self.missing,
            fix=self.fix,
            python3=self.py3,
        )


class _Clean(msgspec.Struct, frozen=True):
    id: str
    repo: str
    commit: str
    path: str
    line: int
    kind: str
    shape: str
    expr: str
    why_ok: str

    def label(self, file: str) -> Label:
        return Label(
            id=self.id,
            file=file,
            expected=Expected.CLEAN,
            repo=self.repo,
            before=Place(self.commit, self.path, self.line),
            kind=self.kind,
            shape=self.shape,
            expr=self.expr,
            missing=self.why_ok,
        )


class _Site(msgspec.Struct, frozen=True):
    repo: str
    commit: str
    path: str
    line: int
    kind: str
    label_: str = msgspec.field(name="label")
    expr: str
    reason: str
    fix: str

    def label(self, file: str) -> Label:
        return Label(
            id=f"{file}:{self.commit[:8]}:{self.path}:{self.line}",
            file=file,
            expected=Expected.CLEAN if self.label_ == "ok" else Expected.LEAK,
            repo=self.repo,
            before=Place(self.commit, self.path, self.line),
            kind=self.kind,
            pattern=self.label_,
            expr=self.expr,
            missing=self.reason,
            fix=self.fix,
        )


def _decoded(form: type[_Fixed | _Clean | _Site]) -> Callable[[bytes, str], Label]:
    decoder = msgspec.json.Decoder(form)
    return lambda line, file: decoder.decode(line).label(file)


_FORMS: Final = {"fixes": _decoded(_Fixed), "clean": _decoded(_Clean), "sites": _decoded(_Site)}


def read_labels(folder: Path) -> list[Label]:
    """Every label of a folder, file by file, in the order of their lines.

    Args:
        folder: holds `*-fixes.jsonl`, `*-clean.jsonl` and `*-sites.jsonl`.

    Raises:
        LabelsError: there is no such file, a line is not of its file's form, or two labels have one id.
    """
    files = sorted(path for path in folder.glob("*.jsonl") if path.stem.rpartition("-")[2] in _FORMS)
    if not files:
        raise LabelsError(f"There is no label file in {folder}; name a folder that holds *-fixes.jsonl or the like.")
    labels = [label for file in files for label in _read(file)]
    seen: set[str] = set()
    for label in labels:
        if label.id in seen:
            raise LabelsError(f"Two labels have the id {label.id}; give one of them another in {label.file}.jsonl.")
        seen.add(label.id)
    return labels


def _read(file: Path) -> Iterable[Label]:
    decode = _FORMS[file.stem.rpartition("-")[2]]
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield decode(line, file.stem)
        except msgspec.MsgspecError as error:
            raise LabelsError(f"{file}, line {number}: {error}; compare it with docs/benchmark.md.") from None
