"""The lives of pull requests that fix, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bot.workflows import fix_circumstances as around
from tests.bot.workflows import fix_happenings as happenings
from tests.bot.workflows.fix_lives import HURRY, FixRow, faults_of, leak, live
from tests.bot.workflows.hand import Hand, a_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres


PARTS: Final = 4


def _refused(names: str) -> str:
    return ", ".join(f"{name} refused" for name in names)


ROWS: Final = (
    FixRow("a leak is fixed by one pull request", happenings.installed, "a open"),
    FixRow("nothing is done twice", happenings.looked_at_again, "a open"),
    FixRow("nothing leaks", happenings.looked_at_again, "", names=""),
    FixRow("one an hour", happenings.looked_at_again, "a open", names="abcde"),
    FixRow("three at most", happenings.hours_go_by, "a open, b open, c open", names="abcde"),
    FixRow("three at most, at once", happenings.installed, "a open, b open, c open", names="abcde", config=HURRY),
    FixRow("two leaks of a package are one group", happenings.installed, "a open", files={"a/b.js": leak("b")}),
    FixRow("merged", happenings.merged_and_looked_at, "a merged"),
    FixRow("merged makes room", happenings.merged, "a merged, b open, c open, d open", names="abcd", config=HURRY),
    FixRow("merged and back", happenings.merged_and_back, "a merged"),
    FixRow("closed is refused", happenings.closed, "a refused", 1),
    FixRow("closed makes room", happenings.closed, "a refused, b open, c open, d open", 1, "abcd", HURRY),
    FixRow("closed, and its code has moved", happenings.closed_and_moved, "a refused", 1),
    FixRow("closed and reopened", happenings.closed_and_reopened, "a open"),
    FixRow("closed, reopened and merged", happenings.reopened_and_merged, "a merged"),
    FixRow("closed, reopened and closed again", happenings.reopened_and_closed_again, "a refused", 1),
    FixRow("merged by squash, and its branch deleted", happenings.merged_by_squash_and_tidied, "a merged"),
    FixRow(
        "a group is closed, and a leak comes to it",
        happenings.closed_in_a_group,
        "a refused, a open",
        2,
        files={"a/b.js": leak("b")},
    ),
    FixRow("groups are closed one by one", happenings.one_of_two_refused_before, "a refused, a refused", 3),
    FixRow("edited by a person", happenings.edited_by_a_person, "a left", comments=1),
    FixRow("edited, and fixed elsewhere", happenings.edited_and_base_mended, "a left", comments=1),
    FixRow("edited, and has conflicts", happenings.edited_and_base_moves_under_it, "a left", comments=1),
    FixRow("edited and closed", happenings.edited_and_closed, "a refused", 1, comments=1),
    FixRow("edited and merged", happenings.edited_and_merged, "a merged", comments=1),
    FixRow("the base moves elsewhere", happenings.base_moves_elsewhere, "a open"),
    FixRow("the base moves under it", happenings.base_moves_under_it, "a open"),
    FixRow("GitHub does not know yet", happenings.base_moves_under_it_and_github_thinks, "a open"),
    FixRow("fixed elsewhere", happenings.fixed_elsewhere, "a obsolete", comments=1),
    FixRow("its file is deleted", happenings.file_deleted, "a obsolete", comments=1),
    FixRow("its file cannot be read", happenings.file_broken, "a open"),
    FixRow("silenced by a pragma", happenings.silenced_by_pragma, "a obsolete", comments=1),
    FixRow("fixed elsewhere and back", happenings.fixed_elsewhere_and_back, "a obsolete, a open", comments=1),
    FixRow("closed by us and reopened", happenings.obsolete_and_reopened, "a left", comments=1),
    FixRow("its rule is demoted", happenings.refused_three_times, _refused("abc"), 3, "abc", HURRY),
    FixRow("asked for", happenings.refused_three_times_and_asked, f"{_refused('abc')}, a open", 2, "abc", HURRY),
    FixRow("its branch is deleted", happenings.branch_deleted, "a refused", 1),
    FixRow("its branch's name is taken", around.name_taken, ""),
    FixRow("pushed to before it is open", around.pushed_to_before_it_is_open, "a obsolete, a open"),
    FixRow("its branch is deleted before it is open", around.branch_deleted_before_it_is_open, "a open"),
    FixRow("fixed elsewhere before it is open", around.fixed_elsewhere_before_it_is_open, "a obsolete"),
    FixRow("renamed", around.renamed, "a open, b open", names="ab"),
    FixRow("renamed and closed", around.renamed_and_closed, "a refused", 1),
    FixRow("archived", around.archived, ""),
    FixRow("archived later", around.archived_later, "a open", names="ab"),
    FixRow("no longer archived", around.unarchived, "a open"),
    FixRow("never permitted", around.never_permitted, ""),
    FixRow("permitted later", around.permitted_later, "a open"),
    FixRow("no longer permitted", around.permission_lost, "a open", names="ab"),
    FixRow("no longer permitted, and closed", around.permission_lost_and_closed, "a refused", 1),
    FixRow("permitted again, and closed meanwhile", around.permission_back_after_closed, "a refused", 1),
    FixRow("closed by a bot", around.closed_by_a_bot, "a lapsed"),
    FixRow("closed by a bot, and asked for", around.closed_by_a_bot_and_asked, "a lapsed, a open"),
    FixRow("switched off later", around.switched_off_later, "a open", names="ab"),
    FixRow("a faulty configuration", around.faulty_configuration, "a open", names="ab"),
    FixRow("no consent yet", happenings.looked_at_again, "onboarding open", names="abc", config=None),
    FixRow("nothing to consent to", happenings.looked_at_again, "", names="", config=None),
    FixRow("consent", around.onboarding_merged, "onboarding merged, a open", names="abc", config=None),
    FixRow("no consent", around.onboarding_closed, "onboarding refused", names="abc", config=None),
    FixRow("configured by hand", around.configured_by_hand, "onboarding obsolete, a open", config=None, comments=1),
    FixRow("configured on the branch", around.configured_on_the_branch, "onboarding merged, a open", 0, "ab", None),
    FixRow("configuration removed", around.configuration_removed, "onboarding merged, a open", 0, "ab", None),
    FixRow("uninstalled", around.uninstalled, "a open", names="ab"),
    FixRow("an event is lost", around.event_lost, "a refused", 1),
)


@pytest.fixture(scope="module")
def hand(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A hand that the tests of this module share, each with repositories of its own."""
    with a_hand(postgres, tmp_path_factory.mktemp("fixing")) as hand:
        yield hand


@pytest.mark.parametrize("part", range(PARTS))
def test_the_lives_of_pull_requests_that_fix(hand: Hand, part: int) -> None:
    rows = ROWS[part::PARTS]
    lives = live(hand, rows)
    wrong = [fault for life, row in zip(lives, rows, strict=True) if (fault := faults_of(life, row))]
    assert not wrong, "\n".join(["", *wrong])
