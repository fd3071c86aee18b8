"""Check suites and check runs, their re-run and their buttons."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tests.github.answers import Refusal, invalid
from tests.github.shapes.commits import check_run_json, check_suite_json
from tests.github.state import CheckRun, CheckSuite

if TYPE_CHECKING:
    from tests.github.state import App, Repository
    from tests.github.world import Actor, World

MOST_OF_A_NAME: Final = 1000


def request_suites(world: World, repository: Repository, actor: Actor, sha: str, branch: str) -> None:
    """After a push each App that may write checks has a suite, and is asked to fill it."""
    for installation in world.installations_for(repository):
        if installation.permissions.get("checks") != "write" or installation.suspended_at:
            continue
        if _suite(repository, installation.app, sha) is None:
            suite = _new_suite(world, repository, installation.app, sha, branch)
            _emit_suite(world, suite, "requested", actor)


def _suite(repository: Repository, app: App, sha: str) -> CheckSuite | None:
    suites = repository.check_suites.values()
    return next((suite for suite in suites if suite.app is app and suite.head_sha == sha), None)


def _new_suite(world: World, repository: Repository, app: App, sha: str, branch: str | None) -> CheckSuite:
    now = world.now()
    suite = CheckSuite(world.next_id(), repository, app, sha, branch, now, now)
    repository.check_suites[suite.id] = suite
    return suite


def suite_for(world: World, repository: Repository, app: App, sha: str) -> CheckSuite:
    """The suite of an App on a commit, made when there is none."""
    found = _suite(repository, app, sha)
    if found is not None:
        return found
    branches = repository.git.refs("refs/heads/").items()
    branch = next((name.removeprefix("refs/heads/") for name, tip in branches if tip == sha), None)
    return _new_suite(world, repository, app, sha, branch)


def _emit_suite(world: World, suite: CheckSuite, action: str, actor: Actor) -> None:
    world.emit(
        "check_suite",
        action,
        actor.account,
        lambda: {"check_suite": check_suite_json(world, suite)},
        repository=suite.repository,
        app=suite.app,
    )


def _emit_run(world: World, run: CheckRun, action: str, actor: Actor, *, app: App | None, **extra: Any) -> None:
    world.emit(
        "check_run",
        action,
        actor.account,
        lambda: {"check_run": hooked_run_json(world, run), **extra},
        repository=run.suite.repository,
        app=app,
    )


def hooked_run_json(world: World, run: CheckRun) -> dict[str, Any]:
    """A check run as webhooks show it: with more of its suite."""
    suite = check_suite_json(world, run.suite)
    left_out = ("repository", "head_commit", "latest_check_runs_count", "check_runs_url", "runs_rerequestable")
    shown = {name: value for name, value in suite.items() if name not in (*left_out, "rerequestable")}
    return {**check_run_json(world, run), "check_suite": shown}


def create_run(world: World, repository: Repository, app: App, actor: Actor, body: dict[str, Any]) -> CheckRun:
    """A new check run.

    Raises:
        Refusal: 422, a limit is passed or something does not fit together.
    """
    sha = repository.git.resolve(body["head_sha"])
    if sha is None or sha != body["head_sha"]:
        raise Refusal(422, f"No commit found for SHA: {body['head_sha']}")
    _check(body, None)
    suite = suite_for(world, repository, app, sha)
    started = _time(body, "started_at") or world.now()
    name, external_id = body["name"], body.get("external_id") or ""
    run = CheckRun(world.next_id(), suite, name, external_id, body.get("details_url"), started)
    _apply(world, run, body)
    suite.runs.append(run)
    repository.check_runs[run.id] = run
    same = [one for one in suite.runs if one.name == run.name]
    if len(same) > MOST_OF_A_NAME:
        suite.runs.remove(same[0])
        del repository.check_runs[same[0].id]
    _emit_run(world, run, "created", actor, app=None)
    if run.status == "completed":
        _emit_completed(world, run, actor)
    return run


def update_run(world: World, run: CheckRun, actor: Actor, body: dict[str, Any]) -> None:
    """Change a check run; annotations are added to those that are there.

    Raises:
        Refusal: 422, a limit is passed or something does not fit together.
    """
    _check(body, run)
    was_completed = run.status == "completed"
    _apply(world, run, body)
    if run.status == "completed" and not was_completed:
        _emit_completed(world, run, actor)


def _emit_completed(world: World, run: CheckRun, actor: Actor) -> None:
    _emit_run(world, run, "completed", actor, app=None)
    if run.suite.status == "completed":
        _emit_suite(world, run.suite, "completed", actor)


def _check(body: dict[str, Any], run: CheckRun | None) -> None:
    # The numbers and lengths of annotations and actions are in the description already.
    for annotation in body.get("output", {}).get("annotations", []):
        columns = annotation.keys() & {"start_column", "end_column"}
        if columns and annotation["start_line"] != annotation["end_line"]:
            raise invalid("CheckRun", "annotations", "columns are allowed only on a single line")
        if annotation["end_line"] < annotation["start_line"]:
            raise invalid("CheckRun", "annotations", "end_line must not be before start_line")
    if body.get("conclusion") == "stale":
        raise invalid("CheckRun", "conclusion", "only GitHub can change a check run's conclusion to stale")
    is_completed = body.get("status") == "completed" or (run is not None and run.status == "completed")
    if is_completed and not (body.get("conclusion") or (run and run.conclusion)):
        raise invalid("CheckRun", "conclusion", "a completed check run needs a conclusion", "missing_field")


def _apply(world: World, run: CheckRun, body: dict[str, Any]) -> None:
    run.name = body.get("name", run.name)
    run.external_id = body.get("external_id", run.external_id)
    run.details_url = body.get("details_url", run.details_url)
    run.started_at = _time(body, "started_at") or run.started_at
    run.actions = body.get("actions", run.actions)
    run.conclusion = body.get("conclusion", run.conclusion)
    run.status = body.get("status", run.status)
    if body.get("conclusion"):
        run.status = "completed"
    if run.status == "completed":
        run.completed_at = _time(body, "completed_at") or run.completed_at or world.now()
    else:
        run.conclusion = run.completed_at = None
    output = body.get("output")
    if output:
        run.title, run.summary = output.get("title", run.title), output["summary"]
        run.text = output.get("text", run.text)
        run.annotations += output.get("annotations", [])
    run.suite.updated_at = world.now()


def _time(body: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(body[name]) if body.get(name) else None


def rerequest_run(world: World, run: CheckRun, actor: Actor) -> None:
    """Somebody wants the check again."""
    _emit_run(world, run, "rerequested", actor, app=run.app)


def rerequest_suite(world: World, suite: CheckSuite, actor: Actor) -> None:
    """Somebody wants all checks of an App again."""
    _emit_suite(world, suite, "rerequested", actor)


def press_button(world: World, run: CheckRun, identifier: str, actor: Actor) -> None:
    """Somebody presses one of the buttons of a check, which show when it is completed.

    Raises:
        ValueError: there is no such button now.
    """
    if run.status != "completed" or identifier not in [action["identifier"] for action in run.actions]:
        raise ValueError(f"The check {run.name!r} shows no button {identifier!r} now.")
    action = {"identifier": identifier}
    _emit_run(world, run, "requested_action", actor, app=run.app, requested_action=action)
