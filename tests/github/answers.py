"""What an operation of the fake GitHub gives back: an answer, or a refusal in GitHub's form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

DOCUMENTATION: Final = "https://docs.github.com/rest"
MESSAGES: Final = {
    400: "Problems parsing JSON",
    401: "Bad credentials",
    403: "Resource not accessible by integration",
    404: "Not Found",
    410: "This issue was deleted",
    422: "Validation Failed",
    500: "Server Error",
    502: "Server Error",
    503: "Service unavailable",
}


@dataclass
class Answer:
    """A status and a JSON body, or text where `content_type` says so."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """GitHub does not do what it was asked.

    Attributes:
        status: the HTTP status.
        message: the sentence in the body; by default GitHub's usual one for the status.
        errors: the details of a 422.
        headers: headers beside the usual ones.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message or MESSAGES[status])
        self.status = status
        self.message = message or MESSAGES[status]
        self.errors = errors
        self.headers = headers or {}

    def answer(self) -> Answer:
        """The refusal as it is sent."""
        body: dict[str, Any] = {"message": self.message, "documentation_url": DOCUMENTATION}
        if self.errors is not None:
            body["errors"] = self.errors
        # The description of some operations requires it; GitHub sends it nearly everywhere.
        body["status"] = str(self.status)
        return Answer(self.status, body, dict(self.headers))


def too_long(resource: str, field_name: str = "body", limit: int = 65_536) -> Refusal:
    """The refusal of a text above the limit."""
    error = {
        "resource": resource,
        "code": "unprocessable",
        "field": "data",
        "message": f"{field_name.capitalize()} is too long (maximum is {limit} characters)",
    }
    return Refusal(422, errors=[error])


def invalid(resource: str, field_name: str, message: str | None = None, code: str = "invalid") -> Refusal:
    """The refusal of one field."""
    error = {"resource": resource, "field": field_name, "code": code}
    if message is not None:
        error["message"] = message
    return Refusal(422, errors=[error])
