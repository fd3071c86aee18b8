"""A report as one HTML file that needs nothing else: no script, nothing from elsewhere, for a screen and for paper."""

from __future__ import annotations

import json
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

from bot.reports.html_elements import Html, element, joined, prose
from bot.reports.html_finding import finding_html, place, shown_path
from bot.reports.html_style import POLICY, STYLE
from bot.reports.markdown_finding import Material
from bot.reports.wording import UNSEEN_CODES, count, counts_by_severity, shorten, unseen, with_safe_fix
from fixers.findings import Confidence, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.reports.report import Report
    from fixers.source import Skipped

MAX_BYTES: Final = 5_000_000
"""What a browser shows at once; the parts other than findings take less than a tenth of it."""
MAX_OPEN: Final = 50
MAX_LISTED: Final = 200
MAX_DETAIL: Final = 200
MAX_OPTIONS: Final = 1_000


def report_html(
    report: Report,
    *,
    material: Material | None = None,
    confidence: Confidence = Confidence.HIGH,
    limit: int = MAX_BYTES,
) -> str:
    """The report as an HTML document.

    Args:
        report: the report.
        material: code, diffs and links to show.
        confidence: findings less sure than this are counted, not shown.
        limit: the largest size in bytes; findings that would exceed it are counted, and a sentence says so.
    """
    material = material or Material()
    unsuppressed = [finding for finding in report.findings if finding.suppressed is None]
    shown = [finding for finding in unsuppressed if finding.confidence.rank <= confidence.rank]
    frame = (
        _header(report, shown, len(unsuppressed) - len(shown)),
        joined(_lists(report, material)),
        _footer(report),
    )
    room = limit - len(STYLE) - sum(len(part.encode()) for part in frame) - 2_000
    grave = [finding for finding in shown if finding.severity is not Severity.ADVICE]
    advice = [finding for finding in shown if finding.severity is Severity.ADVICE]
    written: dict[str, Html] = {}
    for finding in (*grave, *advice):
        article = finding_html(finding, material)
        room -= len(article.encode()) + 500
        if room < 0:
            break
        written[finding.id] = article
    body = joined((_findings(grave, written), _advice(advice, written), _left_out(len(shown) - len(written))))
    return _document(counts_by_severity(shown).capitalize(), frame[0], element("main", body, frame[1]), frame[2])


def _document(title: str, *body: Html) -> str:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} – Stanch"),
        element("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', *body), lang='en')}\n"


def _header(report: Report, shown: Sequence[Finding], unsure: int) -> Html:
    silenced = sum(finding.suppressed is not None for finding in report.findings)
    listed = len(shown) + unsure
    counts = [
        (with_safe_fix(shown), "with a safe fix"),
        (len(report.resolved), "resolved by this change"),
        (report.totals.findings - listed, "there before, not listed"),
        (silenced, "silenced"),
        (unsure, "less certain, not shown"),
    ]
    items = [element("li", element("b", f"{number:,}"), words) for number, words in counts if number]
    what = "introduced by this change" if report.base else ""
    return element(
        "header",
        element("h1", f"{counts_by_severity(shown).capitalize()} {what}".strip()),
        element("p", _where(report), class_="quiet"),
        element("ul", *items, class_="counts") if items else "",
        _incomplete(report),
    )


def _where(report: Report) -> Html:
    tree = joined(["tree ", element("code", report.tree[:12])]) if report.tree else "files that are not committed"
    base = joined([", compared with ", element("code", report.base[:12])]) if report.base else ""
    prefix = joined([", below ", element("code", shown_path(report.prefix))]) if report.prefix else ""
    files = f"; {count(report.totals.files, 'file')} considered, {report.totals.parsed:,} read"
    return joined([f"Stanch {report.engine.version}, ", tree, base, prefix, files])


def _incomplete(report: Report) -> Html:
    if report.complete:
        return Html("")
    files = count(len({entry.path for entry in unseen(report.skipped)}), "file was", "files were")
    words = f"Incomplete: leaks may be missing, because {files} not judged as a whole; see the list below."
    return element("p", words, class_="notice")


def _findings(findings: Sequence[Finding], written: dict[str, Html]) -> Html:
    if not findings:
        return Html("")
    return joined([element("h2", "Findings by file"), *_by_file(findings, written, opened=MAX_OPEN)])


def _advice(findings: Sequence[Finding], written: dict[str, Html]) -> Html:
    if not any(finding.id in written for finding in findings):
        return Html("")
    summary = element("summary", f"{counts_by_severity(findings).capitalize()}")
    return element("details", summary, *_by_file(findings, written, opened=0), class_="more")


def _by_file(findings: Sequence[Finding], written: dict[str, Html], *, opened: int) -> Iterator[Html]:
    """A fold for each file, the first ones open."""
    before = 0
    for path, group in groupby(findings, lambda finding: finding.path):
        members = list(group)
        articles = [written[finding.id] for finding in members if finding.id in written]
        if articles:
            number = element("span", f" {counts_by_severity(members)}", class_="quiet")
            summary = element("summary", element("code", shown_path(path)), number)
            yield element("details", summary, *articles, class_="file", open=before < opened)
        before += len(articles)


def _left_out(number: int) -> Html:
    if not number:
        return Html("")
    more = count(number, "more finding does", "more findings do")
    return element("p", prose(f"{more} not fit here; `stanch scan --format json` lists them all."), class_="notice")


def _lists(report: Report, material: Material) -> Iterator[Html]:
    """What is not among the findings, folded: silenced and resolved ones, and files that were not judged."""
    silenced = [finding for finding in report.findings if finding.suppressed is not None]
    yield _list("Silenced", len(silenced), (_line(finding, material) for finding in silenced))
    # Those of the base lie in files that may be others, or none, by now.
    resolved = (_line(finding, Material()) for finding in report.resolved)
    yield _list("Resolved by this change", len(report.resolved), resolved)
    skipped = sorted(report.skipped, key=lambda entry: entry.code not in UNSEEN_CODES)
    yield _list("Not judged, or not as a whole", len(skipped), map(_skipped, skipped))


def _list(title: str, number: int, items: Iterable[Html]) -> Html:
    if not number:
        return Html("")
    shown = [element("li", item) for item in islice(items, MAX_LISTED)]
    if number > MAX_LISTED:
        shown.append(element("li", prose(f"and {number - MAX_LISTED:,} more, see `stanch scan --format json`")))
    summary = element("summary", title, element("span", f" {number:,}", class_="quiet"))
    return element("details", summary, element("ul", *shown), class_="more")


def _line(finding: Finding, material: Material) -> Html:
    words = shorten(finding.message, MAX_DETAIL)
    suppressed = finding.suppressed
    if suppressed is None:
        return joined([place(finding, finding.line, material), " ", prose(words)])
    until = f" until {suppressed.until}" if suppressed.until else ""
    reason = element("span", f" By {suppressed.by}{until}: {shorten(suppressed.reason, MAX_DETAIL)}", class_="quiet")
    return joined([place(finding, finding.line, material), " ", prose(words), reason])


def _skipped(entry: Skipped) -> Html:
    where = element("code", shown_path(entry.path))
    return joined([where, f" {entry.code}", element("span", f", {shorten(entry.detail, MAX_DETAIL)}", class_="quiet")])


def _footer(report: Report) -> Html:
    rows = {
        "Engine": f"{report.engine.name} {report.engine.version}, fingerprints {report.engine.fingerprint_version}",
        "Tree": report.tree or ("none: the work tree has changes" if report.dirty else "none: no repository"),
        "Base": report.base or "none: the whole tree",
        "Folder": shown_path(report.prefix) or "all",
        "Configuration": report.config,
        "Ignores": report.ignores or "none",
        "Date": report.as_of or "does not matter",
        "Options": shorten(json.dumps(report.options, sort_keys=True, ensure_ascii=False), MAX_OPTIONS),
    }
    pairs = [piece for term, value in rows.items() for piece in (element("dt", term), element("dd", value))]
    return element(
        "footer",
        element("h2", "What this answer depends on"),
        element("dl", *pairs),
        element("p", "Equal inputs give an equal report, on every machine.", class_="quiet"),
    )
