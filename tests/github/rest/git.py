"""REST: git's objects and refs, as a commit is written without a clone."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.github.answers import Answer, Refusal, invalid
from tests.github.domain.repositories import ref_changed
from tests.github.git_store import GitFailedError, Person
from tests.github.rest.call import Call, operation
from tests.github.shapes.basics import repository_url, text_of
from tests.github.shapes.commits import git_commit_json, ref_json

if TYPE_CHECKING:
    from tests.github.git_store import BareRepository

MOST_TREE_ENTRIES = 100_000


def _object(git: BareRepository, sha: str, kind: str) -> str:
    status, output, _ = git.attempt("rev-parse", "--verify", "--quiet", f"{sha}^{{{kind}}}")
    if status:
        raise Refusal(404)
    return output.decode().strip()


@operation("git/get-blob", contents="read")
def _(call: Call) -> Answer:
    git = call.repository.git
    sha = _object(git, call.params["file_sha"], "blob")
    data = git.run("cat-file", "blob", sha)
    body = {
        "sha": sha,
        "node_id": f"B_kwDO{sha}",
        "size": len(data),
        "url": f"{repository_url(call.world, call.repository)}/git/blobs/{sha}",
        "content": base64.encodebytes(data).decode(),
        "encoding": "base64",
    }
    return Answer(200, body)


@operation("git/create-blob", contents="write")
def _(call: Call) -> Answer:
    content = call.body["content"]
    is_base64 = call.body.get("encoding") == "base64"
    data = base64.b64decode(content) if is_base64 else content.encode("utf-8", "surrogateescape")
    sha = call.repository.git.run("hash-object", "-w", "--stdin", stdin=data).decode().strip()
    return Answer(201, {"sha": sha, "url": f"{repository_url(call.world, call.repository)}/git/blobs/{sha}"})


@operation("git/get-tree", contents="read")
def _(call: Call) -> Answer:
    sha = _object(call.repository.git, call.params["tree_sha"], "tree")
    return Answer(200, _tree(call, sha, recursive="recursive" in call.query))


@operation("git/create-tree", contents="write")
def _(call: Call) -> Answer:
    git = call.repository.git
    base = call.body.get("base_tree")
    files: dict[str, Any] = {}
    for entry in call.body["tree"]:
        if entry.get("sha", "") is None:
            files[entry["path"]] = None
        elif "sha" in entry:
            kind = "program" if entry["mode"] == "100755" else "blob"
            files[entry["path"]] = (kind, _object(git, entry["sha"], "blob"))
        else:
            files[entry["path"]] = entry["content"]
    parents = []
    person = call.world.person(call.actor.account)
    if base:
        parents = [git.commit_tree(_object(git, base, "tree"), [], "base", person)]
    commit = git.commit(None, parents, files, "tree", person)
    return Answer(201, _tree(call, _object(git, commit, "tree"), recursive=False))


def _tree(call: Call, sha: str, *, recursive: bool) -> dict[str, Any]:
    url = f"{repository_url(call.world, call.repository)}/git"
    options = ["-r", "-t"] if recursive else []
    entries = []
    for record in call.repository.git.run("ls-tree", "-z", "-l", *options, sha).split(b"\0")[:-1]:
        head, name = record.split(b"\t", 1)
        mode, kind, object_id, size = head.decode().split()
        path = text_of(name.decode("utf-8", "surrogateescape"))
        entry = {"path": path, "mode": mode, "type": kind, "sha": object_id, "url": f"{url}/{kind}s/{object_id}"}
        entries.append({**entry, "size": int(size)} if size != "-" else entry)
    shown = entries[:MOST_TREE_ENTRIES]
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": shown, "truncated": len(shown) < len(entries)}


@operation("git/get-commit", contents="read")
def _(call: Call) -> Answer:
    git = call.repository.git
    commit = git.commit_of(_object(git, call.params["commit_sha"], "commit"))
    return Answer(200, git_commit_json(call.world, call.repository, commit))


@operation("git/create-commit", contents="write")
def _(call: Call) -> Answer:
    git, body = call.repository.git, call.body
    author = call.world.person(call.actor.account)
    if named := body.get("author"):
        date = datetime.fromisoformat(named["date"]) if "date" in named else author.date
        author = Person(named["name"], named["email"], date)
    try:
        tree = _object(git, body["tree"], "tree")
        parents = [_object(git, parent, "commit") for parent in body.get("parents", [])]
    except Refusal:
        raise Refusal(422, "Tree SHA or parent SHA does not exist") from None
    sha = git.commit_tree(tree, parents, body["message"], author)
    return Answer(201, git_commit_json(call.world, call.repository, git.commit_of(sha)))


@operation("git/get-ref", contents="read")
def _(call: Call) -> Answer:
    name = f"refs/{call.params['ref']}"
    sha = call.repository.git.ref(name)
    if sha is None:
        raise Refusal(404)
    return Answer(200, ref_json(call.world, call.repository, name, sha))


@operation("git/list-matching-refs", contents="read")
def _(call: Call) -> Answer:
    refs = call.repository.git.refs(f"refs/{call.params['ref']}").items()
    return Answer(200, [ref_json(call.world, call.repository, name, sha) for name, sha in refs])


@operation("git/create-ref", contents="write")
def _(call: Call) -> Answer:
    name, sha = call.body["ref"], call.body["sha"]
    if not name.startswith("refs/") or name.count("/") < 2:
        raise Refusal(422, "Reference name must start with 'refs' and contain at least two slashes.")
    if call.repository.git.ref(name) is not None:
        raise Refusal(422, "Reference already exists")
    return Answer(201, _point(call, name, sha))


@operation("git/update-ref", contents="write")
def _(call: Call) -> Answer:
    git = call.repository.git
    name, sha = f"refs/{call.params['ref']}", call.body["sha"]
    before = git.ref(name)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if name.removeprefix("refs/heads/") in call.repository.protected:
        raise Refusal(422, "Changes must be made through a pull request.")
    if not call.body.get("force") and git.resolve(sha) == sha and git.merge_base(before, sha) != before:
        raise Refusal(422, "Update is not a fast forward")
    return Answer(200, _point(call, name, sha))


def _point(call: Call, name: str, sha: str) -> dict[str, Any]:
    git = call.repository.git
    before = git.ref(name)
    if git.resolve(sha) != sha:
        raise Refusal(422, "Object does not exist")
    try:
        git.set_ref(name, sha)
    except GitFailedError:
        raise invalid("Reference", "ref", "Reference name is not valid") from None
    ref_changed(call.world, call.repository, call.actor, name, before, sha)
    return ref_json(call.world, call.repository, name, sha)


@operation("git/delete-ref", contents="write")
def _(call: Call) -> Answer:
    name = f"refs/{call.params['ref']}"
    before = call.repository.git.ref(name)
    if before is None:
        raise Refusal(422, "Reference does not exist")
    if name == f"refs/heads/{call.repository.default_branch}":
        raise Refusal(422, "Cannot delete the default branch")
    call.repository.git.set_ref(name, None)
    ref_changed(call.world, call.repository, call.actor, name, before, None)
    return Answer(204)
