"""Who is asking: an App by its JWT, or an installation by its access token; and what that allows."""

from __future__ import annotations

import base64
import json
import secrets
import string
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github.answers import Refusal
from tests.github.state import Token
from tests.github.world import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.state import App, Installation
    from tests.github.world import World

TOKEN_LIFETIME: Final = timedelta(hours=1)
LONGEST_JWT_SECONDS: Final = 600
SKEW_SECONDS: Final = 60
LEVELS: Final = {"read": 1, "write": 2, "admin": 3}
_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Caller:
    """Who a request comes from; all None for nobody."""

    app: App | None = None
    token: Token | None = None

    @property
    def actor(self) -> Actor:
        """In whose name it writes.

        Raises:
            Refusal: 401, nobody asks.
        """
        if self.token is None:
            raise Refusal(401, "Requires authentication")
        app = self.token.installation.app
        return Actor(app.bot, app)


@cache
def key_pair(number: int) -> tuple[str, str]:
    """A private and a public key as PEM; made once in a test run, because that is slow."""
    del number
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public.decode()


def caller_of(world: World, authorization: str | None) -> Caller:
    """Who the `Authorization` header names.

    Raises:
        Refusal: 401, the token or JWT is not valid (any more).
    """
    if not authorization:
        return Caller()
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "token") or not credential:
        raise Refusal(401)
    if credential.startswith("ghs_"):
        return Caller(token=live_token(world, credential))
    return Caller(app=_app_of(world, credential))


def live_token(world: World, value: str) -> Token:
    """The installation token of this value.

    Raises:
        Refusal: 401, there is none, or it was revoked or has expired; 403, the installation is suspended.
    """
    token = world.tokens.get(value)
    if token is None or token.revoked or token.expires_at <= world.now():
        raise Refusal(401)
    if token.installation.id not in world.installations:
        raise Refusal(401)
    if token.installation.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    return token


def _app_of(world: World, credential: str) -> App:
    try:
        issuer = str(jwt.decode(credential, options={"verify_signature": False})["iss"])
    except (jwt.InvalidTokenError, KeyError):
        raise Refusal(401, "A JSON web token could not be decoded") from None
    app = next((one for one in world.apps.values() if issuer in (str(one.id), one.client_id)), None)
    if app is None:
        raise Refusal(401, "Integration not found")
    try:
        # Whether it has expired is asked of GitHub's clock, below.
        options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "iss"]}
        claims = jwt.decode(credential, app.public_key, algorithms=["RS256"], options=options)
    except jwt.InvalidTokenError:
        raise Refusal(401, "A JSON web token could not be decoded") from None
    now = world.timestamp()
    if claims["exp"] <= now:
        raise Refusal(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time")
    if claims["exp"] - now > LONGEST_JWT_SECONDS:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    if claims["iat"] > now + SKEW_SECONDS:
        raise Refusal(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
    return app


def new_token(
    world: World,
    installation: Installation,
    permissions: Mapping[str, str] | None,
    repository_ids: frozenset[int] | None,
    *,
    stateless: bool = False,
) -> Token:
    """An access token.

    Raises:
        Refusal: 422, it asks for permissions or repositories that the installation does not have; 403, suspended.
    """
    if installation.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    granted = {"metadata": "read", **installation.permissions}
    wanted = dict(granted if permissions is None else {"metadata": "read", **permissions})
    for name, level in wanted.items():
        if LEVELS.get(granted.get(name, ""), 0) < LEVELS[level]:
            raise Refusal(422, "The permissions requested are not granted to this installation.")
    covered = {repository.id for repository in world.repositories_of(installation)}
    if repository_ids is not None and not repository_ids <= covered:
        message = (
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
        raise Refusal(422, message)
    value = _stateless_value(installation) if stateless or world.stateless_tokens else f"ghs_{_random(36)}"
    token = Token(value, installation, wanted, repository_ids, world.now() + TOKEN_LIFETIME)
    world.tokens[value] = token
    return token


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _stateless_value(installation: Installation) -> str:
    """The newer format, `ghs_<app id>_<JWT>`: about 520 characters, with dots."""
    claims = {"sub": installation.id, "jti": _random(64), "pad": _random(96)}
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}).encode(), json.dumps(claims).encode(), secrets.token_bytes(128)]
    encoded = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=").replace("-", "_") for part in parts)
    return f"ghs_{installation.app.id}_{encoded}"


def allows(permissions: Mapping[str, str], needed: Mapping[str, str]) -> bool:
    """Whether one of the needed permissions is given (each of them would do)."""
    return not needed or any(
        LEVELS.get(permissions.get(name, ""), 0) >= LEVELS[level] for name, level in needed.items()
    )


def accepted(needed: Mapping[str, str]) -> str:
    """The header `X-Accepted-GitHub-Permissions`: alternatives, apart by semicolons."""
    return "; ".join(f"{name}={level}" for name, level in needed.items())
