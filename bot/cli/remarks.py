"""What a scan says beside its findings: suppressions without effect, and places where there was nothing to scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config import CONFIG_PATH
from bot.suppressions import expired

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.cli.scanning import Answer
    from bot.config.models import Ignore


def idle_suppressions(given: Answer) -> Iterator[str]:
    """Suppressions that cover nothing, or whose last day is over (contract: Suppression: never silent).

    Where only a part was scanned, an entry that covers nothing there may be of use elsewhere, so it is not mentioned.
    """
    scanned, inputs = given.found.scanned, given.found.inputs
    for path, line in scanned.unused_pragmas:
        yield f"{path}:{line}: this `stanch-ignore` covers no finding; remove it, or give it a rule and a reason."
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


def places_without_files(given: Answer) -> Iterator[str]:
    """Places that the user named and in which no file was scanned."""
    for place in given.found.inputs.named:
        prefix = "" if place == "." else f"{place}/"
        if not any(path == place or path.startswith(prefix) for path in given.found.results):
            yield f"{place}: nothing to scan; it holds no JavaScript, TypeScript or Python, or git ignores it."


def _subject(entry: Ignore) -> str:
    parts: Sequence[str] = (*entry.rules, *entry.paths, *entry.fingerprints)
    more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
    return ", ".join(f"`{part}`" for part in parts[:3]) + more
