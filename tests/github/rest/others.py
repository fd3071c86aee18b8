"""REST: code scanning, rate limits, users, and what GitHub says of itself."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import uuid
import zlib
from typing import Any, Final

from tests.github.answers import Answer, Refusal
from tests.github.rest.call import Call, Needs, operation
from tests.github.shapes.basics import account_json, moment, repository_url
from tests.github.state import SarifUpload
from tests.github.world import commit_of

LARGEST_SARIF: Final = 10_000_000
MOST_RUNS: Final = 20
MOST_RESULTS: Final = 25_000


@operation("code-scanning/upload-sarif", security_events="write")
def _(call: Call) -> Answer:
    body = call.body
    commit = commit_of(call.repository, body["commit_sha"])
    if commit != body["commit_sha"]:
        raise Refusal(404, "commit_sha is not a full id")
    upload = SarifUpload(str(uuid.uuid4()), commit, body["ref"], _sarif(body["sarif"]))
    call.repository.sarif_uploads.append(upload)
    url = f"{repository_url(call.world, call.repository)}/code-scanning/sarifs/{upload.id}"
    return Answer(202, {"id": upload.id, "url": url})


def _sarif(text: str) -> dict[str, Any]:
    try:
        packed = base64.b64decode(text, validate=True)
        if len(packed) > LARGEST_SARIF:
            raise Refusal(413, "The SARIF file is too large")
        sarif: dict[str, Any] = json.loads(gzip.decompress(packed))
    except (binascii.Error, OSError, zlib.error, EOFError, ValueError):
        raise Refusal(400, "Invalid SARIF. The file is not a base64 encoded gzip of JSON") from None
    runs = sarif.get("runs", [])
    if sarif.get("version") != "2.1.0" or len(runs) > MOST_RUNS:
        raise Refusal(400, "Invalid SARIF")
    if any(len(run.get("results", [])) > MOST_RESULTS for run in runs):
        raise Refusal(400, "Invalid SARIF. rejecting SARIF, as there are more results per run than allowed")
    return sarif


@operation("code-scanning/get-sarif", security_events="read")
def _(call: Call) -> Answer:
    for upload in call.repository.sarif_uploads:
        if upload.id == call.params["sarif_id"]:
            url = f"{repository_url(call.world, call.repository)}/code-scanning/analyses?sarif_id={upload.id}"
            return Answer(200, {"processing_status": "complete", "analyses_url": url, "errors": None})
    raise Refusal(404)


@operation("rate-limit/get", Needs.NOTHING)
def _(call: Call) -> Answer:
    core = call.world.rate_of(call.caller.token)
    return Answer(200, {"resources": {"core": core, "search": core, "graphql": core}, "rate": core})


@operation("meta/get", Needs.NOTHING)
def _(call: Call) -> Answer:
    return Answer(200, {"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32"]})


@operation("users/get-by-username", Needs.NOTHING)
def _(call: Call) -> Answer:
    account = call.world.accounts.get(call.params["username"].lower())
    if account is None:
        raise Refusal(404)
    nothing: dict[str, Any] = dict.fromkeys(
        ("name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username")
    )
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    since = moment(call.world.now())
    return Answer(
        200, {**account_json(call.world, account), **nothing, **counts, "created_at": since, "updated_at": since}
    )
