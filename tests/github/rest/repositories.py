"""REST: repositories, their branches and contents, and who may do what."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.github.answers import Answer, Refusal
from tests.github.rest.call import Call, operation
from tests.github.shapes.basics import full_repository_json, permission_json, repository_url, text_of
from tests.github.shapes.commits import commit_json

if TYPE_CHECKING:
    from tests.github.state import Repository

LARGEST_CONTENT: Final = 1_000_000
MOST_ENTRIES: Final = 1000


@operation("repos/get", metadata="read")
def _(call: Call) -> Answer:
    return Answer(200, full_repository_json(call.world, call.repository))


@operation("repos/list-branches", contents="read")
def _(call: Call) -> Answer:
    refs = list(call.repository.git.refs("refs/heads/").items())
    url = repository_url(call.world, call.repository)

    def render(ref: tuple[str, str]) -> dict[str, Any]:
        name, sha = ref
        commit = {"sha": sha, "url": f"{url}/commits/{sha}"}
        return {"name": name.removeprefix("refs/heads/"), "commit": commit, "protected": False}

    return call.page(refs, render)


@operation("repos/get-branch", contents="read")
def _(call: Call) -> Answer:
    name = call.params["branch"]
    sha = call.repository.git.branch(name)
    if sha is None:
        raise Refusal(404, "Branch not found")
    url = f"{repository_url(call.world, call.repository)}/branches/{quote(name)}"
    page = f"{call.world.addresses.html}/{call.repository.full_name}/tree/{quote(name)}"
    body = {
        "name": name,
        "commit": commit_json(call.world, call.repository, call.repository.git.commit_of(sha)),
        "_links": {"self": url, "html": page},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": {"contexts": [], "checks": []}},
        "protection_url": f"{url}/protection",
    }
    return Answer(200, body)


@operation("repos/get-collaborator-permission-level", metadata="read")
def _(call: Call) -> Answer:
    account = call.world.accounts.get(call.params["username"].lower())
    if account is None:
        raise Refusal(404, f"{call.params['username']} is not a user")
    return Answer(200, permission_json(call.world, call.repository, account))


@operation("repos/get-content", contents="read")
def _(call: Call) -> Answer:
    repository, path = call.repository, call.params["path"].strip("/")
    ref = call.query.get("ref", repository.default_branch)
    sha = repository.git.resolve(ref)
    if sha is None:
        raise Refusal(404, f"No commit found for the ref {ref}")
    if not path:
        return Answer(200, [_item(call, ref, child) for child in _entries(repository, sha)[:MOST_ENTRIES]])
    entry = _entries(repository, sha, path)
    if not entry:
        raise Refusal(404)
    mode, kind, blob, size, _ = entry[0]
    if kind == "tree":
        children = _entries(repository, sha, f"{path}/")[:MOST_ENTRIES]
        return Answer(200, [_item(call, ref, child) for child in children])
    if "raw" in call.headers.get("accept", ""):
        data = repository.git.run("cat-file", "blob", blob)
        return Answer(200, data, content_type="application/vnd.github.raw")
    if size > LARGEST_CONTENT:
        error = {"resource": "Blob", "field": "data", "code": "too_large"}
        raise Refusal(403, "This API returns blobs up to 1 MB in size.", [error])
    item = _item(call, ref, entry[0])
    if mode == "120000":
        target = repository.git.run("cat-file", "blob", blob).decode("utf-8", "replace")
        return Answer(200, {**item, "target": target})
    data = repository.git.run("cat-file", "blob", blob)
    return Answer(200, {**item, "encoding": "base64", "content": base64.encodebytes(data).decode()})


def _entries(repository: Repository, sha: str, *paths: str) -> list[tuple[str, str, str, int, str]]:
    status, output, _ = repository.git.attempt("ls-tree", "-z", "-l", sha, "--", *paths)
    found = []
    for record in output.split(b"\0")[:-1] if status == 0 else []:
        head, name = record.split(b"\t", 1)
        mode, kind, blob, size = head.decode().split()
        found.append((mode, kind, blob, 0 if size == "-" else int(size), name.decode("utf-8", "surrogateescape")))
    return found


def _item(call: Call, ref: str, entry: tuple[str, str, str, int, str]) -> dict[str, Any]:
    mode, kind, blob, size, raw_path = entry
    path = text_of(raw_path)
    names = {"tree": "dir", "commit": "submodule"}
    url = f"{repository_url(call.world, call.repository)}/contents/{quote(path)}?ref={quote(ref)}"
    git_url = f"{repository_url(call.world, call.repository)}/git/{kind}s/{blob}"
    html = f"{call.world.addresses.html}/{call.repository.full_name}/{kind}/{quote(ref)}/{quote(path)}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": blob,
        "size": size,
        "type": "symlink" if mode == "120000" else names.get(kind, "file"),
        "url": url,
        "html_url": html,
        "git_url": git_url,
        "download_url": html.replace("/blob/", "/raw/") if kind == "blob" else None,
        "_links": {"self": url, "git": git_url, "html": html},
    }
