"""Apps and their installations: registering, installing, permissions, the manifest flow."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.github.answers import Refusal
from tests.github.auth import key_pair
from tests.github.domain.repositories import tell_removed
from tests.github.shapes.basics import installation_json, repository_json
from tests.github.state import Account, App, Installation, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.github.state import Repository
    from tests.github.world import Actor, World

CODE_LIFETIME: Final = timedelta(hours=1)
EVENT_PERMISSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "check_run": ("checks",),
    "check_suite": ("checks",),
    "issue_comment": ("issues",),
    "issues": ("issues",),
    "merge_group": ("merge_queues",),
    "pull_request": ("pull_requests",),
    "pull_request_review": ("pull_requests",),
    "pull_request_review_comment": ("pull_requests",),
    "pull_request_review_thread": ("pull_requests",),
    "push": ("contents",),
    "repository": ("metadata",),
    "status": ("statuses",),
}
"""What an App must be allowed to read before it may subscribe to an event. GitHub refuses `issue_comment` in a manifest
without a permission for issues, whatever it may do with pull requests (derive-to/derive#269)."""


def register_app(
    world: World,
    *,
    slug: str,
    owner: Account,
    permissions: Mapping[str, str],
    events: Iterable[str],
    webhook_url: str | None,
    webhook_secret: str | None,
    name: str | None = None,
) -> App:
    """A new App, with a bot account of its own.

    Raises:
        ValueError: an event needs a permission that it does not ask for.
    """
    wanted = tuple(events)
    granted = {"metadata": "read", **permissions}
    for event in wanted:
        needed = EVENT_PERMISSIONS.get(event)
        if needed is None:
            raise ValueError(f"There is no event {event!r}, or an App cannot subscribe to it.")
        if not any(permission in granted for permission in needed):
            raise ValueError(f"The event {event!r} needs the permission {' or '.join(needed)}.")
    private, public = key_pair(len(world.apps))
    bot = world.account(f"{slug}[bot]", Kind.BOT)
    app = App(
        id=world.next_id(),
        slug=slug,
        name=name or slug,
        owner=owner,
        bot=bot,
        private_key=private,
        public_key=public,
        permissions=granted,
        events=wanted,
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        created_at=world.now(),
    )
    world.apps[app.id] = app
    return app


def install(
    world: World,
    app: App,
    account: Account,
    repositories: Iterable[Repository] | None,
    permissions: Mapping[str, str] | None,
    actor: Actor,
) -> Installation:
    """Put an App on an account: on some repositories, or on all."""
    now = world.now()
    chosen = None if repositories is None else {one.id: one for one in repositories}
    granted = dict(app.permissions if permissions is None else {"metadata": "read", **permissions})
    installation = Installation(world.next_id(), app, account, chosen, granted, app.events, now, now)
    world.installations[installation.id] = installation
    _tell(world, installation, "created", actor)
    return installation


def _tell(world: World, installation: Installation, action: str, actor: Actor) -> None:
    kept = ("id", "node_id", "name", "full_name", "private")

    def payload() -> dict[str, Any]:
        shown = [repository_json(world, one) for one in world.repositories_of(installation)]
        return {
            "installation": installation_json(world, installation),
            "repositories": [{name: one[name] for name in kept} for one in shown],
            "requester": None,
        }

    world.emit("installation", action, actor.account, payload, installation=installation)


def uninstall(world: World, installation: Installation, actor: Actor) -> None:
    """Take an App off an account; its tokens are worth nothing any more."""
    _tell(world, installation, "deleted", actor)
    del world.installations[installation.id]


def set_suspended(world: World, installation: Installation, actor: Actor, *, suspended: bool) -> None:
    """Suspend an installation, or let it work again."""
    installation.suspended_at = world.now() if suspended else None
    _tell(world, installation, "suspend" if suspended else "unsuspend", actor)


def accept_permissions(
    world: World, installation: Installation, permissions: Mapping[str, str], events: Iterable[str], actor: Actor
) -> None:
    """An administrator accepts what the App asks for since it was installed."""
    installation.permissions = {"metadata": "read", **permissions}
    installation.events = tuple(events)
    installation.updated_at = world.now()
    _tell(world, installation, "new_permissions_accepted", actor)


def add_repository(world: World, installation: Installation, repository: Repository, actor: Actor) -> None:
    """Give the App a repository more."""
    assert installation.repositories is not None, "the installation is on all repositories"
    installation.repositories[repository.id] = repository
    kept = ("id", "node_id", "name", "full_name", "private")
    world.emit(
        "installation_repositories",
        "added",
        actor.account,
        lambda: {
            "installation": installation_json(world, installation),
            "repository_selection": "selected",
            "repositories_added": [{name: repository_json(world, repository)[name] for name in kept}],
            "repositories_removed": [],
            "requester": None,
        },
        installation=installation,
    )


def remove_repository(world: World, installation: Installation, repository: Repository, actor: Actor) -> None:
    """Take a repository from the App."""
    assert installation.repositories is not None, "the installation is on all repositories"
    installation.repositories.pop(repository.id, None)
    tell_removed(world, installation, actor, [repository_json(world, repository)])


def submit_manifest(world: World, manifest: dict[str, Any], owner: Account) -> str:
    """What the form of the manifest flow does.

    Returns:
        The code that is swapped for the App's credentials, once and within an hour.

    Raises:
        Refusal: 422, GitHub would not take the manifest.
    """
    for name in ("url", "redirect_url"):
        if not isinstance(manifest.get(name), str):
            raise Refusal(422, f"The manifest lacks {name}.")
    code = secrets.token_hex(20)
    world.manifest_codes[code] = {"manifest": manifest, "owner": owner, "expires_at": world.now() + CODE_LIFETIME}
    return code


def app_of_manifest(world: World, code: str) -> App:
    """Register the App that a manifest's code stands for.

    Raises:
        Refusal: 404, the code is not known (any more); 422, the manifest contradicts itself.
    """
    kept = world.manifest_codes.pop(code, None)
    if kept is None or kept["expires_at"] <= world.now():
        raise Refusal(404)
    manifest = kept["manifest"]
    name = manifest.get("name") or f"app-{code[:8]}"
    hook = manifest.get("hook_attributes", {})
    try:
        return register_app(
            world,
            slug="-".join(name.lower().split()),
            owner=kept["owner"],
            permissions=manifest.get("default_permissions", {}),
            events=manifest.get("default_events", []),
            webhook_url=hook.get("url") if hook.get("active", True) else None,
            webhook_secret=secrets.token_hex(20) if hook.get("url") else None,
            name=name,
        )
    except ValueError as error:
        raise Refusal(422, str(error)) from None
