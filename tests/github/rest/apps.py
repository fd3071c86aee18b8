"""REST: the App itself, its installations and tokens, its webhook deliveries, and the manifest flow's last step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.answers import Answer, Refusal
from tests.github.auth import new_token
from tests.github.domain.installations import app_of_manifest
from tests.github.rest.call import Call, Needs, operation
from tests.github.shapes.basics import app_json, installation_json, moment, repository_json

if TYPE_CHECKING:
    from tests.github.deliveries import Attempt
    from tests.github.state import App, Installation


@operation("apps/get-authenticated", Needs.APP)
def _(call: Call) -> Answer:
    count = sum(one.app is call.app for one in call.world.installations.values())
    return Answer(200, {**app_json(call.world, call.app), "installations_count": count})


@operation("apps/get-by-slug", Needs.NOTHING)
def _(call: Call) -> Answer:
    for app in call.world.apps.values():
        if app.slug == call.params["app_slug"]:
            return Answer(200, app_json(call.world, app))
    raise Refusal(404)


@operation("apps/create-from-manifest", Needs.NOTHING)
def _(call: Call) -> Answer:
    app = app_of_manifest(call.world, call.params["code"])
    body = {
        **app_json(call.world, app),
        "client_id": app.client_id,
        "client_secret": "0" * 40,
        "webhook_secret": app.webhook_secret,
        "pem": app.private_key,
    }
    return Answer(201, body)


def _installations(call: Call) -> list[Installation]:
    return [one for one in call.world.installations.values() if one.app is call.app]


@operation("apps/list-installations", Needs.APP)
def _(call: Call) -> Answer:
    return call.page(_installations(call), lambda one: installation_json(call.world, one))


def _installation(call: Call) -> Installation:
    installation = call.world.installations.get(call.number("installation_id"))
    if installation is None or installation.app is not call.app:
        raise Refusal(404)
    return installation


@operation("apps/get-installation", Needs.APP)
def _(call: Call) -> Answer:
    return Answer(200, installation_json(call.world, _installation(call)))


@operation("apps/get-repo-installation", Needs.APP)
def _(call: Call) -> Answer:
    installation = call.world.installation_of(call.app, call.repository)
    if installation is None:
        raise Refusal(404)
    return Answer(200, installation_json(call.world, installation))


def _of_account(call: Call, login: str) -> Answer:
    for installation in _installations(call):
        if installation.account.login.lower() == login.lower():
            return Answer(200, installation_json(call.world, installation))
    raise Refusal(404)


@operation("apps/get-org-installation", Needs.APP)
def _(call: Call) -> Answer:
    return _of_account(call, call.params["org"])


@operation("apps/get-user-installation", Needs.APP)
def _(call: Call) -> Answer:
    return _of_account(call, call.params["username"])


@operation("apps/create-installation-access-token", Needs.APP)
def _(call: Call) -> Answer:
    installation = _installation(call)
    body = call.body or {}
    ids = set(body.get("repository_ids", []))
    for name in body.get("repositories", []):
        ids.add(call.world.repository(f"{installation.account.login}/{name}").id)
    narrowed = frozenset(ids) if "repository_ids" in body or "repositories" in body else None
    stateless = call.headers.get("x-github-stateless-s2s-token") == "enabled"
    token = new_token(call.world, installation, body.get("permissions"), narrowed, stateless=stateless)
    covered = [one for one in call.world.repositories_of(installation) if token.reaches(one)]
    answer: dict[str, Any] = {
        "token": token.value,
        "expires_at": moment(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "all" if narrowed is None and installation.repositories is None else "selected",
    }
    if narrowed is not None:
        answer["repositories"] = [repository_json(call.world, one) for one in covered]
    return Answer(201, answer)


@operation("apps/revoke-installation-access-token")
def _(call: Call) -> Answer:
    call.token.revoked = True
    return Answer(204)


@operation("apps/list-repos-accessible-to-installation", metadata="read")
def _(call: Call) -> Answer:
    token = call.token
    covered = [one for one in call.world.repositories_of(token.installation) if token.reaches(one)]
    selection = "all" if token.installation.repositories is None else "selected"

    def wrap(shown: list[Any], total: int) -> dict[str, Any]:
        return {"total_count": total, "repository_selection": selection, "repositories": shown}

    return call.page(covered, lambda one: repository_json(call.world, one), wrap)


def _config(app: App) -> dict[str, Any]:
    return {
        "content_type": "json",
        "insecure_ssl": "0",
        **({"secret": "********"} if app.webhook_secret else {}),
        **({"url": app.webhook_url} if app.webhook_url else {}),
    }


@operation("apps/get-webhook-config-for-app", Needs.APP)
def _(call: Call) -> Answer:
    return Answer(200, _config(call.app))


@operation("apps/update-webhook-config-for-app", Needs.APP)
def _(call: Call) -> Answer:
    call.app.webhook_url = call.body.get("url", call.app.webhook_url)
    call.app.webhook_secret = call.body.get("secret", call.app.webhook_secret)
    return Answer(200, _config(call.app))


@operation("apps/list-webhook-deliveries", Needs.APP)
def _(call: Call) -> Answer:
    attempts = call.world.attempts_of(call.app)
    status = call.query.get("status")
    if status is not None:
        attempts = [one for one in attempts if (one.status == "OK") == (status == "success")]
    attempts.sort(key=lambda one: one.id, reverse=True)
    cursor = call.query.get("cursor")
    if cursor is not None:
        attempts = [one for one in attempts if one.id < int(cursor.removeprefix("v1_"))]
    per_page = min(int(call.query.get("per_page", 30)), 100)
    shown = attempts[:per_page]
    headers = {}
    if len(attempts) > per_page:
        rest = f"per_page={per_page}&cursor=v1_{shown[-1].id}" + (f"&status={status}" if status else "")
        headers["Link"] = f'<{call.url}?{rest}>; rel="next"'
    return Answer(200, [_delivery(attempt) for attempt in shown], headers)


def _attempt(call: Call) -> Attempt:
    number = call.number("delivery_id")
    for attempt in call.world.attempts_of(call.app):
        if attempt.id == number:
            return attempt
    raise Refusal(404)


@operation("apps/get-webhook-delivery", Needs.APP)
def _(call: Call) -> Answer:
    attempt = _attempt(call)
    body = {
        **_delivery(attempt),
        "url": call.app.webhook_url or "",
        "request": {"headers": attempt.headers, "payload": attempt.payload},
        "response": {"headers": {}, "payload": None},
    }
    return Answer(200, body)


@operation("apps/redeliver-webhook-delivery", Needs.APP)
def _(call: Call) -> Answer:
    call.world.redeliver(_attempt(call))
    return Answer(202, {})


def _delivery(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "guid": attempt.guid,
        "delivered_at": moment(attempt.delivered_at),
        "redelivery": attempt.redelivery,
        "duration": round(attempt.duration, 2),
        "status": attempt.status,
        "status_code": attempt.status_code,
        "event": attempt.event,
        "action": attempt.action,
        "installation_id": attempt.installation_id,
        "repository_id": attempt.repository_id,
        "throttled_at": None,
    }
