"""Commits fetched over HTTP from the fake GitHub, and from servers that misbehave."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from bot.checkout import CheckoutError, CheckoutFault, FetchLimits, Source, checkout
from bot.git import GitError
from bot.judged import Judged
from bot.object_store import ObjectStore
from bot.sandbox.jobs import Change, judge_fetched
from bot.sandbox.outcomes import Failure, FailureKind
from bot.trees import GitTree
from tests.bot.leaks import POLLER
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github import PullHandle, RepositoryHandle
    from tests.github.git_store import Content

FILES: dict[str, Content] = {
    "src/a.js": "export {};\n",
    "src/large.js": "x" * 2_000_001,
    "image.bin": b"\0" * 2_500_000,
    "link.js": ("link", "/etc/passwd"),
}


class Origin:
    """A private repository on the fake GitHub with a pull request from a fork, and a token to read it."""

    def __init__(self, github: FakeGitHub) -> None:
        app = github.register_app(permissions={"contents": "read", "metadata": "read"}, events=())
        self.github = github
        self.repository: RepositoryHandle = github.create_repository("octo/app", files=FILES, private=True)
        self.pull: PullHandle = self.repository.open_pull_request(
            author="alice", head="feature", files={"src/new.js": POLLER}, fork=True
        )
        self.token = app.install(self.repository).token()
        self.source = Source(self.repository.id, self.repository.clone_url, self.token)
        self.commits = [self.pull.base_sha, self.pull.head_sha]

    def requests(self) -> int:
        return sum(request.path.endswith("/git-upload-pack") for request in self.github.requests)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with FakeGitHub(tmp_path_factory.mktemp("github")) as github:
        yield Origin(github)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


@pytest.fixture
def server() -> Iterator[Server]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield Server(made)
        made.shutdown()
        thread.join()


class Server:
    """A server that answers each request in one way, named by the path."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.address = f"http://127.0.0.1:{server.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        what = self.path.split("/")[1]
        if what.isdigit():
            self.send_response(int(what))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif what == "to":
            self.send_response(301)
            _, _, host, rest = self.path.split("/", 3)
            self.send_header("Location", f"http://{host}/{rest}")
            self.end_headers()
        elif what == "text":
            self.send_response(200)
            self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
            self.end_headers()
            self.wfile.write(b"this is no git server @everyone")
        elif what == "slow":
            self.send_response(200)
            self.end_headers()
            self.rfile.read()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        return


def refused(store: ObjectStore, source: Source, commits: list[str], limits: FetchLimits | None = None) -> CheckoutError:
    with pytest.raises(CheckoutError) as caught, checkout(store, source, commits, limits):
        pass
    assert str(caught.value).endswith(".")
    return caught.value


def test_both_commits_come_at_once_and_only_once(origin: Origin, store: ObjectStore) -> None:
    before = origin.requests()
    for _ in range(2):
        with checkout(store, origin.source, origin.commits) as fetched:
            assert origin.requests() == before + 1
            with GitTree(fetched.repository, origin.pull.head_sha, fetched.left_out) as tree:
                assert list(tree.paths()) == ["image.bin", "src/a.js", "src/large.js", "src/new.js"]
                assert tree.read("src/new.js") == POLLER.encode()
                assert {tree.blob_id("image.bin"), tree.blob_id("src/large.js")} == fetched.left_out
                assert tree.size("src/large.js") > 2_000_000


def test_a_new_head_brings_only_itself(origin: Origin, store: ObjectStore) -> None:
    pull = origin.repository.open_pull_request(author="alice", head="more", files={"src/more.js": POLLER})
    with checkout(store, origin.source, [pull.base_sha, pull.head_sha]):
        pass
    head = pull.push({"src/last.js": "export {};\n"})
    with checkout(store, origin.source, [pull.base_sha, head or pull.head_sha]) as fetched:
        packs = sorted((fetched.stored.git_dir / "objects" / "pack").glob("*.pack"), key=os.path.getmtime)
        assert len(packs) == 2
        assert packs[1].stat().st_size < packs[0].stat().st_size


def test_nothing_more_is_fetched_later(origin: Origin, store: ObjectStore) -> None:
    with checkout(store, origin.source, origin.commits) as fetched:
        before = len(origin.github.requests)
        with GitTree(fetched.repository, origin.pull.head_sha) as tree, pytest.raises(GitError):
            tree.read("src/large.js")
        assert fetched.repository.attempt(["fetch", "origin"]).status != 0
        assert len(origin.github.requests) == before


def test_the_token_is_in_no_file_and_in_no_argument(
    origin: Origin, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    git.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{seen}"\nexec {real} "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{git.parent}:{os.environ['PATH']}")
    with checkout(store, origin.source, origin.commits):
        pass
    assert "fetch" in seen.read_text()
    assert origin.token not in seen.read_text()
    assert origin.token not in repr(origin.source)
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert files and not any(origin.token.encode() in path.read_bytes() for path in files)


def test_what_is_judged_is_what_a_whole_clone_gives(origin: Origin, store: ObjectStore) -> None:
    change = Change(base=origin.pull.base_sha, head=origin.pull.head_sha, today=date(2026, 3, 4))
    found = judge_fetched(store, origin.source, change)
    assert isinstance(found, Judged), found
    assert [(finding.path, finding.change) for finding in found.report.findings] == [("src/new.js", "introduced")]
    assert [(entry.path, entry.code) for entry in found.report.skipped] == [("src/large.js", "too-large")]


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("objects/pack/*.pack", b""),
        ("objects/pack/*.pack", None),
        ("objects/pack/*.idx", b"damaged\n"),
        ("HEAD", None),
        ("HEAD", b"damaged\n"),
        ("config", b"damaged\n"),
        ("shallow", b"damaged\n"),
    ],
)
def test_what_is_damaged_is_fetched_again(origin: Origin, store: ObjectStore, part: str, content: bytes | None) -> None:
    change = Change(base=origin.pull.base_sha, head=origin.pull.head_sha, today=date(2026, 3, 4))
    with checkout(store, origin.source, origin.commits) as fetched:
        (place,) = fetched.stored.git_dir.glob(part)
        place.chmod(0o644)
        if content is None:
            place.unlink()
        else:
            place.write_bytes(content)
    found = judge_fetched(store, origin.source, change)
    assert isinstance(found, Judged), found
    assert len(found.report.findings) == 1


def test_a_damaged_blob_is_fetched_again(origin: Origin, store: ObjectStore) -> None:
    change = Change(base=origin.pull.base_sha, head=origin.pull.head_sha, today=date(2026, 3, 4))
    with checkout(store, origin.source, origin.commits) as fetched:
        (pack,) = fetched.stored.git_dir.glob("objects/pack/*.pack")
        pack.chmod(0o644)
        name = fetched.repository.run(["rev-parse", f"{origin.pull.head_sha}:src/new.js"]).strip()
        index = fetched.repository.run(
            ["show-index"], next(fetched.stored.git_dir.glob("objects/pack/*.idx")).read_bytes()
        )
        offset = next(int(line.split()[0]) for line in index.splitlines() if line.split()[1] == name)
        data = bytearray(pack.read_bytes())
        data[offset + 4 : offset + 40] = b"\xff" * 36
        pack.write_bytes(data)
    found = judge_fetched(store, origin.source, change)
    assert isinstance(found, Judged), found
    assert (len(found.report.findings), len(found.report.skipped)) == (1, 1)


def test_many_workers_fetch_the_same_at_once(origin: Origin, store: ObjectStore) -> None:
    before = origin.requests()

    def fetch(_: int) -> int:
        with checkout(ObjectStore(store.folder), origin.source, origin.commits) as fetched:
            return len(fetched.left_out)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(fetch, range(8))) == [2] * 8
    assert origin.requests() == before + 1


def test_a_repository_that_was_renamed_is_asked_for_by_its_new_name(tmp_path: Path, store: ObjectStore) -> None:
    with FakeGitHub(tmp_path / "github") as github:
        origin = Origin(github)
        origin.repository.rename("other")
        assert refused(store, origin.source, origin.commits).fault is CheckoutFault.MOVED
        source = replace(origin.source, url=origin.repository.clone_url)
        with checkout(store, source, origin.commits) as fetched:
            assert len(fetched.left_out) == 2


def test_the_token_goes_nowhere_else(server: Server, store: ObjectStore) -> None:
    elsewhere: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            elsewhere.append(str(self.headers))

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            target = f"127.0.0.1:{other.server_address[1]}"
            source = Source(1, f"{server.address}/to/{target}/octo/app.git", "ghs_secret")
            assert refused(store, source, ["a" * 40]).fault is CheckoutFault.MOVED
        finally:
            other.shutdown()
            thread.join()
    assert elsewhere == []


def test_what_github_refuses(origin: Origin, store: ObjectStore) -> None:
    for url, token in [
        (origin.source.url, "ghs_wrong"),
        (origin.source.url, ""),
        (origin.source.url.replace("app.git", "nothing.git"), origin.token),
    ]:
        error = refused(store, Source(5, url, token), origin.commits)
        assert (error.fault, error.rerun_helps) == (CheckoutFault.REFUSED, False)
        assert token not in error.detail or not token


def test_a_commit_that_is_gone(origin: Origin, store: ObjectStore) -> None:
    assert refused(store, origin.source, ["1" * 40]).fault is CheckoutFault.GONE
    assert refused(store, origin.source, ["--upload-pack=touch"]).fault is CheckoutFault.GONE


def test_what_is_too_large_is_not_stored(origin: Origin, store: ObjectStore) -> None:
    error = refused(store, origin.source, origin.commits, FetchLimits(stored_bytes=200))
    assert error.fault is CheckoutFault.TOO_LARGE
    with checkout(store, origin.source, origin.commits):
        pass


def test_what_unpacks_to_more_than_memory_holds(origin: Origin, store: ObjectStore, tmp_path: Path) -> None:
    commit = tmp_path / "commit"
    tree = origin.repository.git("rev-parse", f"{origin.pull.base_sha}^{{tree}}").strip()
    who = "mallory <mallory@example.com> 1 +0000"
    header = f"tree {tree}\nauthor {who}\ncommitter {who}\n\n"
    commit.write_bytes(header.encode() + b"a" * 120_000_000)
    head = origin.repository.git("hash-object", "-t", "commit", "-w", str(commit)).strip()
    origin.repository.git("update-ref", "refs/heads/bomb", head)
    error = refused(store, origin.source, [head], FetchLimits(memory_bytes=100_000_000))
    assert error.fault is CheckoutFault.TOO_LARGE
    assert "more than 100 MB of memory" in str(error)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("500", CheckoutFault.UNAVAILABLE),
        ("502", CheckoutFault.UNAVAILABLE),
        ("429", CheckoutFault.UNAVAILABLE),
        ("403", CheckoutFault.REFUSED),
        ("404", CheckoutFault.REFUSED),
        ("401", CheckoutFault.REFUSED),
        ("text", CheckoutFault.UNAVAILABLE),
        ("closed", CheckoutFault.UNAVAILABLE),
    ],
)
def test_a_server_that_misbehaves(server: Server, store: ObjectStore, path: str, fault: CheckoutFault) -> None:
    error = refused(store, Source(1, f"{server.address}/{path}/app.git", "ghs_secret"), ["1" * 40])
    assert error.fault is fault, error.detail
    assert "@everyone" not in str(error)
    assert "ghs_secret" not in str(error) + error.detail


def test_a_server_that_is_slow_is_not_waited_for(server: Server, store: ObjectStore) -> None:
    source = Source(1, f"{server.address}/slow/app.git")
    assert refused(store, source, ["1" * 40], FetchLimits(seconds=0.5)).fault is CheckoutFault.TOO_SLOW
    assert_nothing_runs_for(source)


def test_a_fetch_that_nobody_wants_any_more_ends(server: Server, store: ObjectStore) -> None:
    source = Source(1, f"{server.address}/slow/stopped.git")
    outcome = judge_fetched(store, source, Change(base=None, head="1" * 40, today=date(2026, 1, 1)), stop=lambda: True)
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.STOPPED
    assert_nothing_runs_for(source)


def assert_nothing_runs_for(source: Source) -> None:
    end = time.monotonic() + 20
    while subprocess.run(["pgrep", "-f", source.url], capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < end


@pytest.mark.parametrize(
    "url",
    ["file:///etc", "ext::sh -c touch% /x", "git://127.0.0.1/x", "/etc", "ssh://x/y", "http://a:b@127.0.0.1/x", "-x"],
)
def test_other_addresses_are_not_tried(store: ObjectStore, url: str) -> None:
    assert refused(store, Source(1, url), ["1" * 40]).fault is CheckoutFault.FAILED
