"""Mutations of real files: what editors, merges, broken disks and bad luck do to source text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.resources import gate
from fixers.source import Tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.fuzz.choices import Choices

    Mutation = Callable[[bytes, Choices], bytes]

LONGEST: Final = 6_000
"""Bytes of a file's piece, so that an input costs milliseconds."""

_TOKEN: Final = re.compile(rb"\w+|[^\S\n]+|\n|[^\w\s]")
_WORD: Final = re.compile(rb"[A-Za-z_]\w*")
_IMPORT: Final = re.compile(rb"(?:import|from)\s.*|(?:const|var|let) .*\brequire\(.*")
_ACQUIRING: Final = re.compile(b"|".join(gate(tables).pattern for tables in Tables))
_ODD: Final = (
    *(b"\0", b"\r", b"\f", b"\v", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\t", b"\x1a", b"\\\n", b"\x85"),
    *(text.encode() for text in ("\ufeff", "\u2028", "\u200b", "\u202e", "é", "日本", "🌊", "\xa0", "e\u0301")),
    *(b"'", b'"', b"`", b"'''", b"${", b"/*", b"*/", b"//", b"#", b"<!--", b"</script>", b"<script>", b"\\", b"@"),
    *(b"(", b")", b"[", b"]", b"{", b"}", b";", b":", b"=", b"=>", b",", b".", b"?.", b"...", b"*", b"!", b"/"),
    *(b" await ", b" async ", b" return ", b" with ", b" using ", b" yield ", b" global ", b" lambda: ", b" else "),
)
_PAIRS: Final = (
    *((b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"f(", b")"), (b"if (a) {", b"}"), (b"try {", b"} finally {}")),
    *((b"() => ", b""), (b"!", b""), (b"not ", b""), (b"`${", b"}`"), (b"<a>", b"</a>"), (b"lambda: ", b"")),
)
_DEPTHS: Final = ((3, 60), (30, 20), (210, 10), (1_200, 4), (11_000, 1))


def piece(data: bytes, choices: Choices) -> bytes:
    """A file, or of a long one its imports and a run of whole lines, most often one that acquires something."""
    if len(data) <= LONGEST:
        return data
    lines = data.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.strip() and line[:1] not in b" \t})]"]
    acquiring = [number for number, line in enumerate(lines) if _ACQUIRING.search(line)]
    if acquiring and choices.holds(0.8):
        at = choices.one_of(acquiring)
        starts = [number for number in starts if number <= at][-1:]
    start = choices.one_of(starts or [0])
    imports = [line for line in lines[:start] if _IMPORT.match(line) and not line.rstrip().endswith((b"(", b"{"))][:40]
    taken: list[bytes] = []
    size = 0
    for line in lines[start:]:
        size += len(line)
        if taken and size > LONGEST - 2_000:
            break
        taken.append(line)
    return b"".join([*imports, *taken])[: 2 * LONGEST]


def mutated(data: bytes, other: bytes, choices: Choices) -> bytes:
    """A file after up to three mutations; one in ten is left as it is.

    Args:
        data: the file.
        other: another one, for what is spliced.
        choices: what decides.
    """
    if choices.holds(0.1):
        return data
    for _ in range(choices.between(1, 3)):
        is_splice = choices.holds(0.06)
        data = _spliced(data, other, choices) if is_splice else choices.weighted(_MUTATIONS)(data, choices)
    return data


def _spliced(data: bytes, other: bytes, choices: Choices) -> bytes:
    ours, theirs = data.splitlines(keepends=True), other.splitlines(keepends=True)
    at = choices.between(0, len(ours))
    start, end = choices.span(len(theirs), 40)
    return b"".join([*ours[:at], *theirs[start:end], *ours[at:]])[: 3 * LONGEST]


def _of_parts(split: Callable[[bytes], list[bytes]], longest: int) -> Mutation:
    """Deletes, doubles, moves or exchanges a run of parts."""

    def mutation(data: bytes, choices: Choices) -> bytes:
        parts = split(data)
        start, end = choices.span(len(parts), longest)
        before, run, after = parts[:start], parts[start:end], parts[end:]
        form = choices.one_of(("delete", "double", "move", "exchange"))
        if form == "delete":
            return b"".join([*before, *after])
        if form == "double":
            return b"".join([*before, *run, *run, *after])
        rest = [*before, *after]
        if form == "move" or not rest:
            at = choices.between(0, len(rest))
            return b"".join([*rest[:at], *run, *rest[at:]])
        at = choices.between(0, len(after))
        return b"".join([*before, *after[:at], *run, *after[at:]])

    return mutation


def _cut(data: bytes, choices: Choices) -> bytes:
    at = choices.between(0, len(data))
    return data[:at] if choices.holds(0.8) else data[at:]


def _odd(data: bytes, choices: Choices) -> bytes:
    start, end = choices.span(len(data), choices.one_of((0, 0, 1, 8)))
    return data[:start] + choices.one_of(_ODD) + data[end:]


def _noise(data: bytes, choices: Choices) -> bytes:
    start, end = choices.span(len(data), 4)
    return data[:start] + choices.noise(choices.between(1, 6)) + data[end:]


def _nested(data: bytes, choices: Choices) -> bytes:
    tokens = _TOKEN.findall(data)
    start, end = choices.span(len(tokens), 5)
    opening, closing = choices.one_of(_PAIRS)
    depth = choices.weighted(_DEPTHS)
    return b"".join([*tokens[:start], opening * depth, *tokens[start:end], closing * depth, *tokens[end:]])


def _endings(data: bytes, choices: Choices) -> bytes:
    lines = data.replace(b"\r\n", b"\n").split(b"\n")
    ending = choices.one_of((b"\r\n", b"\r", b"\n", b"\n\n", b""))
    if ending and choices.holds(0.5):
        return ending.join(lines)
    return b"".join(line + choices.one_of((b"\n", b"\n", ending)) for line in lines)


def _renamed(data: bytes, choices: Choices) -> bytes:
    words = sorted(set(_WORD.findall(data)))
    if not words:
        return data
    old, new = choices.one_of(words), choices.one_of([*words, b"x", "größe".encode(), b"_", b"close", b"$"])
    return re.sub(rb"(?<!\w)" + re.escape(old) + rb"(?!\w)", lambda _: new, data)


def _exchanged_words(data: bytes, choices: Choices) -> bytes:
    words = list(_WORD.finditer(data))
    if not words:
        return data
    one, other = choices.one_of(words), choices.one_of(words)
    return data[: one.start()] + other.group() + data[one.end() :]


def _indentation(data: bytes, choices: Choices) -> bytes:
    lines = data.splitlines(keepends=True)
    start, end = choices.span(len(lines), 10)
    change = choices.one_of((b"  ", b"    ", b"\t", b" "))
    deeper = choices.holds(0.5)
    run = [change + line if deeper else line.removeprefix(change) for line in lines[start:end]]
    return b"".join([*lines[:start], *run, *lines[end:]])


def _joined(data: bytes, choices: Choices) -> bytes:
    lines = data.split(b"\n")
    at = choices.between(0, len(lines) - 1)
    between = choices.one_of((b" ", b"; ", b" \\\n", b"\n"))
    return b"\n".join([*lines[:at], between.join(lines[at : at + 2]), *lines[at + 2 :]])


_MUTATIONS: Final[tuple[tuple[Mutation, int], ...]] = (
    (_of_parts(_TOKEN.findall, 12), 6),
    (_of_parts(lambda data: data.splitlines(keepends=True), 12), 8),
    (_of_parts(lambda data: [data[at : at + 1] for at in range(len(data))], 6), 1),
    (_cut, 2),
    (_odd, 5),
    (_noise, 1),
    (_nested, 3),
    (_endings, 2),
    (_renamed, 6),
    (_exchanged_words, 4),
    (_indentation, 3),
    (_joined, 3),
)
