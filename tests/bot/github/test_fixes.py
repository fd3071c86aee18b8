from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Forbidden, NotFound, Unavailable, Unprocessable
from bot.github.fixes import FileChange
from tests.bot.github.places import Place
from tests.github import Fault

if TYPE_CHECKING:
    from bot.github.repository import RepositoryClient

BRANCH = "stanch/timer/src/poll.ts"
FIX = (FileChange("src/poll.ts", b"clearInterval(timer);\n"), FileChange("run.sh", b"\xff\x00", "100755"))


def test_a_fix_from_commit_to_pull_request(here: Place, client: RepositoryClient) -> None:
    fixing, head = client.fixing(), here.repository.head()
    sha = fixing.commit(head, "Stop the timer", FIX)
    assert here.repository.git("rev-parse", f"{sha}^") == head
    assert here.repository.git("show", f"{sha}:src/poll.ts") == "clearInterval(timer);"
    (tree,) = [request.body for request in here.github.requests if request.path.endswith("/git/trees")]
    assert {entry["path"]: entry["mode"] for entry in tree["tree"]} == {"src/poll.ts": "100644", "run.sh": "100755"}
    assert fixing.branch_head(BRANCH) is None
    fixing.create_branch(BRANCH, sha)
    assert fixing.branch_head(BRANCH) == here.repository.head(BRANCH) == sha
    number = fixing.open_pull_request(BRANCH, "main", "Stop the timer", "It leaks.", draft=True)
    pull = here.repository.pull(number)
    assert (pull.title, pull.body, pull.is_draft, pull.head_sha) == ("Stop the timer", "It leaks.", True, sha)
    assert [each.number for each in fixing.pull_requests_of("octo", BRANCH)] == [number]
    fixing.add_labels(number, ["leak", "stanch"])
    here.repository.set_role("alice", "write")
    with pytest.raises(Unprocessable):
        fixing.request_reviewers(number, ["alice", "mallory"])
    fixing.request_reviewers(number, ["alice", "octo/reviewers"])
    assert ([one.login for one in pull.pull.requested_reviewers], pull.pull.requested_teams) == (
        ["alice"],
        ["reviewers"],
    )
    assert fixing.closed_by(number) is None
    fixing.edit_pull_request(number, title="Stop it", is_open=False)
    closer = fixing.closed_by(number)
    assert closer is not None
    assert (closer.login, closer.is_bot) == (here.app.identity().login, True)
    assert (pull.title, pull.body, pull.state) == ("Stop it", "It leaks.", "closed")
    assert {*here.repository.pull(number).labels} == {"leak", "stanch"}
    assert [each.is_open for each in fixing.pull_requests_of("octo", BRANCH)] == [False]
    fixing.delete_branch(BRANCH)
    fixing.delete_branch(BRANCH)
    assert fixing.branch_head(BRANCH) is None


def test_a_deleted_file(here: Place, client: RepositoryClient) -> None:
    sha = client.fixing().commit(here.repository.head(), "Remove it", [FileChange("src/poll.ts", None)])
    assert here.repository.git("ls-tree", "-r", "--name-only", sha) == ""


def test_a_branch_moves_on_or_by_force(here: Place, client: RepositoryClient) -> None:
    fixing, head = client.fixing(), here.repository.head()
    first, second = (fixing.commit(head, name, FIX) for name in ("one", "two"))
    fixing.create_branch(BRANCH, first)
    with pytest.raises(Unprocessable):
        fixing.move_branch(BRANCH, second)
    with pytest.raises(Unprocessable):
        fixing.create_branch(BRANCH, second)
    fixing.move_branch(BRANCH, second, force=True)
    assert fixing.branch_head(BRANCH) == second
    here.repository.protect(BRANCH)
    with pytest.raises(Unprocessable):
        fixing.move_branch(BRANCH, first, force=True)


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.BAD_GATEWAY])
def test_only_the_pull_request_is_not_made_twice(here: Place, client: RepositoryClient, fault: Fault) -> None:
    for path in ("*/git/blobs", "*/git/trees", "*/git/commits", "*/git/refs", "/repos/octo/app/pulls"):
        here.github.faults.add("POST", path, fault)
    fixing = client.fixing()
    sha = fixing.commit(here.repository.head(), "Stop the timer", FIX)
    fixing.create_branch(BRANCH, sha)
    assert fixing.branch_head(BRANCH) == sha
    with pytest.raises(Unavailable) as caught:
        fixing.open_pull_request(BRANCH, "main", "Stop the timer", "")
    assert caught.value.maybe_done
    done = len([*fixing.pull_requests_of("octo", BRANCH)])
    assert done == len(here.repository.pulls) == int(fault in {Fault.ERROR_AFTER, Fault.DROP_AFTER})


def test_who_may_only_read_writes_nothing(here: Place) -> None:
    with here.client({"contents": "read"}) as client:
        fixing = client.fixing()
        with pytest.raises(Forbidden, match="contents: write, needed for reading code, and with write"):
            fixing.commit(here.repository.head(), "Stop the timer", FIX)
        with pytest.raises(Forbidden):
            fixing.create_branch(BRANCH, here.repository.head())
        with pytest.raises(NotFound):
            fixing.move_branch("../../pulls/1", here.repository.head())
