"""Every label judged: which of them are right, repository by repository, on several processes."""

from __future__ import annotations

import os
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, repeat
from typing import TYPE_CHECKING

import msgspec

from bench.scores.labels import Expected, Label, Place
from bench.scores.looks import Look, Said, look
from bench.scores.revisions import CommitTree, clone_of
from bot.git import GitError
from bot.objects import ObjectReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class Outcome(msgspec.Struct, frozen=True):
    """A label and the engine's answers: at its place and, of a pair, at that place after the fix."""

    label: Label
    before: Look
    after: Look | None = None

    @property
    def absent(self) -> bool:
        """Whether a commit or a file is not here, so that nothing can be said."""
        return Said.ABSENT in {self.before.said, self.after.said if self.after else None}

    @property
    def hit(self) -> bool:
        """Whether the labelled place is reported."""
        return self.before.flagged

    @property
    def silent_after(self) -> bool:
        """Whether nothing is reported after the fix."""
        return self.after is not None and not self.after.flagged

    @property
    def right(self) -> bool:
        """Whether the answer is the expected one."""
        match self.label.expected:
            case Expected.PAIR:
                return self.hit and self.silent_after
            case Expected.LEAK:
                return self.hit
            case Expected.CLEAN:
                return not self.hit


def outcomes_of(clones: Path, labels: Iterable[Label], *, jobs: int | None = None) -> list[Outcome]:
    """Judges every label, a repository in one process; the answers do not depend on how many there are.

    Args:
        clones: a folder of clones, see `bench.scores.revisions.clone_of`.
        labels: what to judge.
        jobs: how many processes; 1: this one alone; None: one a processor.

    Returns:
        The outcomes, in the order of the labels.

    Raises:
        GitError: git cannot be run, or refuses a clone.
    """
    labels = list(labels)
    groups: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        groups[label.repo].append(label)
    # The largest first, so that no process is left with it at the end.
    work = sorted(groups.values(), key=len, reverse=True)
    if jobs == 1:
        found = list(map(judge_repository, repeat(clones), work))
    else:
        with ProcessPoolExecutor(jobs or _processors()) as pool:
            found = list(pool.map(judge_repository, repeat(clones), work))
    by_id = {outcome.label.id: outcome for outcome in chain.from_iterable(found)}
    return [by_id[label.id] for label in labels]


def judge_repository(clones: Path, labels: list[Label]) -> list[Outcome]:
    """The outcomes of labels of one repository, which is read by one git process.

    Raises:
        GitError: git cannot be run, or refuses the clone.
    """
    repository = clone_of(clones, labels[0].repo)
    if repository is None:
        return [judge_label(label, lambda _: None) for label in labels]
    trees: dict[str, CommitTree | None] = {}
    with ObjectReader(repository) as objects:

        def tree_of(place: Place) -> CommitTree | None:
            if place.commit not in trees:
                trees[place.commit] = _tree(objects, place.commit)
            return trees[place.commit]

        return [judge_label(label, tree_of) for label in labels]


def judge_label(label: Label, tree_of: Callable[[Place], CommitTree | None]) -> Outcome:
    """The outcome of one label; `tree_of` gives the files of a place's commit, None where it is absent."""
    before = look(tree_of(label.before), label.before, label, mend=label.expected is not Expected.CLEAN)
    if label.after is None:
        return Outcome(label, before)
    after = look(tree_of(label.after), label.after, msgspec.structs.replace(label, span=None))
    return Outcome(label, before, after)


def _tree(objects: ObjectReader, commit: str) -> CommitTree | None:
    try:
        return CommitTree(objects, commit)
    except GitError:
        return None


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
