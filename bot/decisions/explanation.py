"""Why a finding was made, as Markdown: the whole trail, what the rule means, how to see it on one's own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.decisions.bodies import BODY_LIMIT, assembled
from bot.reports.inert import fenced, markdown_code, markdown_prose
from bot.reports.markdown_finding import MAX_PROSE, finding_markdown, shown_path
from bot.reports.wording import count, searched, shorten
from bot.rules import MEANING
from fixers.findings import Confidence, Role, Severity

if TYPE_CHECKING:
    from bot.reports.markdown_finding import Material
    from fixers.findings import Finding, Step

MAX_STEPS: Final = 30
ROOM_FOR_HEADING: Final = 5_000

_SEVERITY: Final = {
    Severity.LEAK: "It is lost, or adds up, while the program runs.",
    Severity.SHUTDOWN: "It matters only when the process ends.",
    Severity.ADVICE: "It lies in tests, stories, mocks or examples, so it is advice.",
}
_CONFIDENCE: Final = {
    Confidence.HIGH: "Nothing had to be assumed beyond the code that was read.",
    Confidence.MEDIUM: "Something had to be assumed beyond the code that was read.",
    Confidence.LOW: "Much had to be assumed beyond the code that was read.",
}


def explanation(finding: Finding, material: Material, commit: str) -> str:
    """The explanation.

    Args:
        finding: the finding.
        material: code, diffs and links to show.
        commit: where it was found.
    """
    steps = [f"{number}. {_step(step)}" for number, step in enumerate(finding.trail[:MAX_STEPS], start=1)]
    if len(finding.trail) > MAX_STEPS:
        steps.append(f"{MAX_STEPS + 1}. and {count(len(finding.trail) - MAX_STEPS, 'more step')}")
    meaning = MEANING.get(finding.verdict, "")
    why = " ".join(filter(None, (meaning, _SEVERITY[finding.severity], _CONFIDENCE[finding.confidence])))
    commands = f"git checkout {commit}\nstanch explain {finding.id}"
    parts = [
        finding_markdown(finding, material),
        "**How it was judged**" if steps else "",
        "\n".join(steps),
        f"**The rule {markdown_code(finding.rule)}**: {markdown_prose(why)}",
        f"To see it on your machine:\n\n{fenced(commands, 'sh')}",
    ]
    return assembled(parts, BODY_LIMIT - ROOM_FOR_HEADING).rstrip("\n")


def _step(step: Step) -> str:
    words = f"looked for {searched(step)}" if step.role is Role.LOOKED_FOR else step.text
    return f"{shown_path(step.path, step.line)}: {markdown_prose(shorten(words, MAX_PROSE).removesuffix('.'))}"
