"""A permission that is missing turns off just what needs it, and is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.database import checks
from bot.database.tables import JOBS, OPEN_CHECKS
from bot.github.manifest import PERMISSIONS, Size
from bot.workflows.lanes import BRANCH
from tests.bot.workflows.running import LEAK, MENDED

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import InstallationHandle, PullHandle, RepositoryHandle

NOTE = "There is no check here: the installation does not grant `checks: write`."
PATH = "src/poll.js"


def installed(service: Service, name: str, **changes: str | None) -> tuple[RepositoryHandle, InstallationHandle]:
    """A repository in an installation that grants what the App asks for, with these changes."""
    repository = service.github.create_repository(name, files={PATH: "export {};\n"})
    repository.set_role("alice", "write")
    wanted = {**PERMISSIONS[Size.REVIEW], **changes}
    granted = {permission: level for permission, level in wanted.items() if level is not None}
    return repository, service.app.install(repository, permissions=granted)


def comments(service: Service, pull: PullHandle) -> list[str]:
    """Those of the App; by their keys the one on the pull request comes before replies."""
    return [comment.body for comment in pull.comments_by(service.app.app)]


def test_without_checks_there_is_a_comment(shared: Service) -> None:
    repository, installation = installed(shared, "octo/uncheckable", checks=None)
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    pull.comment("alice", "/perf-scan budget")
    repository.push({"README.md": "# App\n"})
    shared.settle()
    told, budget = sorted(comments(shared, pull))
    assert ("introduces 1 leak" in told, told.count(NOTE), len(pull.threads)) == (True, 1, 1)
    assert "does not grant `checks: read`" in budget
    assert repository.check_runs(pull.head_sha) == []
    with shared.database.begin() as connection:
        query = select(JOBS.c.state).where(JOBS.c.kind == BRANCH, JOBS.c.lane == f"branch/{repository.id}")
        assert set(connection.execute(query).scalars()) == {"dropped"}

    installation.accept_permissions(PERMISSIONS[Size.REVIEW])
    shared.settle()
    pull.push({PATH: MENDED})
    shared.settle()
    assert [check.conclusion for check in repository.check_runs(pull.head_sha)] == ["success"]
    assert NOTE not in sorted(comments(shared, pull))[0]


def test_a_permission_to_read_checks_only(shared: Service) -> None:
    repository, _ = installed(shared, "octo/unwritable", checks="read")
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    shared.settle()
    (told,) = comments(shared, pull)
    assert told.count(NOTE) == 1
    assert repository.check_runs(pull.head_sha) == []


def test_checks_that_are_withdrawn_while_one_is_open(shared: Service) -> None:
    repository, installation = installed(shared, "octo/withdrawn")
    pull = repository.open_pull_request("alice", "feature", files={PATH: LEAK})
    shared.settle()
    granted = {name: level for name, level in PERMISSIONS[Size.REVIEW].items() if name != "checks"}
    installation.accept_permissions(granted)
    shared.settle()
    with shared.database.begin() as connection:
        checks.begun(connection, repository.id, pull.head_sha, "check/stanch/one", pull.number)
        checks.begun(connection, repository.id, repository.head(), "check/stanch-repository/one")
    pull.push({PATH: f"{LEAK}\n"})
    repository.push({"README.md": "# App\n"})
    shared.settle()
    with shared.database.begin() as connection:
        query = select(OPEN_CHECKS.c.key).where(OPEN_CHECKS.c.repository_id == repository.id)
        assert connection.execute(query).scalars().all() == []
    (told,) = comments(shared, pull)
    assert (f"Commit `{pull.head_sha[:7]}`" in told, NOTE in told) == (True, True)
