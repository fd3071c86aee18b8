"""Git over HTTP: `git http-backend` behind the tokens of the fake GitHub."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from tests.github.answers import Answer, Refusal
from tests.github.auth import Caller, allows, live_token
from tests.github.domain.repositories import ref_changed
from tests.github.git_store import ENVIRONMENT

if TYPE_CHECKING:
    from tests.github.api import Incoming, Outcome
    from tests.github.state import Repository
    from tests.github.world import World

PATH: Final = re.compile(r"/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)")
REALM: Final = {"WWW-Authenticate": 'Basic realm="GitHub"'}


@dataclass
class GitHttp:
    """The git server."""

    world: World

    async def handle(self, incoming: Incoming, outcome: Outcome) -> Answer:
        """Answer a request of a git client."""
        try:
            with self.world.lock:
                repository, service = self._admit(incoming, outcome)
                before = repository.git.refs()
            answer = await self._run(incoming, repository, service)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.message, refusal.headers, "text/plain")
        if service == "git-receive-pack":
            await asyncio.to_thread(self._pushed, repository, before, outcome)
        return answer

    def _admit(self, incoming: Incoming, outcome: Outcome) -> tuple[Repository, str]:
        match = PATH.fullmatch(unquote(incoming.path))
        if match is None:
            raise Refusal(404)
        asked = f"{match[1]}/{match[2]}"
        service = incoming.query.get("service", "") if match[3] == "info/refs" else match[3]
        outcome.operation = service
        outcome.caller = self._caller(incoming)
        token = outcome.caller.token
        repository = self.world.repository(asked)
        level = "write" if service == "git-receive-pack" else "read"
        may = token is not None and token.reaches(repository) and allows(token.permissions, {"contents": level})
        if (repository.private or level == "write") and token is None:
            raise Refusal(401, "Authentication required", headers=REALM)
        if repository.private and not may:
            raise Refusal(404)
        if level == "write" and not may:
            raise Refusal(403, f"Permission to {repository.full_name}.git denied to you.")
        if level == "write" and repository.archived:
            raise Refusal(403, "This repository was archived so it is read-only.")
        if repository.full_name.lower() != asked.lower():
            url = f"{self.world.addresses.html}/{repository.full_name}.git/{match[3]}"
            query = f"?service={service}" if match[3] == "info/refs" else ""
            raise Refusal(301, "Moved Permanently", headers={"Location": url + query})
        outcome.repository = repository
        return repository, service

    def _caller(self, incoming: Incoming) -> Caller:
        header = incoming.headers.get("authorization")
        if header is None:
            return Caller()
        try:
            _, _, encoded = header.partition(" ")
            _, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, ValueError):
            raise Refusal(401, headers=REALM) from None
        try:
            return Caller(token=live_token(self.world, password))
        except Refusal as refusal:
            raise Refusal(refusal.status, refusal.message, headers=REALM) from None

    async def _run(self, incoming: Incoming, repository: Repository, service: str) -> Answer:
        rest = "info/refs" if incoming.path.endswith("info/refs") else service
        headers = incoming.headers
        variables = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.world.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository.git.folder.name}/{rest}",
            "REQUEST_METHOD": incoming.method,
            "QUERY_STRING": f"service={service}" if rest == "info/refs" else "",
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(incoming.data)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REMOTE_USER": "x-access-token",
            "REMOTE_ADDR": "127.0.0.1",
        }
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env=variables,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        output, _ = await process.communicate(incoming.data)
        head, _, body = output.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(fields.pop("Status", "200").split()[0])
        return Answer(status, body, fields, fields.get("Content-Type", "application/octet-stream"))

    def _pushed(self, repository: Repository, before: dict[str, str], outcome: Outcome) -> None:
        with self.world.lock:
            after = repository.git.refs()
            for name in sorted(before.keys() | after.keys()):
                if before.get(name) != after.get(name):
                    ref_changed(self.world, repository, outcome.caller.actor, name, before.get(name), after.get(name))
