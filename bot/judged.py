"""What is computed over the code of a change or a tree, as plain data that crosses a process boundary.

Decisions are made over it elsewhere, by who has no code at hand. Text that may hold bytes which are not UTF-8 is kept
as bytes; everything else is encodable.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from bot.config import CONFIG_PATH, Config, from_canonical

# msgspec reads the annotations at run time.
from bot.config.faults import Fault
from bot.reports.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What another configuration would change of what is shown of a tree: findings that are sure enough, not silenced.

    `before` and `after` count them under the configuration in force and under the other; `more` and `fewer` count
    those that appear and vanish, by rule.
    """

    before: int
    after: int
    more: dict[str, int]
    fewer: dict[str, int]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration that the head brings, and that is not in force: its faults, or what it would mean.

    `effective` is its canonical JSON; it and `preview` are None where the file has faults.
    """

    faults: tuple[Fault, ...] = ()
    effective: str | None = None
    preview: Preview | None = None

    def config(self) -> Config | None:
        """The proposed configuration, where it is valid."""
        return None if self.effective is None else from_canonical(self.effective)


class PatchedFile(msgspec.Struct, frozen=True):
    """A file as a commit of ours has it; `path` as git has it."""

    path: bytes
    data: bytes
    is_executable: bool = False


class Grouping(msgspec.Struct, frozen=True, kw_only=True):
    """Which safe fixes are written for pull requests.

    Attributes:
        withheld: fingerprints of findings whose fixes are not written, because somebody refused them or a pull request
            has them already. The others are grouped as if these were not there.
        wanted: the ids of the findings that are fixed, whatever the configuration says of fixes and of confidence;
            None: those that it wants.
        together: whether one commit holds them all (`Judged.together`), or one for each group (`Judged.groups`).
    """

    withheld: frozenset[str] = frozenset()
    wanted: frozenset[str] | None = None
    together: bool = False


class WrittenFixes(msgspec.Struct, frozen=True, kw_only=True):
    """Safe fixes that were written together.

    Attributes:
        findings: the ids of those that are fixed.
        files: what the files hold with the fixes in them.
        changed_lines: how many lines they add and remove.
        before: how many findings the tree has, by rule; those that are sure enough, without the suppressed ones.
        after: and how many with the fixes.
    """

    findings: tuple[str, ...]
    files: tuple[PatchedFile, ...]
    changed_lines: int
    before: dict[str, int]
    after: dict[str, int]


class WrittenGroup(WrittenFixes, frozen=True, kw_only=True):
    """Safe fixes of one rule in one package.

    Attributes:
        rule: the rule.
        package: the package's folder as git has it; empty for the root.
        part: which part of the package's findings this is, from 0.
    """

    rule: str
    package: bytes
    part: int


class Judged(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a head gave, compared with its base where there is one.

    Attributes:
        head: the commit that was judged.
        base: the merge base; None where the whole tree counts as new.
        effective: the configuration that was in force, the base's (the head's without a base), as canonical JSON.
        faults: of the configuration file that would have been in force; with any, the defaults were.
        proposal: what the head's configuration says, where it is another than the base's.
        report: the report; safe fixes of what the change brings are written, and their checks passed.
        diffs: these fixes by finding id, as unified diffs; see `fixes`.
        refused: why the checks refused the safe fix of a finding, by its id.
        added: the lines that the change adds, by path as in the report, of changed files that have findings. A path
            that is not there is not in the diff.
        lines: the code that excerpts show, by path as in the report and 1-based line.
        sarif: the report for code scanning.
        html: the report for a browser.
        before_after: what all safe fixes change together, as Markdown.
        groups: the fixes in groups, each fit for a pull request, where they were asked for.
        together: the fixes in one commit, where that was asked for and there is something to fix.
        is_configured: of a whole tree, whether it has a configuration file.
        codeowners: of a whole tree, what its CODEOWNERS file says; empty where there is none.
        config_path: where the configuration lies.
    """

    head: str
    base: str | None
    effective: str
    faults: tuple[Fault, ...]
    proposal: Proposal | None
    report: Report
    diffs: dict[str, bytes]
    refused: dict[str, str]
    added: dict[str, frozenset[int]]
    lines: dict[str, dict[int, str]]
    sarif: bytes
    html: bytes
    before_after: str
    groups: tuple[WrittenGroup, ...] = ()
    together: WrittenFixes | None = None
    is_configured: bool = False
    codeowners: str = ""
    config_path: str = CONFIG_PATH

    @cached_property
    def config(self) -> Config:
        """The configuration that was in force."""
        return from_canonical(self.effective)

    @cached_property
    def fixes(self) -> Mapping[str, str]:
        """The safe fixes as unified diffs by finding id; bytes that are not UTF-8 are surrogates (PEP 383)."""
        return {key: diff.decode("utf-8", "surrogateescape") for key, diff in self.diffs.items()}

    def read_line(self, path: str, line: int) -> str | None:
        """A line for an excerpt (`bot.reports.excerpt.ReadLine`)."""
        return self.lines.get(path, {}).get(line)


class JudgedError(ValueError):
    """Bytes are no judgement; the message says why."""


def encode(judged: Judged) -> bytes:
    """A judgement as bytes (MessagePack)."""
    return msgspec.msgpack.encode(judged)


def decode(data: bytes) -> Judged:
    """Reads a judgement back.

    Raises:
        JudgedError: they are no judgement, or one with a part missing or of the wrong type.
    """
    try:
        return msgspec.msgpack.decode(data, type=Judged)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JudgedError(f"These bytes are no judgement: {error}") from None
