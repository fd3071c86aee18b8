"""What a pull request hears of the configuration: faults of the one it brings, and what that one would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH
from bot.decisions.checks import Annotation
from bot.gate import FailOn
from bot.reports.inert import markdown_code, markdown_prose, terminal_text
from bot.reports.wording import count, series, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.config import Config, Fault
    from bot.judged import Preview, Proposal

MAX_FAULTS = 10
MAX_RULES = 5
MAX_MESSAGE = 300


def proposal_markdown(proposal: Proposal | None, config: Config, path: str = CONFIG_PATH) -> str:
    """The section on the configuration that the head brings; empty without one.

    Args:
        proposal: what the head brings.
        config: what is in force.
        path: of the file.
    """
    if proposal is None:
        return ""
    if proposal.faults:
        title = f"#### {markdown_code(path)} has {count(len(proposal.faults), 'fault')} in this pull request"
        return "\n\n".join((title, "\n".join(_faults(proposal.faults, path)), _IN_FORCE))
    proposed = proposal.config()
    if proposal.preview is None or proposed is None:
        return ""
    title = f"#### {markdown_code(path)} changes in this pull request"
    sentences = [_effect(proposal.preview), _gate(config, proposed), "It is in force once it is merged."]
    return "\n\n".join((title, " ".join(filter(None, sentences))))


def proposal_title(proposal: Proposal | None) -> str:
    """What a reviewer has to know of a proposed configuration, in a few words; empty where it changes nothing."""
    if proposal is None:
        return ""
    if proposal.faults:
        return f"its configuration has {count(len(proposal.faults), 'fault')}"
    if proposal.preview is None:
        return ""
    changes = _changes(proposal.preview)
    return f"its configuration shows {series(changes)} findings" if changes else ""


def fault_annotations(proposal: Proposal | None, path: str = CONFIG_PATH) -> tuple[Annotation, ...]:
    """The faults of a proposed configuration at their lines in the file."""
    faults = proposal.faults[:MAX_FAULTS] if proposal is not None else ()
    return tuple(
        Annotation(
            path=path,
            start_line=fault.line,
            end_line=fault.line,
            annotation_level="warning",
            title="configuration",
            message=shorten(terminal_text(fault.message), MAX_MESSAGE),
        )
        for fault in faults
    )


def faults_note(faults: Sequence[Fault], where: str, path: str = CONFIG_PATH) -> str:
    """A note on faults of the file that should be in force: the defaults are; empty without any.

    Args:
        faults: what is wrong.
        where: what holds the file, such as `the base`.
        path: of the file.
    """
    if not faults:
        return ""
    title = f"**{markdown_code(path)} of {where} cannot be used**, so that the defaults are in force:"
    return "\n\n".join((title, "\n".join(_faults(faults, path))))


_IN_FORCE: Final = "What the base says stays in force; `stanch config check` finds the same on your machine."


def _faults(faults: Sequence[Fault], path: str) -> Iterable[str]:
    for fault in faults[:MAX_FAULTS]:
        place = markdown_code(f"{path}:{fault.line}:{fault.column}")
        yield f"- {place}: {markdown_prose(shorten(fault.message, MAX_MESSAGE))}"
    if len(faults) > MAX_FAULTS:
        yield f"- and {len(faults) - MAX_FAULTS} more"


def _effect(preview: Preview) -> str:
    changes = _changes(preview, rules=True)
    if not changes:
        return f"It shows the same {count(preview.before, 'finding')} in the whole repository as before."
    after = count(preview.after, "finding")
    return f"In the whole repository it shows {after} instead of {preview.before:,}: {series(changes)}."


def _changes(preview: Preview, *, rules: bool = False) -> list[str]:
    both = (preview.more, "more"), (preview.fewer, "fewer")
    return [
        f"{sum(counts.values()):,} {word}{f' ({_by_rule(counts)})' if rules else ''}" for counts, word in both if counts
    ]


def _gate(config: Config, proposed: Config) -> str:
    if config.gate.fail_on is proposed.gate.fail_on:
        return ""
    if proposed.gate.fail_on is FailOn.NONE:
        return "The check fails on nothing any more."
    return f"The check then fails on {markdown_code(proposed.gate.fail_on.value)}."


def _by_rule(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rules = [f"{number:,} {markdown_code(rule)}" for rule, number in ordered[:MAX_RULES]]
    if len(ordered) > MAX_RULES:
        rules.append(f"{count(len(ordered) - MAX_RULES, 'other rule')}")
    return series(rules)
