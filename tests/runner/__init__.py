"""A runner for composite actions, as GitHub's is: inputs, expressions, environment files, workflow commands, masks.

    runner = Runner(tmp_path / "runner", action=ROOT, actions={"actions/cache": Cache(...)})
    run = runner.run(Job("pull_request", payload, github={"repository": "octo/app"}, token=token), fail_on="leak")
    assert run.conclusion == "success"
    assert run.outputs["leaks"] == "1"

`expressions` evaluates what stands in `${{ }}`, `commands` reads what steps print and write, `steps` runs them, and
`actions` stands in for the actions of others that a composite action uses. What it does is taken from docs.github.com
("Workflow syntax", "Evaluate expressions", "Workflow commands", "Metadata syntax") and from the source of
actions/runner.
"""

from tests.runner.actions import Cache, Downloads, SetupPython, Uploads
from tests.runner.steps import Job, Run, Runner

__all__ = ["Cache", "Downloads", "Job", "Run", "Runner", "SetupPython", "Uploads"]
