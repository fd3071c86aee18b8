"""What a scan says beside its findings: suppressions without effect, and what there was that it did not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH
from bot.reports.paths import printable_path
from bot.selection import selected
from bot.suppressions import expired
from bot.trees import WorkTree
from fixers.source import SkipCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.cli.scanning import Answer
    from bot.config.models import Ignore

_NOTHING: Final = "no JavaScript, TypeScript or Python is there, or git or the configuration leaves it out"
_PASSED_OVER: Final = frozenset({SkipCode.BINARY, SkipCode.GENERATED, SkipCode.MINIFIED})
"""Reports mention these only in their list of skipped files; the others make a report incomplete."""


def idle_suppressions(given: Answer) -> Iterator[str]:
    """Suppressions that cover nothing, or whose last day is over (contract: Suppression: never silent).

    Where only a part was scanned, an entry that covers nothing there may be of use elsewhere, so it is not mentioned.
    """
    scanned, inputs = given.found.scanned, given.found.inputs
    for path, line in scanned.unused_pragmas:
        where = f"{printable_path(path)}:{line}"
        yield f"{where}: this `stanch-ignore` covers no finding; remove it, or give it a rule and a reason."
    everything = not inputs.named
    entries = inputs.config.ignore
    for index in scanned.unused_ignores:
        entry = entries[index]
        name = f"{CONFIG_PATH}: `ignore[{index + 1}]` ({_subject(entry)})"
        if expired(entry, inputs.today):
            yield f"{name} has expired on {entry.until}; what it covered is reported again."
        elif everything:
            yield f"{name} covers no finding; remove it."
    commands = inputs.ignores.ignores if inputs.ignores is not None else ()
    for index in scanned.unused_commands:
        command = commands[index]
        if command.expired(inputs.today):
            yield f"The ignore of `{command.fingerprint}` has expired on {command.until}; it is reported again."
        elif everything:
            yield f"The ignore of `{command.fingerprint}` covers no finding; take it back."


def not_looked_at(given: Answer) -> Iterator[str]:
    """What a user may take for scanned, and is not.

    Places without a file to scan; files that were named and passed over, as nobody would expect who names them; and
    repositories within this one, submodules among them.
    """
    inputs, results = given.found.inputs, given.found.results
    if not results and not inputs.named:
        yield f"nothing to scan; {_NOTHING}."
    for place in inputs.named:
        prefix = "" if place == "." else f"{place}/"
        if not any(path == place or path.startswith(prefix) for path in results):
            yield f"{printable_path(place)}: nothing to scan; {_NOTHING}."
        for entry in results[place].skipped if place in results else ():
            if entry.code in _PASSED_OVER:
                yield f"{printable_path(place)}: not looked at: {entry.code}, {entry.detail}."
    inner = [
        printable_path(place) for place in _inner_repositories(given) if selected(f"{place}/_.js", named=inputs.named)
    ]
    if inner:
        yield f"not looked at: {_some(inner)}, each a repository of its own; name one to scan it."


def _inner_repositories(given: Answer) -> Sequence[str]:
    tree = given.workspace.tree
    return tree.inner_repositories() if isinstance(tree, WorkTree) else ()


def _subject(entry: Ignore) -> str:
    return _some([f"`{part}`" for part in (*entry.rules, *entry.paths, *entry.fingerprints)])


def _some(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
    return ", ".join(parts[:3]) + more
