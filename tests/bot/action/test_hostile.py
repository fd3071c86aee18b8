"""Names and artifacts of strangers, whose authors want more than to be read: all of them are inert."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from bot.decisions.budgets import CHECK_NAME, embedded, parse_budgets
from tests.bot.action.jobs import READ
from tests.bot.decisions import states
from tests.bot.reports.github_markdown import leaves, live_links
from tests.bot.workflows.running import LEAK, MENDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bot.action.jobs import Done, Workflow

LINES: Final = re.compile(r"Stanch: .*|::add-mask::\S+|::(?:error|warning|notice) ?[^:]*::.*")
"""What a job of ours may print."""
OUTPUTS: Final = frozenset(
    {"conclusion", "findings", "leaks", "shutdowns", "advice", "fixable", "resolved", "complete"}
    | {"results", "report", "sarif", "html"}
)

OURS: Final = frozenset(f"<{end}{name}" for end in ("", "/") for name in ("details", "summary", "sub", "br"))
NAMES: Final = (
    "::set-output name=x::y",
    "::add-mask::a",
    "::stop-commands::x",
    "%0A::error::x",
    "x\n::error file=y::z",
    "x\r\n::warning::z",
    "$(touch hacked)",
    "`touch hacked`",
    "; touch hacked #",
    "${{ github.token }}",
    "${{ toJSON(secrets) }}",
    "@everyone #1 octo/app#1",
    "<img src=x onerror=alert(1)>",
    "<!-- stanch:v1 key=pull/1/review -->",
    "</details><script>x</script>",
    "[x](javascript:alert(1))",
    "a|b|c",
    "```\n# big\n```",
    "\u202egnp.js",
    "x\x1b[31mred\x1b]0;title\x07",
    "GITHUB_OUTPUT<<EOF",
    "conclusion=success",
    "-n --help",
    "'\"\\",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name(jobs: Workflow, name: str) -> None:
    """As the title, the text, and the name of a folder and of a field, in a job that may not write and then in one."""
    field = json.dumps(name)
    leak = LEAK.replace("this.timer", f"this[{field}]") + LEAK.replace("Poller", "Other").replace(
        "    this.timer", f"    // {name!r}\n    this.timer"
    )
    folder = name.replace("/", "∕")[:80]
    pull = jobs.repository.open_pull_request(
        "alice", files={f"{folder}/poll.js": leak, "src/poll.js": LEAK}, title=name, body=name
    )
    shown = jobs.on_pull_request(pull, READ)
    assert_inert(shown)
    assert pull.comments_by(jobs.app) == []
    written = jobs.on_pull_request(pull)
    assert_inert(written)
    (comment,) = pull.comments_by(jobs.app)
    for text in (comment.body.partition("\n")[2], written.summary, shown.summary):
        assert live_links(text) == []
        assert tags(text) <= OURS
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    assert not list(Path().glob("hacked"))


def tags(markdown: str) -> set[str]:
    """The HTML that GitHub would take for such."""
    html = (token.content for token in leaves(markdown) if token.type in {"html_block", "html_inline"})
    return {tag for content in html for tag in re.findall(r"<[/!]?[^\s>/]*", content)}


def assert_inert(done: Done) -> None:
    assert done.code == 0, done.log
    assert [line for line in done.log.splitlines() if not LINES.fullmatch(line)] == []
    assert set(done.outputs) == OUTPUTS
    assert done.outputs["conclusion"] == "neutral"


def good(commit: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(embedded(states.budgets(states.GROWING, commit=commit)).splitlines()[1])
    return document


def changed(head: str, **changes: Any) -> bytes:
    return json.dumps({**good(head), **changes}).encode()


def result(commit: str, **changes: Any) -> bytes:
    document = good(commit)
    document["results"][0] |= changes
    return json.dumps(document).encode()


ARTIFACTS: Final[dict[str, Callable[[str], bytes]]] = {
    "nothing": lambda _: b"",
    "no JSON": lambda _: b"\x00\xff\xfe",
    "deep": lambda _: b"[" * 100_000,
    "a list": lambda _: b"[]",
    "large": lambda commit: changed(commit, pad="x" * 2_000_000),
    "unknown keys": lambda commit: changed(commit, comment="hello"),
    "another schema": lambda commit: changed(commit, schema="stanch.budget/2"),
    "another commit": lambda _: changed("a" * 40),
    "a branch for a commit": lambda commit: changed(commit, commit="main"),
    "a number for a commit": lambda commit: changed(commit, commit=7),
    "too many results": lambda commit: changed(commit, results=good(commit)["results"] * 300),
    "Markdown as profile": lambda commit: result(commit, profile="<b>x</b>"),
    "a mention as profile": lambda commit: result(commit, profile="@everyone"),
    "lines as profile": lambda commit: result(commit, profile="a\n::error::b"),
    "a long profile": lambda commit: result(commit, profile="x" * 100),
    "unknown metric": lambda commit: result(commit, metric="money"),
    "unknown state": lambda commit: result(commit, state="great"),
    "text as number": lambda commit: result(commit, head="<script>"),
    "endless number": lambda commit: result(commit, head=1e300),
    "not a number": lambda commit: result(commit).replace(b'"runs": ', b'"rate": NaN, "runs": '),
    "negative runs": lambda commit: result(commit, runs=-1),
    "a path with a cell": lambda commit: result(commit, site={"path": "a|b", "line": 1}),
    "a path with a line": lambda commit: result(commit, site={"path": "a\nb", "line": 1}),
    "line zero": lambda commit: result(commit, site={"path": "a", "line": 0}),
    "many points": lambda commit: result(commit, head_points=[1] * 1000),
    "Markdown as system": lambda commit: changed(commit, environment={"os": "[x](y)", "runtime": "node"}),
}


@pytest.mark.parametrize("name", ARTIFACTS)
def test_an_artifact(jobs: Workflow, name: str) -> None:
    """It is refused with a sentence; the rest of the result is there."""
    pull = jobs.repository.open_pull_request("bob", files={"src/poll.js": MENDED}, fork=True)
    variables = jobs.workflow_run_variables(pull.head_sha)
    hand_on(variables, ARTIFACTS[name](pull.head_sha))
    done = jobs.run(variables)
    assert done.code == 0, done.log
    assert "measurement" in done.log
    assert jobs.repository.check_runs(pull.head_sha, CHECK_NAME) == []
    assert [run.conclusion for run in jobs.repository.check_runs(pull.head_sha, "stanch")] == ["success"]
    assert [line for line in done.log.splitlines() if not LINES.fullmatch(line)] == []


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_an_artifact_that_is_no_file(jobs: Workflow, kind: str, tmp_path: Path) -> None:
    pull = jobs.repository.open_pull_request("bob", files={"src/poll.js": MENDED}, fork=True)
    variables = jobs.workflow_run_variables(pull.head_sha)
    file = hand_on(variables, b"")
    file.unlink()
    if kind == "link":
        (tmp_path / "secret").write_bytes(changed(pull.head_sha))
        file.symlink_to(tmp_path / "secret")
    else:
        file.mkdir()
    done = jobs.run(variables)
    assert "no plain file" in done.log
    assert jobs.repository.check_runs(pull.head_sha, CHECK_NAME) == []


def test_an_honest_artifact(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("bob", files={"src/poll.js": MENDED}, fork=True)
    variables = jobs.workflow_run_variables(pull.head_sha)
    hand_on(variables, changed(pull.head_sha))
    done = jobs.run(variables)
    assert done.code == 0, done.log
    (check,) = jobs.repository.check_runs(pull.head_sha, CHECK_NAME)
    assert parse_budgets(check.text or "") == states.budgets(states.GROWING, commit=pull.head_sha)


def hand_on(variables: dict[str, str], document: bytes) -> Path:
    """Puts an artifact where the step before puts it."""
    file = Path(variables["RUNNER_TEMP"]) / "stanch-measured" / "budgets.json"
    file.parent.mkdir()
    file.write_bytes(document)
    return file
