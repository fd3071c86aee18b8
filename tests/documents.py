"""Documents as tests see them: their code blocks and links, and what a reader who follows them would see.

A block's info string is its language and, where the block is a whole file, the file's path: `python src/a.py`. In a
`console` block the lines after `$ ` are commands, the others what they print; `...` is anything within a line, and on a
line of its own any number of lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markdown_it.token import Token

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENTS: Final = tuple(
    sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
)

_PARSER: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_GIT_IDENTITY: Final = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Robin Example"), ("EMAIL", "robin@example.org"))
}


@dataclass(frozen=True)
class Block:
    """A code block: in which document, at which line, under which heading of the second level."""

    document: Path
    line: int
    heading: str
    language: str
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"


def tokens(document: Path) -> Sequence[Token]:
    return _PARSER.parse(document.read_text(encoding="utf-8"))


def blocks(document: Path) -> list[Block]:
    """The code blocks of a document, in order."""
    found: list[Block] = []
    heading = ""
    stream = tokens(document)
    for token, following in zip(stream, [*stream[1:], None], strict=True):
        if token.type == "heading_open" and token.tag == "h2" and following is not None:
            heading = following.content
        elif token.type == "fence":
            language, _, path = token.info.strip().partition(" ")
            line = (token.map or [0])[0] + 1
            found.append(Block(document, line, heading, language, path.strip(), token.content))
    return found


def headings(document: Path) -> list[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    stream = tokens(document)
    texts = [after.content for token, after in pairwise(stream) if token.type == "heading_open"]
    return [re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts]


def links(document: Path) -> Iterator[str]:
    """What a document links to, and the pictures that it shows."""
    for token in tokens(document):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target is not None:
                yield str(target)


def table_after(document: Path, heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table under a heading of the second level, as written, without its head."""
    section = document.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def write_files(found: Sequence[Block], folder: Path) -> None:
    """Writes the blocks that are whole files."""
    for block in found:
        if block.path:
            (folder / block.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.path).write_text(block.text, encoding="utf-8")


def reader_environment(folder: Path) -> Mapping[str, str]:
    """An environment in which `stanch` is the one under test, and git is nobody's in particular."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder.parent / "cache"),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **_GIT_IDENTITY,
    }


def follow(block: Block, folder: Path, settings: Mapping[str, str] | None = None) -> None:
    """Does what a `console` or `sh` block says, and asserts that what is printed is what the document shows.

    `settings` are environment variables besides those of any reader.

    Every command has to succeed, except one whose exit code the next command prints (`echo $?`), and `stanch`, which
    may find something (exit code 1).
    """
    steps = list(_steps(block))
    status = 0
    for (command, shown), following in zip(steps, [*steps[1:], None], strict=True):
        done = subprocess.run(
            ["bash", "-c", f"(exit {status}); {command}"],
            cwd=folder,
            env={**reader_environment(folder), **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        status = done.returncode
        where = f"{block}: {command}\n{done.stdout}"
        shows_status = following is not None and following[0] == "echo $?"
        assert status == 0 or shows_status or (status == 1 and command.startswith("stanch ")), where
        if block.language == "console":
            assert re.fullmatch(pattern(shown), trimmed(done.stdout)), f"{where}\nis not\n{shown}"


def _steps(block: Block) -> Iterator[tuple[str, str]]:
    if block.language == "sh":
        yield from ((line, "") for line in block.text.splitlines() if line)
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, trimmed(shown)


def trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip().splitlines())


def pattern(shown: str) -> str:
    return "".join(
        "(?:.*\n)*?" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + "\n"
        for line in shown.splitlines()
    )
