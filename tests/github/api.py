"""What happens to a request of the REST API before and after its operation: who asks, may he, is it well-formed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote

import msgspec

from tests.github import rest
from tests.github.answers import Answer, Refusal
from tests.github.auth import Caller, accepted, allows, caller_of
from tests.github.openapi import load
from tests.github.rest.call import OPERATIONS, Call, Implemented, Needs
from tests.github.validation import answer_faults, request_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.limits import Limits
    from tests.github.openapi import Operation
    from tests.github.state import Repository
    from tests.github.world import World

__all__ = ["Api", "Incoming", "rest"]

VERSIONS: Final = frozenset({"2022-11-28", "2026-03-10"})
CREATES: Final = re.compile(r"(comments|replies|reviews|issues|pulls|check-runs|reactions|statuses|sarifs|/git/\w+)$")
FREE: Final = "rate-limit/get"
"""The operation that is not counted (docs.github.com/rest/rate-limit)."""
_BY_ID: Final = re.compile(r"/repositories/(\d+)(/.*)?")


@dataclass
class Incoming:
    """A request as it came. `path` is still quoted, and has no prefix of an enterprise server."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    data: bytes

    @classmethod
    def of(cls, method: str, path: str, query: str, headers: Mapping[str, str], data: bytes) -> Incoming:
        """A request with its query taken apart."""
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers, data)

    def json(self) -> Any:
        """The decoded body; None where there is none or it is not JSON."""
        try:
            return msgspec.json.decode(self.data) if self.data else None
        except msgspec.DecodeError:
            return None


@dataclass
class Outcome:
    """What became of a request, beside its answer."""

    operation: str | None = None
    caller: Caller = field(default_factory=Caller)
    repository: Repository | None = None


class InvalidAnswerError(Exception):
    """The fake GitHub gave an answer that GitHub's description does not allow: a bug of the fake."""


@dataclass
class Api:
    """The REST API."""

    world: World
    limits: Limits
    violations: list[str]

    def handle(self, incoming: Incoming, outcome: Outcome) -> Answer:
        """Answer a request.

        Raises:
            InvalidAnswerError: our own answer is not as described.
        """
        with self.world.lock:
            try:
                answer = self._handle(incoming, outcome)
            except Refusal as refusal:
                answer = refusal.answer()
            answer.headers = {**self.limits.headers(outcome.caller.token), **answer.headers}
        self._check(incoming, outcome, answer)
        return answer

    def _handle(self, incoming: Incoming, outcome: Outcome) -> Answer:
        path = self._by_name(incoming.path)
        found = load().match(incoming.method, path)
        outcome.caller = caller = caller_of(self.world, incoming.headers.get("authorization"))
        self._check_version(incoming)
        if found is None:
            methods = load().methods(path)
            self.violations.append(f"{incoming.method} {incoming.path}: no operation of GitHub's that is known here")
            raise Refusal(405, "Method Not Allowed") if methods else Refusal(404)
        operation, params = found
        outcome.operation = operation.id
        implemented = OPERATIONS[operation.id]
        _check_credentials(implemented, caller)
        creates = incoming.method == "POST" and CREATES.search(path) is not None
        if operation.id != FREE:
            self.limits.charge(caller.token, incoming.method, creates=creates)
        call = Call(
            self.world, caller, self.world.addresses.api + incoming.path, params, incoming.query, None, incoming.headers
        )
        if "repo" in params:
            moved = self._find_repository(call, incoming, path)
            if moved is not None:
                return moved
            outcome.repository = call.found
        _check_access(call, implemented, incoming.method)
        call.body = self._body(incoming, operation)
        answer = implemented.answer(call)
        if implemented.permissions:
            answer.headers.setdefault("X-Accepted-GitHub-Permissions", accepted(implemented.permissions))
        return self._tagged(incoming, answer, caller)

    def _by_name(self, path: str) -> str:
        """`/repositories/ID/...` is the same as `/repos/OWNER/NAME/...`: redirects of moved repositories use it."""
        match = _BY_ID.fullmatch(path)
        if match is None:
            return path
        repository = self.world.repositories.get(int(match[1]))
        if repository is None or repository.deleted:
            raise Refusal(404)
        return f"/repos/{quote(repository.full_name)}{match[2] or ''}"

    def _check_version(self, incoming: Incoming) -> None:
        version = incoming.headers.get("x-github-api-version")
        if version is None:
            self.violations.append(f"{incoming.method} {incoming.path}: no X-GitHub-Api-Version header")
        elif version not in VERSIONS:
            self.violations.append(f"{incoming.method} {incoming.path}: API version {version} is not supported")
            raise Refusal(400, f"API version {version} is not supported")
        if not incoming.headers.get("user-agent"):
            raise Refusal(
                403, "Request forbidden by administrative rules. Please make sure you have a User-Agent header"
            )

    def _find_repository(self, call: Call, incoming: Incoming, path: str) -> Answer | None:
        """Put the repository into the call; or the redirect to where it moved."""
        asked = f"{call.params['owner']}/{call.params['repo']}"
        call.found = repository = self.world.repository(asked)
        token = call.caller.token
        if token is not None and repository.private and not token.reaches(repository):
            raise Refusal(404)
        if repository.full_name.lower() == asked.lower():
            return None
        rest_of_path = "/".join(path.split("/")[4:])
        url = f"{self.world.addresses.api}/repositories/{repository.id}"
        url = f"{url}/{rest_of_path}" if rest_of_path else url
        if incoming.query:
            url += "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in incoming.query.items())
        status, message = (301, "Moved Permanently") if incoming.method == "GET" else (307, "Temporary Redirect")
        body = {"message": message, "url": url, "documentation_url": "https://docs.github.com/rest"}
        return Answer(status, body, {"Location": url})

    def _body(self, incoming: Incoming, operation: Operation) -> Any:
        try:
            body = msgspec.json.decode(incoming.data) if incoming.data else None
        except msgspec.DecodeError:
            self.violations.append(f"{operation.id}: the body is not JSON")
            raise Refusal(400) from None
        faults = request_faults(operation, incoming.query, body)
        if faults:
            self.violations += [f"{operation.id}: {fault}" for fault in faults]
            raise Refusal(422, "Invalid request.\n\n" + "\n".join(faults))
        return body

    def _tagged(self, incoming: Incoming, answer: Answer, caller: Caller) -> Answer:
        if incoming.method != "GET" or answer.status != 200:
            return answer
        tag = f'W/"{hashlib.sha256(encoded(answer)).hexdigest()}"'
        if incoming.headers.get("if-none-match") == tag:
            self.limits.refund(caller.token)
            return Answer(304, None, {**answer.headers, "ETag": tag})
        answer.headers["ETag"] = tag
        return answer

    def _check(self, incoming: Incoming, outcome: Outcome, answer: Answer) -> None:
        is_json = answer.content_type.startswith("application/json")
        if outcome.operation is None or not is_json or answer.status in (304, 307):
            return
        operation = load().operations[outcome.operation]
        faults = answer_faults(operation, answer.status, answer.body)
        if faults:
            where = f"{incoming.method} {incoming.path} -> {answer.status}"
            raise InvalidAnswerError(f"{where}: " + "; ".join(faults[:10]))


def _check_credentials(implemented: Implemented, caller: Caller) -> None:
    match implemented.needs:
        case Needs.APP if caller.app is None:
            raise Refusal(401, "A JSON web token could not be decoded")
        case Needs.TOKEN if caller.token is None:
            raise Refusal(401, "Requires authentication")
        case _:
            return


def _check_access(call: Call, implemented: Implemented, method: str) -> None:
    """The token must reach the repository and have one of the permissions; what is archived is only read."""
    token = call.caller.token
    if implemented.needs is not Needs.TOKEN or token is None:
        return
    refusal = Refusal(403, headers={"X-Accepted-GitHub-Permissions": accepted(implemented.permissions)})
    is_write = method != "GET"
    if call.found is not None and not token.reaches(call.found) and is_write:
        raise refusal
    if not allows(token.permissions, implemented.permissions):
        raise refusal
    if is_write and call.found is not None and call.found.archived:
        raise Refusal(403, "Repository was archived so is read-only.")


def encoded(answer: Answer) -> bytes:
    """The body of an answer as it is sent."""
    if isinstance(answer.body, bytes):
        return answer.body
    if isinstance(answer.body, str):
        return answer.body.encode("utf-8", "replace")
    return b"" if answer.body is None else msgspec.json.encode(answer.body)
