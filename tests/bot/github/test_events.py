from __future__ import annotations

import json
import lzma
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github import events
from bot.github.events import EVENTS, MAX_BYTES, Ignored, PayloadError, parse_event
from bot.github.models import Account, BranchTip, PullRequest, RepositoryRef
from tools.webhook_examples import EXAMPLES

SHA, OTHER_SHA = "0123456789" * 4, "f" * 40
REPOSITORY = {"id": 7, "full_name": "octo/app", "default_branch": "main"}
REF = RepositoryRef(3, 7, "octo/app")
ALICE = {"id": 1, "login": "alice", "type": "User"}
PULL = {
    "number": 5,
    "title": "Poll",
    "state": "open",
    "user": ALICE,
    "head": {"ref": "feature", "sha": SHA, "repo": {"id": 8}},
    "base": {"ref": "main", "sha": OTHER_SHA, "repo": {"id": 7}},
}
PULL_REQUEST = PullRequest(
    5, "Poll", Account(1, "alice"), BranchTip("feature", SHA, 8), BranchTip("main", OTHER_SHA, 7), is_open=True
)
COMMENT = {"id": 11, "body": "/perf-scan", "user": ALICE, "created_at": "2026-11-24T12:00:00Z"}


@cache
def examples() -> list[tuple[str, Any]]:
    return [(name, payload) for name, payload in json.loads(lzma.decompress(EXAMPLES.read_bytes()))]


def read(name: str, **payload: object) -> object:
    common = {"repository": REPOSITORY, "installation": {"id": 3}, "sender": ALICE}
    return parse_event(name, json.dumps({**common, **payload}).encode())


def test_every_example_is_read() -> None:
    kinds: Counter[str] = Counter()
    for name, payload in examples():
        # Many examples come from a webhook of a repository, and name no installation.
        event = parse_event(name, json.dumps({"installation": {"id": 1}, **payload}).encode())
        assert isinstance(event, Ignored) or name in EVENTS
        assert isinstance(parse_event(name, json.dumps(payload).encode()), type(event) | Ignored)
        kinds[type(event).__name__] += 1
    assert kinds.total() == len(examples()) > 400
    assert kinds["PullRequestChanged"] >= 14
    expected = {kind.__name__ for kind in events.Event.__args__} - {"IssueEdited"}
    assert kinds.keys() == expected | {"Ignored"}


def test_a_pull_request() -> None:
    event = read("pull_request", action="synchronize", pull_request=PULL)
    assert event == events.PullRequestChanged("synchronize", REF, PULL_REQUEST, Account(1, "alice"))
    gone = {**PULL, "user": None, "head": {**PULL["head"], "repo": None}}  # type: ignore[dict-item]
    event = read("pull_request", action="closed", pull_request={**gone, "state": "closed", "merged_at": "2026-11-24"})
    assert isinstance(event, events.PullRequestChanged)
    assert event.pull_request.author.login == "ghost"
    assert event.pull_request.from_fork
    assert (event.pull_request.is_open, event.pull_request.is_merged) == (False, True)


def test_an_edit_counts_where_it_changes_what_is_reviewed() -> None:
    changes = {"base": {"ref": {"from": "next"}}}
    assert isinstance(
        read("pull_request", action="edited", pull_request=PULL, changes=changes), events.PullRequestChanged
    )
    words = {"title": {"from": "Pol"}}
    assert read("pull_request", action="edited", pull_request=PULL, changes=words) == Ignored(
        "only the words of the pull request changed"
    )


@pytest.mark.parametrize(
    ("ref", "deleted", "expected"),
    [
        ("refs/heads/main", False, events.Pushed(REF, "main", OTHER_SHA, SHA, True, Account(1, "alice"))),
        ("refs/heads/a/b", False, events.Pushed(REF, "a/b", OTHER_SHA, SHA, False, Account(1, "alice"))),
        ("refs/heads/main", True, events.Pushed(REF, "main", OTHER_SHA, None, True, Account(1, "alice"))),
        ("refs/tags/main", False, Ignored("what was pushed is no branch")),
    ],
)
def test_a_push(ref: str, deleted: bool, expected: object) -> None:
    assert read("push", ref=ref, before=OTHER_SHA, after=SHA, deleted=deleted) == expected


def test_a_comment() -> None:
    issue = {"number": 5, "state": "open", "user": ALICE, "pull_request": {"url": "..."}}
    bot = {**COMMENT, "user": {"id": 9, "login": "stanch[bot]", "type": "Bot"}, "performed_via_github_app": {"id": 4}}
    event = read("issue_comment", action="created", issue=issue, comment=bot)
    assert isinstance(event, events.Commented)
    assert (event.repository, event.number, event.is_pull_request, event.is_open) == (REF, 5, True, True)
    assert (event.comment.author, event.comment.app_id) == (Account(9, "stanch[bot]", is_bot=True), 4)
    event = read("issue_comment", action="created", issue={"number": 6, "state": "closed"}, comment=COMMENT)
    assert isinstance(event, events.Commented)
    assert (event.is_pull_request, event.is_open, event.comment.body) == (False, False, "/perf-scan")


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_edits_of_comments_are_no_commands(action: str) -> None:
    expected = Ignored(f"the action '{action}' of issue_comment is none of ours")
    assert read("issue_comment", action=action, issue={"number": 5}, comment=COMMENT) == expected


def test_an_inline_comment() -> None:
    comment = {**COMMENT, "path": "src/poll.ts", "line": None, "in_reply_to_id": 10}
    event = read("pull_request_review_comment", action="created", pull_request=PULL, comment=comment)
    assert isinstance(event, events.ReviewCommented)
    assert (event.pull_request, event.comment.in_reply_to, event.comment.line) == (PULL_REQUEST, 10, None)


def test_a_box_of_an_issue() -> None:
    issue = {"number": 5, "body": "- [x] rescan", "user": ALICE}
    event = read("issues", action="edited", issue=issue, changes={"body": {"from": "- [ ] rescan"}})
    assert event == events.IssueEdited(REF, 5, Account(1, "alice"), "- [ ] rescan", "- [x] rescan", Account(1, "alice"))
    expected = Ignored("the text of the issue did not change")
    assert read("issues", action="edited", issue=issue, changes={"title": {"from": ""}}) == expected


def test_a_button() -> None:
    check = {
        "id": 21,
        "name": "stanch",
        "head_sha": SHA,
        "status": "completed",
        "external_id": "key",
        "app": {"id": 4},
        "check_suite": {"head_branch": "feature"},
        "pull_requests": [{"number": 5}],
    }
    event = read("check_run", action="requested_action", check_run=check, requested_action={"identifier": "rescan"})
    assert isinstance(event, events.CheckRunChanged)
    assert (event.identifier, event.head_branch, event.pull_requests) == ("rescan", "feature", (5,))
    assert (event.check.id, event.check.external_id, event.check.app_id) == (21, "key", 4)


@pytest.mark.parametrize(
    ("branch", "expected"), [("gh-readonly-queue/main/pr-5-0123", True), ("main", False), (None, False)]
)
def test_a_merge_queue_asks_for_checks(branch: str | None, expected: bool) -> None:
    event = read("check_suite", action="requested", check_suite={"head_sha": SHA, "head_branch": branch})
    assert isinstance(event, events.CheckSuiteRequested)
    assert event.is_merge_queue is expected
    assert event.is_default_branch is (branch == "main")


def test_an_installation() -> None:
    installation = {"id": 3, "account": ALICE, "permissions": {"checks": "write"}, "suspended_at": "2026-11-24"}
    event = read("installation", action="created", installation=installation, repositories=[REPOSITORY])
    assert isinstance(event, events.InstallationChanged)
    assert event.repositories == (REF,)
    assert (event.installation.permissions, event.installation.is_suspended) == ({"checks": "write"}, True)
    event = read(
        "installation_repositories", action="added", installation=installation, repositories_added=[REPOSITORY]
    )
    assert isinstance(event, events.InstallationRepositoriesChanged)
    assert (event.added, event.removed) == ((REF,), ())


def test_an_installation_of_an_enterprise() -> None:
    enterprise = {"id": 9, "slug": "acme", "name": "Acme"}
    event = read("installation", action="deleted", installation={"id": 3, "account": enterprise})
    assert isinstance(event, events.InstallationChanged)
    assert event.installation.account == Account(9, "acme")


def test_a_time_without_a_zone_is_none() -> None:
    comment = {**COMMENT, "created_at": "2026-11-24T12:00:00"}
    with pytest.raises(PayloadError, match="created_at"):
        read("issue_comment", action="created", issue={"number": 5}, comment=comment)


def test_a_repository() -> None:
    event = read("repository", action="renamed", changes={"repository": {"name": {"from": "old"}}})
    assert event == events.RepositoryChanged("renamed", REF, "main", False, Account(1, "alice"))
    changes = {"default_branch": {"from": "master"}}
    assert isinstance(read("repository", action="edited", changes=changes), events.RepositoryChanged)
    expected = Ignored("only the description of the repository changed")
    assert read("repository", action="edited", changes={"homepage": {"from": ""}}) == expected


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("marketplace_purchase", b"", "the event 'marketplace_purchase' is none of ours"),
        ("x" * 500, b"", f"the event '{'x' * 60}' is none of ours"),
        ("", b"", "the event '' is none of ours"),
        ("pull_request", b"{}", "the action '' of pull_request is none of ours"),
        ("pull_request", b'{"action": "enqueued"}', "the action 'enqueued' of pull_request is none of ours"),
    ],
)
def test_what_is_new_to_us_is_ignored(name: str, payload: bytes, reason: str) -> None:
    assert parse_event(name, payload) == Ignored(reason)


def test_a_webhook_of_no_app_is_ignored() -> None:
    expected = Ignored("it comes from no installation of an App")
    assert read("pull_request", action="opened", pull_request=PULL, installation=None) == expected


DEEP = 100_000


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "Input data was truncated"),
        (b"null", "Expected `object`, got `null`"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"action": 1}', r"Expected `str`, got `int` - at `\$.action`"),
        (b"\xff\xfe", "invalid character"),
        (b'{"action": "opened"}', "missing required field"),
        (b'{"action": "opened", "x": ' + b"[" * DEEP + b"]" * DEEP + b"}", "nested too deeply"),
        (b'{"action": "opened", "x": ' + b'{"a":' * DEEP, "nested too deeply"),
        (b" " * (MAX_BYTES + 1), "26,214,401 bytes; GitHub sends no more than 26,214,400"),
    ],
)
def test_a_broken_delivery_says_what_is_wrong(payload: bytes, message: str) -> None:
    with pytest.raises(PayloadError, match=message):
        parse_event("pull_request", payload)


@pytest.mark.parametrize(
    "full_name", ["../app", "octo/..", "octo", "octo/app/x", "octo/a b", "octo/app?x", "", "./app", "octo/app\n"]
)
def test_a_name_that_leads_elsewhere_is_no_name(full_name: str) -> None:
    with pytest.raises(PayloadError, match="full_name"):
        read("pull_request", action="opened", pull_request=PULL, repository={**REPOSITORY, "full_name": full_name})


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**400, 1.5, "5", None, True])
def test_an_id_is_a_number_that_a_database_can_hold(number: object) -> None:
    with pytest.raises(PayloadError):
        read("pull_request", action="opened", pull_request=PULL, installation={"id": number})


def test_the_largest_delivery_is_read() -> None:
    body = "x" * (MAX_BYTES - 1_000)
    event = read("issues", action="edited", issue={"number": 5, "body": body}, changes={"body": {}})
    assert isinstance(event, events.IssueEdited)
    assert event.body == body


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(EVENTS)), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name: str, payload: bytes) -> None:
    try:
        parse_event(name, payload)
    except PayloadError as error:
        assert str(error).startswith("The delivery is not what")


@given(st.data())
def test_an_example_with_anything_replaced_is_read_or_refused(data: st.DataObject) -> None:
    name, payload = data.draw(st.sampled_from([example for example in examples() if example[0] in EVENTS]))
    payload = json.loads(json.dumps({"installation": {"id": 1}, **payload}))
    node = payload
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not (isinstance(node[key], dict | list) and node[key]) or data.draw(st.integers(0, 2)) == 0:
            break
        node = node[key]
    if isinstance(node, dict) and data.draw(st.booleans()):
        del node[key]
    else:
        node[key] = data.draw(JSON)
    try:
        parse_event(name, json.dumps(payload).encode())
    except PayloadError as error:
        assert len(str(error)) < 500
