"""Issues, as the tracking issue needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Forbidden, NotFound, Unavailable
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.github.places import Place

GRANTED = {"issues": "write", "contents": "read"}


def test_an_issue_from_its_opening_to_its_end(here: Place) -> None:
    with here.client(GRANTED) as client:
        issues, login = client.issues(), here.app.identity().login
        assert [*issues.opened_by(login)] == []
        number = issues.open("Leaks", "- [ ] a")
        issues.edit(number, "- [ ] b")
        found = issues.read(number)
        assert (found.number, found.author.login, found.is_open, found.body) == (number, login, True, "- [ ] b")
        assert [*issues.opened_by(login)] == [found]
        assert [*issues.opened_by("alice")] == []
        with pytest.raises(NotFound):
            issues.read(number + 1)


def test_a_pull_request_is_no_issue(here: Place) -> None:
    here.repository.open_pull_request("alice", "feature", files={"a.js": "1\n"}, title="Poll")
    with here.client(GRANTED) as client:
        assert [*client.issues().opened_by("alice")] == []


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_it_is_not_opened_twice(here: Place, fault: Fault) -> None:
    here.github.faults.add("POST", "/repos/octo/app/issues", fault)
    with here.client(GRANTED) as client:
        with pytest.raises(Unavailable) as caught:
            client.issues().open("Leaks", "")
        assert caught.value.maybe_done
        found = [*client.issues().opened_by(here.app.identity().login)]
        assert len(found) == int(fault is not Fault.DROP_BEFORE)


def test_who_may_only_read_writes_none(here: Place) -> None:
    with here.client({"issues": "read"}) as client, pytest.raises(Forbidden):
        client.issues().open("Leaks", "")
