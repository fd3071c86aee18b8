"""Who is asked to review: the owners of files, by the repository's CODEOWNERS. Pure.

The rules are those of docs.github.com, "About code owners": the last line that covers a file says whose it is, and one
without owners says that it is nobody's. A pattern is one of `.gitignore`, without `!` and `[ab]`, and `docs/*` holds
for the files of that folder only. A line that GitHub would refuse is skipped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCATIONS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file; the first that is there is the one in force."""
MAX_BYTES: Final = 3_000_000
"""GitHub reads no larger file."""
MAX_RULES: Final = 20_000

_OWNER: Final = re.compile(r"@(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?)")
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+")
_PIECE: Final = re.compile(r"(?:\\.|[^\\\s])+")
_ESCAPED: Final = re.compile(r"\\(.)")
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*")
_WILD: Final = "*?["


class _Rule(NamedTuple):
    pattern: str
    is_of_folder: bool
    owners: tuple[str, ...]


def owners_of(codeowners: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The owners of files, in the order in which the file names them.

    Args:
        codeowners: what the file says. One that has more than MAX_RULES rules names nobody.
        paths: of files, relative to the root, written with `/`.

    Returns:
        Users by login, teams as `organisation/team`. Owners who are named by a mail address are left out.
    """
    rules = [rule for line in codeowners.split("\n") if (rule := _rule(line)) is not None]
    if len(rules) > MAX_RULES:
        return ()
    lines = {_last_that_covers(rules, path) for path in set(paths)}
    return tuple(dict.fromkeys(owner for line in sorted(lines) if line >= 0 for owner in rules[line].owners))


def _last_that_covers(rules: list[_Rule], path: str) -> int:
    """Which rule says whose a file is; -1 where none does."""
    covering = (
        at for at in reversed(range(len(rules))) if matches(rules[at].pattern, path, inside=not rules[at].is_of_folder)
    )
    return next(covering, -1)


def _rule(line: str) -> _Rule | None:
    written, *names = _PIECE.findall(_COMMENT.sub("", line)) or [""]
    if not written or written.startswith(("!", "\\#")) or re.search(r"(?<!\\)[\[\]]", written):
        return None
    owners = [match["name"] for name in names if (match := _OWNER.fullmatch(name))]
    if any(not _OWNER.fullmatch(name) and not _ADDRESS.fullmatch(name) for name in names):
        return None
    pattern = _ESCAPED.sub(lambda match: f"[{match[1]}]" if match[1] in _WILD else match[1], written)
    if pattern.endswith("/"):
        # A folder, and never a file of this name.
        anchor = "" if "/" in pattern.rstrip("/") else "**/"
        pattern = f"{anchor}{pattern}**"
    return _Rule(pattern, pattern.endswith("/*"), tuple(owners))
