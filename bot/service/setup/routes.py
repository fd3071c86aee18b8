"""The pages of setup, over HTTP. Everything here is 404 once the App is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from bot.service.bodies import Bodies
from bot.service.setup import pages
from bot.service.setup.choice import read_choice
from bot.service.setup.flow import SetupError

if TYPE_CHECKING:
    from starlette.responses import Response

    from bot.service.setup.flow import Setup

COOKIE: Final = "stanch-setup"
_FORM_LIMIT: Final = 10_000
_MOST_FIELDS: Final = 20


def setup_router(setup: Setup) -> APIRouter:
    """The setup page, its form, and the way back from GitHub."""
    router = APIRouter(include_in_schema=False)
    bodies = Bodies(_FORM_LIMIT)

    @router.get("/setup/callback")
    async def callback(request: Request) -> Response:
        if setup.is_over:
            raise HTTPException(404)
        code, state = (request.query_params.get(name, "") for name in ("code", "state"))
        browser = request.cookies.get(COOKIE, "")
        try:
            registered = await run_in_threadpool(setup.finish, code, state, browser)
        except SetupError as error:
            return _page(pages.fault_page(str(error)), 400)
        response = _page(pages.done_page(registered))
        response.delete_cookie(COOKIE, path="/setup")
        return response

    @router.get("/setup/{token}")
    async def form(token: str) -> Response:
        _require(setup, token)
        return _page(pages.form_page(setup.proposal()))

    @router.post("/setup/{token}")
    async def choose(token: str, request: Request) -> Response:
        _require(setup, token)
        async with bodies.read(request) as body:
            fields = _fields(body)
        choice = read_choice(fields)
        if isinstance(choice, dict):
            return _page(pages.form_page({**setup.proposal(), **fields}, choice), 422)
        begun = setup.begin(choice)
        response = _page(pages.confirm_page(choice, begun), form_action="https:")
        response.set_cookie(
            COOKIE,
            begun.browser,
            max_age=3600,
            path="/setup",
            secure=urlsplit(setup.base_url).scheme == "https",
            httponly=True,
            # Not strict: the way back from GitHub begins at GitHub.
            samesite="lax",
        )
        return response

    return router


def _require(setup: Setup, token: str) -> None:
    if not setup.is_alive(token):
        raise HTTPException(404)


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _page(html: str, code: int = 200, *, form_action: str = "'self'") -> HTMLResponse:
    """A page of setup; `form_action` is as wide as `https:` where GitHub may send the browser on to sign in."""
    policy = (
        f"default-src 'none'; style-src {pages.STYLE_SOURCE}; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    # Without any referrer the browser would tell GitHub that the form comes from nowhere.
    return HTMLResponse(html, code, headers={"Content-Security-Policy": policy, "Referrer-Policy": "strict-origin"})
