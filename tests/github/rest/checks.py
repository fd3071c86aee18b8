"""REST: check runs, their annotations, and check suites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.answers import Answer, Refusal
from tests.github.domain import checks
from tests.github.rest.call import Call, operation
from tests.github.shapes.commits import annotation_json, check_run_json, check_suite_json
from tests.github.world import commit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.github.state import CheckRun, CheckSuite


def _run(call: Call, *, own: bool = False) -> CheckRun:
    run = call.repository.check_runs.get(call.number("check_run_id"))
    if run is None:
        raise Refusal(404)
    if own and run.app is not call.app:
        raise Refusal(
            403, f"Invalid app_id `{run.app.id}` - check run can only be modified by the GitHub App that created it."
        )
    return run


def _suite(call: Call) -> CheckSuite:
    suite = call.repository.check_suites.get(call.number("check_suite_id"))
    if suite is None:
        raise Refusal(404)
    return suite


@operation("checks/create", checks="write")
def _(call: Call) -> Answer:
    run = checks.create_run(call.world, call.repository, call.app, call.actor, call.body)
    return Answer(201, check_run_json(call.world, run))


@operation("checks/update", checks="write")
def _(call: Call) -> Answer:
    run = _run(call, own=True)
    checks.update_run(call.world, run, call.actor, call.body)
    return Answer(200, check_run_json(call.world, run))


@operation("checks/get", checks="read")
def _(call: Call) -> Answer:
    return Answer(200, check_run_json(call.world, _run(call)))


@operation("checks/list-annotations", checks="read")
def _(call: Call) -> Answer:
    run = _run(call)
    return call.page(run.annotations, lambda annotation: annotation_json(call.world, run, annotation))


@operation("checks/rerequest-run", checks="write")
def _(call: Call) -> Answer:
    checks.rerequest_run(call.world, _run(call, own=True), call.actor)
    return Answer(201, {})


@operation("checks/rerequest-suite", checks="write")
def _(call: Call) -> Answer:
    checks.rerequest_suite(call.world, _suite(call), call.actor)
    return Answer(201, {})


@operation("checks/get-suite", checks="read")
def _(call: Call) -> Answer:
    return Answer(200, check_suite_json(call.world, _suite(call)))


@operation("checks/list-for-suite", checks="read")
def _(call: Call) -> Answer:
    return _runs(call, _suite(call).runs)


@operation("checks/list-for-ref", checks="read")
def _(call: Call) -> Answer:
    sha = commit_of(call.repository, call.params["ref"])
    runs = (run for run in call.repository.check_runs.values() if run.head_sha == sha)
    app_id = call.query.get("app_id")
    return _runs(call, (run for run in runs if app_id in (None, str(run.app.id))))


def _runs(call: Call, runs: Iterable[CheckRun]) -> Answer:
    name, status = call.query.get("check_name"), call.query.get("status")
    found = [run for run in runs if name in (None, run.name) and status in (None, run.status)]
    if call.query.get("filter", "latest") == "latest":
        latest = {(run.suite.id, run.name): run for run in found}
        found = list(latest.values())
    found.reverse()
    return call.page(found, lambda run: check_run_json(call.world, run), _counted("check_runs"))


@operation("checks/list-suites-for-ref", checks="read")
def _(call: Call) -> Answer:
    sha = commit_of(call.repository, call.params["ref"])
    app_id = call.query.get("app_id")
    suites = [suite for suite in call.repository.check_suites.values() if suite.head_sha == sha]
    suites = [suite for suite in suites if app_id in (None, str(suite.app.id))]
    return call.page(suites, lambda suite: check_suite_json(call.world, suite), _counted("check_suites"))


def _counted(name: str) -> Callable[[list[Any], int], Any]:
    return lambda shown, total: {"total_count": total, name: shown}
