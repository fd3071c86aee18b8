"""What people do on GitHub, at random but from a seed: they open, push, close, comment, press buttons and merge."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.bot.workflows.running import LEAK, MENDED
from tests.chaos.markers import field_of
from tests.github.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.stage import Stage
    from tests.github import CommentHandle, PullHandle, RepositoryHandle

LEAK_SIGN: Final = "this.stopped = true;"
"""What only the leaking file has."""
ROLES: Final = {"alice": "write", "tom": "triage", "rita": "read", "fred": "read"}
_MOST_OPEN: Final = 6
_WRITE: Final = frozenset({"alice"})
_TRIAGE: Final = frozenset({"alice", "tom"})
_ALL: Final = frozenset({"alice", "tom", "rita", "fred", "sam"})
_COMMANDS: Final = (
    ("", _TRIAGE, 6),
    ("full", _TRIAGE, 2),
    ("help", _ALL, 2),
    ("config", _ALL, 2),
    ("budget", _ALL, 1),
    ("expain", _ALL, 1),
    ("explain {id}", _ALL, 2),
    ("ignore {id} It ends with the process", _WRITE, 2),
    ("fix", _WRITE, 1),
    ("pause", _WRITE, 0.4),
    ("resume", _WRITE, 0.4),
)


@dataclass
class Command:
    """A command that somebody has given. `may`: whether the contract lets them; `closings`: how often it was closed."""

    repository: RepositoryHandle
    pull: PullHandle
    comment: CommentHandle
    login: str
    text: str
    may: bool
    closings: int


@dataclass
class Workshop:
    """A repository in which people work."""

    handle: RepositoryHandle
    opened: int = 0
    pushed_to_default: bool = False
    closings: dict[int, int] = field(default_factory=dict)


class People:
    """They do one thing at a time; `commands` and `done` are what they remember of it."""

    def __init__(self, stage: Stage, seed: int, *, organisations: int, repositories: int) -> None:
        """Makes the repositories, and installs the App in them.

        Args:
            stage: where.
            seed: of what they do.
            organisations: each is an installation.
            repositories: in each organisation.
        """
        self._random = random.Random(seed)
        self.commands: list[Command] = []
        self.done: dict[str, int] = {}
        self.workshops: list[Workshop] = []
        self._ignored: set[str] = set()
        self._stage = stage
        for number in range(1, organisations + 1):
            owner = f"org-{number}"
            for name in range(1, repositories + 1):
                self.workshops.append(Workshop(self._make(f"{owner}/app-{name}")))
            stage.app.install(owner)

    def _make(self, full_name: str) -> RepositoryHandle:
        repository = self._stage.github.create_repository(full_name, files={"src/main.js": "export {};\n"})
        for login, role in ROLES.items():
            repository.set_role(login, role)
        repository.create_branch("release")
        return repository

    def act(self) -> str:
        """Does something that is possible just now; says what, and where."""
        while True:
            workshop = self._random.choice(self.workshops)
            weights = [weight for _, weight in _ACTIONS]
            action, _ = self._random.choices(_ACTIONS, weights)[0]
            try:
                what = action(self, workshop)
            except Refusal:
                # GitHub does not let them, such as to merge what conflicts.
                continue
            if what is not None:
                self.done[action.__name__.strip("_")] = self.done.get(action.__name__.strip("_"), 0) + 1
                return f"{action.__name__.strip('_')} {workshop.handle.full_name} {what}"

    def _pulls(self, workshop: Workshop, state: str = "open") -> list[PullHandle]:
        return [pull for pull in workshop.handle.pulls if pull.state == state and not pull.is_merged]

    def _pull(self, workshop: Workshop) -> PullHandle | None:
        found = self._pulls(workshop)
        return self._random.choice(found) if found else None

    def _file(self, path: str, *, leaks: bool) -> dict[str, str]:
        """A file whose leak is no other file's: what tells findings apart is the class, not the path."""
        name = "Poller" + path.removeprefix("src/").removesuffix(".js").replace("-", "x")
        content = (LEAK if leaks else MENDED).replace("Poller", name)
        return {path: f"// {self._random.getrandbits(32):x}\n{content}"}

    def _file_of(self, pull: PullHandle, *, leaks: bool) -> dict[str, str]:
        return self._file(f"src/p{pull.number}-{self._random.randint(1, 3)}.js", leaks=leaks)

    def _open(self, workshop: Workshop) -> str | None:
        if len(self._pulls(workshop)) >= _MOST_OPEN:
            return None
        # Numbers of files differ from those that other pull requests use, so that they do not conflict.
        workshop.opened += 1
        fork = self._random.random() < 0.15
        path = f"src/f{workshop.opened}.js"
        pull = workshop.handle.open_pull_request(
            "fred" if fork else "alice",
            f"feature-{workshop.opened}",
            files=self._file(path, leaks=self._random.random() < 0.6),
            fork=fork,
            draft=self._random.random() < 0.15,
        )
        return f"#{pull.number}"

    def _push_leak(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        pull.push(self._file_of(pull, leaks=True))
        return f"#{pull.number} {pull.head_sha[:7]}"

    def _push_fix(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        mended: dict[str, str] = {}
        for change in pull.files:
            if change.status != "removed":
                mended |= self._file(change.path, leaks=False)
        pull.push(mended)
        return f"#{pull.number} {pull.head_sha[:7]}"

    def _force_push(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        pull.force_push(self._file_of(pull, leaks=self._random.random() < 0.5))
        return f"#{pull.number} {pull.head_sha[:7]}"

    def _rebase(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None or pull.pull.base_ref != workshop.handle.default_branch:
            return None
        pull.rebase()
        return f"#{pull.number} {pull.head_sha[:7]}"

    def _close(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        workshop.closings[pull.number] = workshop.closings.get(pull.number, 0) + 1
        pull.close()
        return f"#{pull.number}"

    def _reopen(self, workshop: Workshop) -> str | None:
        closed = self._pulls(workshop, "closed")
        if not closed:
            return None
        pull = self._random.choice(closed)
        pull.reopen()
        return f"#{pull.number}"

    def _retarget(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        base = "release" if pull.pull.base_ref != "release" else workshop.handle.default_branch
        pull.retarget(base)
        return f"#{pull.number} {base}"

    def _draft_or_ready(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        if pull.is_draft:
            pull.mark_ready()
        else:
            pull.convert_to_draft()
        return f"#{pull.number} {'draft' if pull.is_draft else 'ready'}"

    def _edit(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        pull.edit(title=f"Title {self._random.random()}")
        return f"#{pull.number}"

    def _chat(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        pull.comment(self._random.choice(sorted(_ALL)), "I do not know about /perf-scan.")
        return f"#{pull.number}"

    def _command(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        text, may, _ = self._random.choices(_COMMANDS, [weight for *_, weight in _COMMANDS])[0]
        login = self._random.choice(sorted(_ALL))
        if "{id}" in text:
            ids = [found for thread in pull.threads if (found := field_of(thread.comments[0].body, "id"))]
            if text.startswith("ignore"):
                ids = [found for found in ids if found not in self._ignored]
            if not ids:
                return None
            chosen = self._random.choice(ids)
            if text.startswith("ignore"):
                self._ignored.add(chosen)
            text = text.format(id=chosen)
        allowed = login in may
        if text in ("", "full") and pull.pull.head_repository is not pull.repository:
            allowed = allowed or login == "fred"
        closings = workshop.closings.get(pull.number, 0)
        comment = pull.comment(login, f"/perf-scan {text}".strip())
        self.commands.append(Command(workshop.handle, pull, comment, login, text, allowed, closings))
        return f"#{pull.number} {login}: {text} ({comment.id})"

    def _press(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        runs = [] if pull is None else workshop.handle.check_runs(pull.head_sha, "stanch")
        buttons = [action["identifier"] for action in runs[0].actions] if runs and runs[0].status == "completed" else []
        if pull is None or "rescan" not in buttons:
            return None
        workshop.handle.press_button(runs[0], "rescan", self._random.choice(("alice", "tom", "rita")))
        return f"#{pull.number}"

    def _rerequest(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        runs = [] if pull is None else workshop.handle.check_runs(pull.head_sha, "stanch")
        if pull is None or not runs or runs[0].status != "completed":
            return None
        workshop.handle.rerequest_check(runs[0], "alice")
        return f"#{pull.number}"

    def _push_to_default(self, workshop: Workshop) -> str | None:
        path = f"src/d{self._random.randint(1, 4)}.js"
        sha = workshop.handle.push(self._file(path, leaks=self._random.random() < 0.5))
        workshop.pushed_to_default = True
        return sha[:7]

    def _merge(self, workshop: Workshop) -> str | None:
        pull = self._pull(workshop)
        if pull is None:
            return None
        into_default = pull.pull.base_ref == workshop.handle.default_branch
        workshop.closings[pull.number] = workshop.closings.get(pull.number, 0) + 1
        pull.merge("alice", self._random.choice(("merge", "squash")))
        workshop.pushed_to_default = workshop.pushed_to_default or into_default
        return f"#{pull.number}"

    def _rename(self, workshop: Workshop) -> str | None:
        workshop.handle.rename(f"app-{self._random.getrandbits(40):x}")
        return workshop.handle.full_name


_ACTIONS: Final[tuple[tuple[Callable[[People, Workshop], str | None], float], ...]] = (
    (People._open, 10),
    (People._push_leak, 9),
    (People._push_fix, 9),
    (People._force_push, 4),
    (People._rebase, 2),
    (People._close, 2),
    (People._reopen, 3),
    (People._retarget, 2),
    (People._draft_or_ready, 3),
    (People._edit, 1),
    (People._chat, 1),
    (People._command, 14),
    (People._press, 3),
    (People._rerequest, 3),
    (People._push_to_default, 4),
    (People._merge, 2),
    (People._rename, 0.5),
)
