"""Check runs written, with more annotations than one request may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.decisions.checks import ANNOTATIONS_PER_REQUEST, annotation_batches
from bot.github import answers
from bot.github.errors import Unavailable
from bot.github.retries import ATTEMPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.decisions.checks import Annotation, CheckRun
    from bot.github.api import Api


def create(
    api: Api, path: str, name: str, head_sha: str, external_id: str, check: CheckRun | None, text: str = ""
) -> int:
    """Creates a check run below the repository's path; returns its id. `text`: what it holds below the summary."""
    body: dict[str, object] = {"name": name, "head_sha": head_sha, "external_id": external_id}
    if check is None:
        body["status"] = "in_progress"
    elif len(check.output.annotations) <= ANNOTATIONS_PER_REQUEST:
        body |= _result(check, check.output.annotations, text)
    else:
        body |= {"status": "in_progress", "output": _output(check, check.output.annotations[:ANNOTATIONS_PER_REQUEST])}
    created = api.send("POST", f"{path}/check-runs", answers.Created, body).id
    if check is not None and len(check.output.annotations) > ANNOTATIONS_PER_REQUEST:
        finish(api, path, created, check, None, text)
    return created


def finish(api: Api, path: str, check_id: int, check: CheckRun, external_id: str | None, text: str = "") -> None:
    """Gives a check run its result, as often as it takes, whatever part of it is there already."""
    url = f"{path}/check-runs/{check_id}"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _finish(api, url, check, {} if external_id is None else {"external_id": external_id}, text)
        except Unavailable:
            if attempt == ATTEMPTS or not check.output.annotations:
                raise
        else:
            return


def _finish(api: Api, url: str, check: CheckRun, further: dict[str, object], text: str) -> None:
    annotations = check.output.annotations
    if annotations:
        # GitHub appends annotations, so those that are there are not sent again.
        annotations = annotations[api.get(url, answers.Check).output.annotations_count :]
    *before, last = list(annotation_batches(annotations)) or [()]
    for batch in before:
        api.send("PATCH", url, answers.Created, {"output": _output(check, batch)}, repeatable=False)
    api.send("PATCH", url, answers.Created, {**further, **_result(check, last, text)}, repeatable=not last)


def _result(check: CheckRun, annotations: Sequence[Annotation], text: str) -> dict[str, object]:
    output = _output(check, annotations)
    if text:
        output["text"] = text
    return {
        "status": "completed",
        "conclusion": check.conclusion,
        "output": output,
        "actions": msgspec.to_builtins(check.actions),
    }


def _output(check: CheckRun, annotations: Sequence[Annotation]) -> dict[str, object]:
    output: dict[str, object] = {"title": check.output.title, "summary": check.output.summary}
    if annotations:
        output["annotations"] = [msgspec.to_builtins(annotation) for annotation in annotations]
    return output
