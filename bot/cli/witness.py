"""`stanch fix --witness`: what the budget profiles count without the fixes and with them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bot.budgets.measuring import Question, measure_folders
from bot.budgets.revisions import exported
from bot.budgets.sites import shown_metric
from bot.cli.console import interruptible, remark, status
from bot.cli.exits import UsageError
from bot.cli.measure import chosen_profiles
from bot.decisions.budget_table import amount
from bot.decisions.budgets import Precision, State
from bot.reports.inert import terminal_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bot.cli.scanning import Answer
    from bot.decisions.budgets import Result

_TOLD = 12


def measured_lines(given: Answer, files: Mapping[str, tuple[bytes, bytes]], *, quiet: bool) -> list[str]:
    """Measures the files of HEAD with some files as they are, and with the same ones fixed.

    Args:
        given: the scan whose findings were fixed.
        files: before and after, by path.
        quiet: no progress.

    Returns:
        A sentence for each metric that the fixes change, or that still grows; why, where nothing could be measured.

    Raises:
        UsageError: there is no repository, or no profile.
        GitError: objects are missing.
    """
    repository = given.workspace.repository
    if repository is None:
        raise UsageError(f"{terminal_text(str(given.workspace.root))} lies in no git repository; --witness needs one.")
    config, today = given.found.inputs.config, given.found.inputs.today
    profiles = chosen_profiles(config, ())
    head = repository.resolve("HEAD")
    if repository.uncommitted() - files.keys():
        remark(["uncommitted changes of other files are not measured."], quiet=quiet)
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        tell = stack.enter_context(status("Measuring", quiet=quiet))
        before, after = (stack.enter_context(exported(repository, head)) for _ in range(2))
        for path, versions in files.items():
            for folder, data in zip((before, after), versions, strict=True):
                _overwrite(folder / path, data)
        question = Question(profiles, config, today, tell=tell)
        measured = measure_folders(before, after, question, commit=head)
    failures = [f"{profile}: {sentence}" for profile, sentence in measured.remarks] if measured.failed else []
    lines = [*failures, *_lines(measured.budgets.results)][:_TOLD]
    return lines or [f"nothing that {_names([profile.name for profile in profiles])} can show has changed."]


def _overwrite(file: Path, data: bytes) -> None:
    """Writes a file in the place of another one, which keeps its mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _lines(results: tuple[Result, ...]) -> Iterator[str]:
    for result in results:
        grows = result.state in {State.NEW_GROWTH, State.GROWTH_IN_BASE}
        if result.precision is Precision.STATISTICAL or result.rate is None or result.base_rate is None:
            continue
        before, now = (amount(rate, result.unit) for rate in (result.base_rate, result.rate))
        after = "still grows" if grows else "grows no more"
        yield f"{result.profile}: {shown_metric(result.metric)} per iteration {before} -> {now}: {after}."


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
