"""A repository that names a program wherever one can be named: none of them may run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.repos import Repo

MARK = "touched"


def hostile(repo: Repo, tmp_path: Path) -> Path:
    """Commits attributes, and makes every program that the repository can name leave a mark; returns where."""
    mark = tmp_path / MARK
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    program.chmod(0o755)
    for hook in (
        "post-checkout",
        "pre-commit",
        "post-commit",
        "reference-transaction",
        "update",
        "post-index-change",
        "prepare-commit-msg",
    ):
        file = repo.root / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(program.read_text())
        file.chmod(0o755)
    repo.commit({".gitattributes": "* filter=evil diff=evil merge=evil\n*.js text eol=crlf ident\n"})
    for name, value in {
        "core.fsmonitor": str(program),
        "core.pager": str(program),
        "core.sshCommand": str(program),
        "core.gitProxy": str(program),
        "core.alternateRefsCommand": str(program),
        "core.editor": str(program),
        "gpg.program": str(program),
        "commit.gpgSign": "true",
        "log.showSignature": "true",
        "diff.external": str(program),
        "diff.evil.textconv": str(program),
        "diff.evil.command": str(program),
        "filter.evil.clean": str(program),
        "filter.evil.smudge": str(program),
        "filter.evil.process": str(program),
        "filter.evil.required": "true",
        "uploadpack.packObjectsHook": str(program),
        "remote.origin.url": "ext::" + str(program),
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": str(program),
        "trailer.x.command": str(program),
        "credential.helper": "!" + str(program),
    }.items():
        repo.git("config", name, value)
    return mark
