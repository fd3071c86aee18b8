"""Trees and commits that no git would write, byte by byte, and many of them quickly."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.repos import Repo

Entry = tuple[str, bytes, str]
"""Mode, name and object id."""


def write(repo: Repo, kind: bytes, data: bytes) -> str:
    """Stores a loose object (gitformat-loose) and returns its id."""
    content = b"%s %d\0%s" % (kind, len(data), data)
    name = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    place = repo.root / ".git" / "objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        place.write_bytes(zlib.compress(content, 1))
    return name


def blob(repo: Repo, data: bytes) -> str:
    return write(repo, b"blob", data)


def tree(repo: Repo, entries: Iterable[Entry]) -> str:
    lines = (b"%s %s\0%s" % (mode.encode(), name, bytes.fromhex(oid)) for mode, name, oid in entries)
    return write(repo, b"tree", b"".join(lines))


def entries(repo: Repo) -> list[Entry]:
    """The entries of the root tree of HEAD."""
    found = []
    for line in repo.git("ls-tree", "-z", "HEAD").split("\0")[:-1]:
        description, _, name = line.partition("\t")
        mode, _, oid = description.split()
        found.append((mode.removeprefix("0"), name.encode("utf-8", "surrogateescape"), oid))
    return found


def commit(
    repo: Repo, root: str, message: bytes = b"Change\n", author: bytes = b"Ada <ada@example.org> 1 +0000"
) -> None:
    """Commits a tree on the branch `topic`, as it is."""
    parent = repo.git("rev-parse", "HEAD").encode()
    header = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\n%s" % (root.encode(), parent, author, author, message)
    name = write(repo, b"commit", header)
    (repo.root / ".git" / "refs" / "heads" / "topic").write_text(f"{name}\n")


def add(repo: Repo, *more: Entry) -> None:
    """Commits the files of HEAD with further entries in the root tree."""
    commit(repo, tree(repo, sorted([*entries(repo), *more], key=lambda entry: entry[1])))
