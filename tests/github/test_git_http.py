"""Git over HTTP with a token: what a checkout of the bot does, and what it may not."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.github.conftest import POLL, Site
from tests.github.git_store import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, without asking for a password."""
    return subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def url_with(site: Site, token: str, full_name: str = "octo/app") -> str:
    """The address of a repository with a token in it."""
    return site.github.html_url.replace("http://", f"http://x-access-token:{token}@") + f"/{full_name}.git"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """An empty repository that fetches."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare")
    return folder


def test_a_clone_with_a_token(site: Site, tmp_path: Path) -> None:
    site.repository.make_private()
    url = url_with(site, site.installation.token({"contents": "read"}))
    done = git(tmp_path, "clone", "--quiet", url, "copy")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy" / "poll.ts").read_text() == POLL


@pytest.mark.parametrize("whose", ["nobody", "a stranger", "without the permission"])
def test_a_private_repository_is_not_shown(site: Site, tmp_path: Path, whose: str) -> None:
    site.repository.make_private()
    other = site.github.create_repository("acme/other")
    stranger = site.github.register_app({"contents": "read"}, slug="stranger").install(other)
    tokens = {"a stranger": stranger.token(), "without the permission": site.installation.token({"checks": "read"})}
    url = site.repository.clone_url if whose == "nobody" else url_with(site, tokens[whose])
    assert git(tmp_path, "clone", "--quiet", url, "copy").returncode != 0


def test_a_public_repository_needs_no_token(site: Site, tmp_path: Path) -> None:
    assert git(tmp_path, "clone", "--quiet", site.repository.clone_url, "copy").returncode == 0


def test_a_commit_by_its_id_at_depth_1_without_large_blobs(site: Site, clone: Path) -> None:
    pull = site.repository.open_pull_request("zed", "far", files={"small": "x\n", "large": "y" * 5000}, fork=True)
    pull.push({"small": "z\n"})
    url = url_with(site, site.installation.token())
    filters = ["-c", "remote.origin.promisor=true", "-c", "remote.origin.partialclonefilter=blob:limit=1k"]
    wanted = [pull.head_sha, site.repository.head()]
    git(clone, "remote", "add", "origin", url)
    done = git(clone, *filters, "fetch", "--quiet", "--depth=1", "--filter=blob:limit=1k", "origin", *wanted)
    assert done.returncode == 0, done.stderr
    assert git(clone, "rev-list", "--count", pull.head_sha).stdout == "1\n"
    listed = git(clone, "rev-list", "--objects", "--missing=print", pull.head_sha).stdout
    assert listed.count("\n?") == 1
    assert git(clone, "show", f"{pull.head_sha}:small").stdout == "z\n"


def test_the_head_of_a_pull_request_is_a_ref(site: Site, clone: Path) -> None:
    pull = site.pull(fork=True)
    fetch = ("fetch", "--quiet", url_with(site, site.installation.token()), "refs/pull/1/head:refs/heads/pull")
    assert git(clone, *fetch).returncode == 0
    assert git(clone, "rev-parse", "pull").stdout.strip() == pull.head_sha
    pull.force_push({"a": "b"})
    git(clone, fetch[0], fetch[1], fetch[2], "+" + fetch[3])
    assert git(clone, "rev-parse", "pull").stdout.strip() == pull.head_sha


def test_a_push_sets_off_what_any_push_does(site: Site, tmp_path: Path) -> None:
    pull = site.pull()
    url = url_with(site, site.installation.token())
    git(tmp_path, "clone", "--quiet", "--branch", "feature", url, "copy")
    copy = tmp_path / "copy"
    (copy / "new.py").write_text("x = 2\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    git(copy, *who, "commit", "--quiet", "--all", "--message", "More")
    done = git(copy, "push", "--quiet", "origin", "HEAD:feature", "HEAD:other")
    assert done.returncode == 0, done.stderr
    assert pull.head_sha == git(copy, "rev-parse", "HEAD").stdout.strip()
    site.github.settle()
    last = [(one.event, one.payload.get("action")) for one in site.github.deliveries]
    assert ("pull_request", "synchronize") in last
    assert site.repository.head("other") == pull.head_sha


@pytest.mark.parametrize("case", ["read-only token", "no token", "archived", "a pull request's ref"])
def test_a_push_that_is_refused(site: Site, tmp_path: Path, case: str) -> None:
    site.pull()
    level = "read" if case == "read-only token" else "write"
    token = site.installation.token({"contents": level})
    git(tmp_path, "clone", "--quiet", url_with(site, token), "copy")
    if case == "archived":
        site.repository.archive()
    url = site.repository.clone_url if case == "no token" else url_with(site, token)
    ref = "refs/pull/1/head" if case == "a pull request's ref" else "refs/heads/x"
    assert git(tmp_path / "copy", "push", "--quiet", url, f"+HEAD:{ref}").returncode != 0
    assert "refs/heads/x" not in site.repository.git("for-each-ref")
    assert site.repository.git("rev-parse", "refs/pull/1/head") == site.repository.pull(1).head_sha


def test_a_renamed_repository_is_found(site: Site, tmp_path: Path) -> None:
    site.repository.rename("application")
    done = git(tmp_path, "clone", "--quiet", url_with(site, site.installation.token()), "copy")
    assert done.returncode == 0, done.stderr


def test_submodules_and_links_are_stored(site: Site) -> None:
    head = site.repository.head()
    site.repository.push({"sub": ("submodule", head), "link": ("link", "../outside")})
    listed = site.repository.git("ls-tree", "main")
    assert f"160000 commit {head}\tsub" in listed
    assert "120000 blob" in listed
