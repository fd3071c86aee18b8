"""The pull request that asks for consent: a configuration to merge, and what happens once it is. Pure.

Setup shows the same terms and the same file to whoever has an App that cannot open it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH, Config
from bot.decisions.bodies import assembled
from bot.decisions.fix_groups import MAX_CHANGED_LINES
from bot.decisions.relevant import brought_by_change
from bot.reports.inert import markdown_code
from bot.reports.markdown_finding import Material, place
from bot.reports.wording import count, series
from fixers.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.decisions.fix_groups import FixGroup
    from bot.judged import Judged
    from fixers.findings import Finding

TERMS: Final = (
    f"No pull request with fixes is opened before `{CONFIG_PATH}` is on the default branch.",
    f"At most {Config().fix.max_open} are open at once, and {Config().fix.per_hour} is opened an hour; each holds one "
    f"rule in one package and changes at most {MAX_CHANGED_LINES} lines.",
    "A fix is proposed only where the code goes on doing what it did, and where its checks passed.",
    "Closing one is a no for ever. A branch that somebody commits to is left alone.",
)
"""What whoever merges the configuration agrees to."""
MAX_GROUPS: Final = 10
_MAX_PLACES: Final = 3

_FILE: Final = """\
# Stanch finds resource leaks. Everything here is at its default; change what you like, or delete the line.
# What is in force is what the default branch holds.
version: 1

scan:
  include: []           # paths as in .gitignore; with any, only these are scanned
  exclude: []           # paths that are not scanned, such as generated/**
  rules: ["*"]          # or some: timer/*, file/never-released
  confidence: high      # judge findings that are at least this sure: high, medium or low

gate:
  fail-on: none         # let the check fail on: leak, shutdown, advice or none

comment:
  enabled: true         # comment on pull requests that bring a leak

fix:
  enabled: true         # open pull requests with fixes
  families:             # fix these only
    - timer
    - listener
    - observer
    - subscription
    - socket
    - http
    - stream
    - database
    - file
    - tempfile
    - process
    - thread
    - task
    - growth
    - compute
  max-open: 3           # so many of them may be open at once
  per-hour: 1           # so many may be opened in an hour
  labels: []            # labels for them
  reviewers: []         # people and organisation/team; without any, the code owners
  draft: false          # open them as drafts
  branch-prefix: stanch/

budgets: {}             # what a measured program may use, by the profile's name
profiles: []            # programs that are measured
ignore: []              # findings that are accepted, each with a reason
"""


def onboarding_file() -> bytes:
    """The configuration that is proposed: every setting, at its default, with what it means."""
    return _FILE.encode()


def onboarding_body(judged: Judged, groups: Sequence[FixGroup], html_url: str = "") -> str:
    """What the pull request that brings the configuration says.

    Args:
        judged: the default branch, judged under the defaults.
        groups: what would be opened, in that order.
        html_url: where the repository can be read, without a slash at the end; places link there.
    """
    material = Material(blob_url=f"{html_url}/blob/{judged.head}" if html_url else "")
    findings = brought_by_change(judged.report, confidence=judged.config.scan.confidence)
    parts = (
        "**Merging this lets Stanch open pull requests that fix leaks**: timers, listeners, sockets, files and "
        "connections that nobody ends. Before that it opens none.",
        _found(findings, judged),
        _opened(groups, material),
        "\n".join(("**How it goes about it**", "", *(f"- {term}" for term in TERMS[1:]))),
        "**To change it**, edit the file in this pull request: with `fix.enabled: false` none is opened, and "
        "`fix.families` says what is fixed.",
        "**To refuse it**, close this pull request: neither it nor any pull request with fixes is opened then. Checks, "
        "comments and commands work without the file.",
    )
    return assembled(parts)


def _found(findings: Sequence[Finding], judged: Judged) -> str:
    if not findings:
        return "**Found in this repository**: no leaks."
    families = Counter(finding.family.value for finding in findings)
    fixable = Counter(finding.family.value for finding in findings if finding.id in judged.diffs)
    rows = [f"| {family} | {families[family]:,} | {fixable[family]:,} |" for family in sorted(families)]
    rows.append(f"| **all** | **{families.total():,}** | **{fixable.total():,}** |")
    in_tests = sum(finding.severity is Severity.ADVICE for finding in findings)
    tests = f"\n\n{in_tests:,} of them {'is' if in_tests == 1 else 'are'} in tests or examples." if in_tests else ""
    header = "| found in this repository | findings | with a safe fix |\n| --- | ---: | ---: |"
    return "\n".join((header, *rows)) + tests


def _opened(groups: Sequence[FixGroup], material: Material) -> str:
    small = [group for group in groups if not group.is_large]
    large = len(groups) - len(small)
    asked = (
        f"{count(large, 'fix changes', 'fixes change')} more than {MAX_CHANGED_LINES} lines and "
        f"{'is' if large == 1 else 'are'} opened only when somebody asks."
        if large
        else ""
    )
    if not small:
        nothing = "**What would be opened**: no pull request, because no small, safe fix is known for what was found."
        return " ".join(filter(None, (nothing, asked)))
    lines = [f"{at}. {_group(group, material)}" for at, group in enumerate(small[:MAX_GROUPS], start=1)]
    heading = f"**What would be opened**: {count(len(small), 'pull request')}, one after the other"
    first = f"{heading}, the first of them:" if len(small) > MAX_GROUPS else f"{heading}:"
    return "\n\n".join(filter(None, (first, "\n".join(lines), asked)))


def _group(group: FixGroup, material: Material) -> str:
    places = [place(finding, material) for finding in group.findings[:_MAX_PLACES]]
    if len(group.findings) > _MAX_PLACES:
        places.append(f"{len(group.findings) - _MAX_PLACES:,} more")
    return f"{markdown_code(group.rule)}: {series(places)}"
