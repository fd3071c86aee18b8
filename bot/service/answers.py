"""What the door says: one shape for all answers, one exception for all refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request


class Answer(BaseModel):
    """The body of an answer."""

    status: str = Field(description="one word for it, the same in the metrics")
    detail: str | None = Field(default=None, description="a sentence, where something was refused")


class RefusalError(Exception):
    """A request is not taken.

    Attributes:
        code: the HTTP status.
        status: one word, for metrics and for the answer.
        detail: a sentence that holds nothing of the request.
    """

    def __init__(self, code: int, status: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        self.detail = detail


def answer(code: int, status: str, detail: str | None = None) -> JSONResponse:
    """An answer of the shape of `Answer`."""
    return JSONResponse(Answer(status=status, detail=detail).model_dump(exclude_none=True), code)


async def refusal_answer(_request: Request, refusal: Exception) -> JSONResponse:
    """The answer to a request that was refused: FastAPI's handler for `RefusalError`."""
    assert isinstance(refusal, RefusalError)
    return answer(refusal.code, refusal.status, refusal.detail)
