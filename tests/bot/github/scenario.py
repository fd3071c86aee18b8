"""What a review does on GitHub, from the first request to the last; recorded once, and played ever after."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bot.decisions.actions import Reaction, Subject
from bot.decisions.checks import RESCAN, Annotation, CheckRun, Output
from bot.decisions.reviews import InlineComment
from bot.github.errors import Forbidden, NotFound
from bot.github.limits import Priority
from tests.bot.github.places import PERMISSIONS

if TYPE_CHECKING:
    from bot.github.client import App

ANNOTATIONS = 60


def review(app: App, full_name: str | None = None) -> dict[str, object]:
    """Reviews the newest open pull request, whose first file has a first line that it adds.

    Returns:
        What was seen on the way.
    """
    identity = app.identity()
    ref = next(
        ref
        for installation in app.installations()
        for ref in app.repositories_of(installation.id)
        if full_name in (None, ref.full_name)
    )
    with app.repository(ref, PERMISSIONS, Priority.PERSON) as repository:
        pull = next(repository.open_pull_requests())
        assert repository.pull_request(pull.number) == pull
        assert repository.pull_requests_with_head(pull.head.sha) == (pull,)
        file = next(repository.changed_files(pull.number))
        check_id = repository.create_check("stanch", pull.head.sha, "scenario")
        comment_id = repository.create_comment(pull.number, "one leak")
        repository.edit_comment(comment_id, "1 leak")
        repository.react(Subject.ISSUE_COMMENT, comment_id, Reaction.EYES)
        inline = InlineComment(path=file.path, line=1, side="RIGHT", body="a leak")
        repository.create_review(pull.number, pull.head.sha, [inline])
        repository.create_file_comment(pull.number, pull.head.sha, file.path, "leaks")
        first, *_ = threads = [*repository.review_threads(pull.number)]
        repository.reply_in_thread(pull.number, first.comment_id, "explained")
        repository.edit_review_comment(first.comment_id, "no leak")
        with suppress(Forbidden):
            repository.resolve_thread(first.node_id)
        repository.update_check(check_id, _result(file.path))
        missing = ""
        try:
            repository.issue_comment(1)
        except NotFound as error:
            missing = str(error)
        return {
            "identity": identity.login,
            "merge_base": repository.compare_base(pull.base.sha, pull.head.sha),
            "default_branch": repository.default_branch().name,
            "own_comments": sum(
                comment.app_id == identity.app_id for comment in repository.issue_comments(pull.number)
            ),
            "threads": len(threads),
            "replies": sum(
                comment.in_reply_to == first.comment_id for comment in repository.review_comments(pull.number)
            ),
            "resolved": [thread.is_resolved for thread in repository.review_threads(pull.number)],
            "checks": [
                (check.conclusion, check.annotations)
                for check in repository.check_runs(pull.head.sha, "stanch")
                if check.id == check_id
            ],
            "access": repository.access(pull.author.login, pull.author.id).value,
            "sarif": bool(repository.upload_sarif(pull.head.sha, f"refs/pull/{pull.number}/head", _SARIF)),
            "missing": missing,
        }


_SARIF = b'{"version": "2.1.0", "runs": []}'


def _result(path: str) -> CheckRun:
    annotations = tuple(
        Annotation(path=path, start_line=1, end_line=1, annotation_level="notice", title="leak", message=str(number))
        for number in range(ANNOTATIONS)
    )
    return CheckRun(
        conclusion="neutral", output=Output(title="1", summary="1", annotations=annotations), actions=(RESCAN,)
    )
