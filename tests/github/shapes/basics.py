"""JSON of accounts, Apps, installations, repositories, labels and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.state import Kind
from tests.github.world import role_in

if TYPE_CHECKING:
    from datetime import datetime

    from tests.github.state import Account, App, Installation, Label, Reaction, Repository
    from tests.github.world import World

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def moment(when: datetime) -> str:
    """A time as GitHub writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_or_none(when: datetime | None) -> str | None:
    """A time as GitHub writes it, where there is one."""
    return None if when is None else moment(when)


def text_of(text: str) -> str:
    """Text as JSON can hold it: bytes that are not UTF-8 are replaced."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def account_json(world: World, account: Account) -> dict[str, Any]:
    """Schema `simple-user`."""
    url = f"{world.addresses.api}/users/{account.login}".replace("[", "%5B").replace("]", "%5D")
    slug = account.login.removesuffix("[bot]")
    page = f"apps/{slug}" if account.kind is Kind.BOT else account.login
    return {
        "login": account.login,
        "id": account.id,
        "node_id": f"U_kgDO{account.id}",
        "avatar_url": f"{world.addresses.html}/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{world.addresses.html}/{page}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind.value,
        "user_view_type": "public",
        "site_admin": False,
    }


def app_json(world: World, app: App) -> dict[str, Any]:
    """Schema `integration`."""
    return {
        "id": app.id,
        "client_id": app.client_id,
        "slug": app.slug,
        "node_id": f"A_kwDO{app.id}",
        "owner": account_json(world, app.owner),
        "name": app.name,
        "description": None,
        "external_url": "https://example.org",
        "html_url": f"{world.addresses.html}/apps/{app.slug}",
        "created_at": moment(app.created_at),
        "updated_at": moment(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def installation_json(world: World, installation: Installation) -> dict[str, Any]:
    """Schema `installation`."""
    api, html = world.addresses.api, world.addresses.html
    suspended = installation.suspended_at
    return {
        "id": installation.id,
        "client_id": installation.app.client_id,
        "account": account_json(world, installation.account),
        "repository_selection": "all" if installation.repositories is None else "selected",
        "access_tokens_url": f"{api}/app/installations/{installation.id}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{html}/organizations/{installation.account.login}/settings/installations/{installation.id}",
        "app_id": installation.app.id,
        "app_slug": installation.app.slug,
        "target_id": installation.account.id,
        "target_type": installation.account.kind.value,
        "permissions": dict(installation.permissions),
        "events": list(installation.events),
        "created_at": moment(installation.created_at),
        "updated_at": moment(installation.updated_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None if suspended is None else account_json(world, installation.account),
        "suspended_at": moment_or_none(suspended),
    }


_REPOSITORY_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository_url(world: World, repository: Repository) -> str:
    """Where the API has a repository."""
    return f"{world.addresses.api}/repos/{repository.full_name}"


def repository_json(world: World, repository: Repository) -> dict[str, Any]:
    """Schema `repository`, and with it `minimal-repository`."""
    url = repository_url(world, repository)
    html = f"{world.addresses.html}/{repository.full_name}"
    open_issues = repository.open_issues
    return {
        "id": repository.id,
        "node_id": f"R_kgDO{repository.id}",
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": account_json(world, repository.owner),
        "html_url": html,
        "description": None,
        "fork": repository.fork_of is not None,
        "url": url,
        **{name: url + rest for name, rest in _REPOSITORY_URLS.items()},
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.pushed_at),
        "pushed_at": moment(repository.pushed_at),
        "git_url": html.replace("http://", "git://") + ".git",
        "ssh_url": f"git@github.example:{repository.full_name}.git",
        "clone_url": f"{html}.git",
        "svn_url": html,
        "homepage": None,
        "size": 1,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        "has_issues": True,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "has_pull_requests": True,
        "pull_request_creation_policy": "all",
        "forks_count": repository.forks,
        "mirror_url": None,
        "archived": repository.archived,
        "disabled": False,
        "open_issues_count": open_issues,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "forks": repository.forks,
        "open_issues": open_issues,
        "watchers": 0,
        "default_branch": repository.default_branch,
    }


def full_repository_json(world: World, repository: Repository) -> dict[str, Any]:
    """Schema `full-repository`."""
    return {
        **repository_json(world, repository),
        "network_count": repository.forks,
        "subscribers_count": 0,
        **({"parent": repository_json(world, repository.fork_of)} if repository.fork_of else {}),
        **({"source": repository_json(world, repository.fork_of)} if repository.fork_of else {}),
    }


def label_json(world: World, repository: Repository, label: Label) -> dict[str, Any]:
    """Schema `label`."""
    return {
        "id": label.id,
        "node_id": f"LA_kwDO{label.id}",
        "url": f"{repository_url(world, repository)}/labels/{label.name.replace(' ', '%20')}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": label.description or "",
    }


def reaction_json(world: World, reaction: Reaction) -> dict[str, Any]:
    """Schema `reaction`."""
    return {
        "id": reaction.id,
        "node_id": f"REA_lADO{reaction.id}",
        "user": account_json(world, reaction.user),
        "content": reaction.content,
        "created_at": moment(reaction.created_at),
    }


def reactions_json(url: str, reactions: list[Reaction]) -> dict[str, Any]:
    """Schema `reaction-rollup`: how many there are of each."""
    contents = [reaction.content for reaction in reactions]
    return {
        "url": f"{url}/reactions",
        "total_count": len(contents),
        **{content: contents.count(content) for content in REACTIONS},
    }


def permission_json(world: World, repository: Repository, account: Account) -> dict[str, Any]:
    """Schema `repository-collaborator-permission`."""
    role = role_in(repository, account)
    coarse = {"triage": "read", "maintain": "write"}.get(role.base, role.base)
    ranks = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    order = list(ranks.values())
    rank = order.index(role.base) if role.base in order else -1
    return {
        "permission": coarse,
        "role_name": role.name,
        "user": {
            **account_json(world, account),
            "permissions": {name: order.index(base) <= rank for name, base in ranks.items()},
            "role_name": role.name,
        },
    }
