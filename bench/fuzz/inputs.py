"""The inputs of a run: each follows from the seed, its number and the real files alone."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.fuzz.choices import Choices
from bench.fuzz.javascript_programs import javascript_program
from bench.fuzz.mutations import mutated, piece
from bench.fuzz.python_programs import python_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.fuzz.originals import Original


class Kind(StrEnum):
    """Where an input comes from."""

    GENERATED = "generated"
    MUTATED = "mutated"
    BYTES = "bytes"


class Input(NamedTuple):
    """What is scanned and mended. The path says the language, as it does in the product."""

    number: int
    kind: Kind
    path: str
    data: bytes


_KINDS: Final = ((Kind.GENERATED, 45), (Kind.MUTATED, 50), (Kind.BYTES, 5))
_SUFFIXES: Final = ((".py", 45), (".js", 20), (".ts", 12), (".tsx", 13), (".vue", 10))
_SCRIPTS: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx", ".vue", ".svelte", ".html")
_OPENINGS: Final = {
    "python": b"f = open(path)\nf.write(x)\n",
    "script": b"setInterval(work, 5);\nclass A { constructor() { addEventListener('a', this.b); } close() {} }\n",
}


def input_of(seed: int, number: int, originals: Sequence[Original], examples: Sequence[Original]) -> Input:
    """One input of a run.

    Args:
        seed: of the run.
        number: which one.
        originals: real files; there may be none.
        examples: short programs that acquire something; at least one.
    """
    choices = Choices(seed, str(number))
    kind = choices.weighted(_KINDS)
    if kind is Kind.GENERATED:
        suffix = choices.weighted(_SUFFIXES)
        data = python_program(choices) if suffix == ".py" else javascript_program(choices, suffix)
        # Some are damaged too, where a program of our own is the better one to damage.
        if choices.holds(0.3):
            data = mutated(data, choices.one_of(examples).data, choices)
        return Input(number, kind, f"src/input{suffix}", data)
    if kind is Kind.BYTES:
        suffix = choices.one_of((".py", *_SCRIPTS))
        return Input(number, kind, f"src/input{suffix}", _bytes(suffix, choices))
    files = originals if originals and choices.holds(0.5) else examples
    original, other = choices.one_of(files), choices.one_of(files)
    data = mutated(piece(original.data, choices), piece(other.data, choices), choices)
    suffix, data = _retyped(PurePosixPath(original.name).suffix.lower(), data, choices)
    return Input(number, kind, f"src/input{suffix}", data)


def _bytes(suffix: str, choices: Choices) -> bytes:
    """Noise, behind something that the gate lets in, or within it."""
    noise = choices.noise(choices.between(0, 300))
    opening = _OPENINGS["python" if suffix == ".py" else "script"]
    if suffix in {".vue", ".svelte", ".html"}:
        opening = b"<script>\n" + opening
    at = choices.one_of((len(opening), choices.between(0, len(opening))))
    return opening[:at] + noise + opening[at:] if choices.holds(0.9) else noise


def _retyped(suffix: str, data: bytes, choices: Choices) -> tuple[str, bytes]:
    """A script under another suffix in one of three cases; in files with script blocks it stands in one."""
    if suffix not in _SCRIPTS or choices.holds(0.65):
        return suffix, data
    new = choices.one_of(_SCRIPTS)
    if new in {".vue", ".svelte", ".html"} and suffix not in {".vue", ".svelte", ".html"}:
        opening = choices.one_of((b"<script>", b"<script setup>", b"<script lang='ts'>", b"<SCRIPT type=module>"))
        return new, b"<p>{{ a }}</p>\n" + opening + b"\n" + data + b"</script>\n"
    return new, data
