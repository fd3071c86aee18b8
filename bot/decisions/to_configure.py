"""What is answered where nothing is remembered: the lines of the configuration that say the same for good. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.decisions.grammar import Verb
from bot.reports.inert import fenced, markdown_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.decisions.grammar import Command
    from fixers.findings import Finding

REMEMBERED: Final = frozenset({Verb.IGNORE, Verb.UNIGNORE, Verb.PAUSE, Verb.RESUME})
"""The commands whose effect outlives the answer."""
TO_CONFIGURE: Final = "says what to write into the configuration"
_NOTHING_REMEMBERED: Final = "The Action remembers nothing between its jobs, so this is for the configuration."
_QUIET: Final = "comment:\n  enabled: false\n"


def lines_to_add(asked: Command, findings: Sequence[Finding], path: str) -> str:
    """The answer to one of the commands in `REMEMBERED`.

    Args:
        asked: the command.
        findings: those that it names, for `ignore`.
        path: of the configuration.
    """
    file = markdown_code(path)
    match asked.verb:
        case Verb.IGNORE:
            fingerprints = ", ".join(dict.fromkeys(json.dumps(finding.fingerprint) for finding in findings))
            lines = f"ignore:\n- fingerprints: [{fingerprints}]\n  reason: {json.dumps(asked.reason)}\n"
            told = f"Add to {file}; it is in force once it is on the base branch:\n\n{fenced(lines, 'yaml')}"
        case Verb.UNIGNORE:
            told = f"Take the entry with {markdown_code(asked.ids[0])} out of `ignore` in {file}."
        case Verb.PAUSE:
            told = f"Add to {file}; it is in force once it is on the base branch:\n\n{fenced(_QUIET, 'yaml')}"
        case _:
            told = f"Take `enabled: false` out of `comment` in {file}."
    return f"{_NOTHING_REMEMBERED} {told}"
