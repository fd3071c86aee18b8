"""What became of a job, and how its step shows it: log, annotations, summary, outputs, files of the artifact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.action.measurements import keep_measurements
from bot.decisions.budgets import Budgets, BudgetsError
from bot.decisions.checks import check_json
from bot.decisions.relevant import brought_by_change
from bot.decisions.state import Fault
from bot.judged import Judged
from bot.reports.inert import markdown_text
from bot.reports.report import to_json
from bot.reports.sarif import with_category
from bot.results import BEFORE_AFTER, CHECK, HTML, REPORT, SARIF
from fixers.findings import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from bot.action.place import Place
    from bot.action.telling import JobFiles
    from bot.decisions.budgets import Measured
    from bot.decisions.checks import CheckRun

FOLDER: Final = "results"
_NOT_ALL_SHOWN: Final = "GitHub shows ten annotations of a kind; {} more are in the summary and in the artifact."


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        judged: what was found; why nothing was; None where nothing was scanned.
        measured: what the job was given of measurements.
        check: what a check run says, or would say; None where there is nothing to say.
        is_published: whether the check run is there, with its annotations.
        sentence: what else there is to know.
    """

    judged: Judged | Fault | None = None
    measured: Measured = None
    check: CheckRun | None = None
    is_published: bool = False
    sentence: str = ""

    @property
    def conclusion(self) -> str:
        """`success`, `neutral` or `failure`; `skipped` where there was nothing to do."""
        return self.check.conclusion if self.check is not None else "skipped"


def show(place: Place, files: JobFiles, outcome: Outcome) -> None:
    """Writes everything that needs no permission.

    Raises:
        OSError: the job's folder or GitHub's files cannot be written.
    """
    outputs = {"conclusion": outcome.conclusion}
    if isinstance(outcome.judged, Judged):
        outputs |= _counts(outcome.judged)
        outputs |= _written(place.folder / FOLDER, outcome.judged, outcome.check, place.inputs.key)
    if isinstance(outcome.measured, Budgets):
        outputs |= {"budgets": str(keep_measurements(place, outcome.measured))}
    files.write_outputs(outputs)
    if isinstance(outcome.measured, BudgetsError):
        place.log.warning(str(outcome.measured))
    if outcome.sentence:
        place.log.say(outcome.sentence)
    if isinstance(outcome.judged, Fault):
        place.log.warning(outcome.judged.sentence)
    left_out = 0
    if outcome.check is not None:
        place.log.say(outcome.check.output.title)
        if not outcome.is_published:
            left_out = place.log.annotate(outcome.check.output.annotations)
    if left_out:
        place.log.say(_NOT_ALL_SHOWN.format(f"{left_out:,}"))
    files.write_summary(_summary(place, outcome))


def _summary(place: Place, outcome: Outcome) -> str:
    """The page of the job: what the check says."""
    name = place.venue.check_name("Stanch")
    if outcome.check is None:
        return f"## {name}\n\n{markdown_text(outcome.sentence or 'There was nothing to do.')}\n"
    output = outcome.check.output
    also = f"\n{markdown_text(outcome.sentence)}\n" if outcome.sentence else ""
    return f"## {name}: {markdown_text(output.title)}\n\n{output.summary}{also}\n"


def _counts(judged: Judged) -> dict[str, str]:
    """The findings that the check is about, by severity, and what else is counted."""
    report = judged.report
    findings = brought_by_change(report, confidence=judged.config.scan.confidence)
    by_severity = {severity: sum(item.severity is severity for item in findings) for severity in Severity}
    numbers = {
        "findings": len(findings),
        "leaks": by_severity[Severity.LEAK],
        "shutdowns": by_severity[Severity.SHUTDOWN],
        "advice": by_severity[Severity.ADVICE],
        "fixable": report.totals.fixable,
        "resolved": report.totals.resolved,
    }
    return {**{name: str(number) for name, number in numbers.items()}, "complete": str(report.complete).lower()}


def _written(folder: Path, judged: Judged, check: CheckRun | None, key: str) -> dict[str, str]:
    """Writes the files of the artifact; returns the outputs that name them."""
    documents = {
        REPORT: to_json(judged.report),
        SARIF: with_category(judged.sarif, key),
        HTML: judged.html,
        BEFORE_AFTER: judged.before_after.encode("utf-8", "replace"),
        CHECK: b"" if check is None else check_json(check),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in documents.items():
        if data:
            (folder / name).write_bytes(data)
    return {
        "results": str(folder),
        "report": str(folder / REPORT),
        "sarif": str(folder / SARIF),
        "html": str(folder / HTML),
    }
