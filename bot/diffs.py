"""What differs between two trees: paths, renames, and the hunks of each file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.git import GitError
from fixers.source import TOO_LARGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bot.git import Repository

# Every option that the repository's configuration or attributes could set otherwise is named, so that two
# machines see one diff; --text, because `*.js -diff` in .gitattributes would hide a change.
_OPTIONS = (
    "-r",
    "-z",
    "--raw",
    "--no-abbrev",
    "--find-renames",
    "-l1000",
    "--ignore-submodules=all",
    "--no-ext-diff",
    "--no-textconv",
    "--text",
    "--diff-algorithm=histogram",
    "--indent-heuristic",
    "--inter-hunk-context=0",
    "--end-of-options",
)
# Linux takes 2 MB of arguments and variables together (execve(2): ARG_MAX, a quarter of the stack).
_MAX_EXCLUDED_BYTES = 1_000_000
_FILE_MODES = (b"100644", b"100755", b"100664")


class FileDiff(NamedTuple):
    """How one file differs between two trees.

    `old` or `new` is None where the tree has no such file: added, deleted, or it was a link or a submodule.
    `hunks` is the unified diff from its first `@@` line on; empty where only the name or the mode changed. A file that
    is too large to be judged counts as none.
    """

    old: str | None
    new: str | None
    hunks: str


def changed_paths(repository: Repository, base: str, head: str) -> list[tuple[str | None, str | None]]:
    """The pairs of old and new path that differ between two trees or commits, renames found, in byte order.

    Raises:
        GitError: one of them is unknown, or objects are missing.
    """
    output = repository.run(["diff-tree", *_OPTIONS, base, head])
    pairs = ((_file(record.old_mode, record.old), _file(record.new_mode, record.new)) for record in _records(output)[0])
    return [pair for pair in pairs if pair != (None, None)]


def file_diffs(
    repository: Repository,
    base: str,
    head: str,
    *,
    suffixes: Iterable[str] = (),
    context: int = 3,
    left_out: Collection[str] = (),
) -> list[FileDiff]:
    """The differing files of two trees or commits with their hunks, in byte order of the path.

    Args:
        repository: where both are.
        base: the old tree or commit, as an id.
        head: the new tree or commit, as an id.
        suffixes: the endings of the names to look at (`js`, `py`); without any, all files, binary ones as text.
        context: how many unchanged lines surround each change.
        left_out: ids of blobs that are not at hand because they are too large.

    Raises:
        GitError: one of them is unknown, or objects are missing.
    """
    patterns = [f":(top,glob,icase)**/*.{suffix}" for suffix in suffixes]
    large, small_sides = _large(repository, ["--end-of-options", base, head, "--", *patterns], left_out)
    excluded = [b":(top,literal,exclude)" + path for path in large]
    if sum(map(len, excluded)) > _MAX_EXCLUDED_BYTES:
        raise GitError(f"The change touches {len(large)} files that are too large to be judged; that is too many.")
    options = ["--patch", f"--unified={context}", *_OPTIONS]
    output = repository.run(["diff-tree", *options, base, head, "--", *patterns, *excluded])
    records, patch = _records(output)
    sections = _sections(patch)
    diffs = []
    for record in records:
        # A change of type is written as the removal of one thing and the addition of another.
        parts = [next(sections) for _ in range(2 if record.status == b"T" else 1)]
        old, new = _file(record.old_mode, record.old), _file(record.new_mode, record.new)
        if old is not None or new is not None:
            diffs.append(FileDiff(old, new, _hunks(parts[0] if new is None else parts[-1])))
    return sorted((*diffs, *small_sides), key=_order) if small_sides else diffs


def _large(
    repository: Repository, trees: Sequence[str], left_out: Collection[str]
) -> tuple[list[bytes], list[FileDiff]]:
    """The differing paths where a side is too large to be judged, and what is left of their differences."""
    output = repository.run(["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", *trees])
    records = [record for record in _records(output)[0] if _sides(record)]
    ids = {record.old_id for record in records} | {record.new_id for record in records}
    large = {name.encode() for name in left_out} & ids
    answers = repository.run(["cat-file", "--batch-check=%(objectsize)"], b"".join(name + b"\n" for name in ids))
    for name, answer in zip(ids, answers.splitlines(), strict=True):
        if answer.isdigit() and int(answer) > TOO_LARGE_BYTES:
            large.add(name)
    paths, small_sides = [], []
    for record in records:
        if record.old_id in large or record.new_id in large:
            old = None if record.old_id in large else _file(record.old_mode, record.old)
            new = None if record.new_id in large else _file(record.new_mode, record.new)
            paths.append(record.new)
            if old is not None or new is not None:
                small_sides.append(FileDiff(old, new, ""))
    return paths, small_sides


def _sides(record: _Record) -> bool:
    return record.old_mode in _FILE_MODES or record.new_mode in _FILE_MODES


def _order(diff: FileDiff) -> bytes:
    return (diff.new or diff.old or "").encode("utf-8", "surrogateescape")


class _Record(NamedTuple):
    old_mode: bytes
    new_mode: bytes
    old_id: bytes
    new_id: bytes
    status: bytes
    old: bytes
    new: bytes


def _records(output: bytes) -> tuple[list[_Record], bytes]:
    """The records of `--raw -z` (git-diff: raw output format), and the patch that follows them."""
    records = []
    at = 0
    while output.startswith(b":", at):
        end = output.index(b"\0", at)
        old_mode, new_mode, old_id, new_id, status = output[at + 1 : end].split(b" ")
        start, end = end + 1, output.index(b"\0", end + 1)
        old = new = output[start:end]
        if status.startswith((b"R", b"C")):
            start, end = end + 1, output.index(b"\0", end + 1)
            new = output[start:end]
        records.append(_Record(old_mode, new_mode, old_id, new_id, status[:1], old, new))
        at = end + 1
    return records, output[at:].removeprefix(b"\0")


def _sections(patch: bytes) -> Iterator[bytes]:
    """The patch of each file. Every line of content has a sign before it, so no content can look like a header."""
    parts = (b"\n" + patch).split(b"\ndiff --git ")[1:]
    return (part.removesuffix(b"\n") + b"\n" for part in parts)


def _hunks(section: bytes) -> str:
    start = section.find(b"\n@@ ")
    return section[start + 1 :].decode("utf-8", "surrogateescape") if start >= 0 else ""


def _file(mode: bytes, path: bytes) -> str | None:
    return path.decode("utf-8", "surrogateescape") if mode in _FILE_MODES else None
