"""The settings of the service, from environment variables: `STANCH_...` and `DATABASE_URL`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, ByteSize, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.config.nearest import did_you_mean
from bot.decisions.budgets import GITHUB_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

PREFIX: Final = "STANCH_"
GITHUB: Final = "https://github.com"
SYSTEM_STATE: Final = Path("/var/lib/stanch")
_GITHUB_EXAMPLE: Final = "https://github.example.com"
_SMALLEST_LIMIT: Final = 1_000_000
_WRITE: Final = {
    "byte_size": "write a size such as `25MB`",
    "byte_size_unit": "write a size such as `25MB`",
    "int_parsing": "write a whole number",
    "bool_parsing": "write `true` or `false`",
}
"""For kinds of fault that pydantic describes without saying what to do."""


class SettingsError(Exception):
    """A setting is not valid; a line for each fault, which names the variable and says what to write."""


def default_state_folder() -> Path:
    """Where the service keeps what it must not lose (XDG Base Directory Specification).

    Returns:
        `stanch` below `$XDG_STATE_HOME` or `~/.local/state`; /var/lib/stanch for root, whose home lets no other user
        in and so no PostgreSQL, and for a user without a home.
    """
    if os.geteuid() == 0:
        return SYSTEM_STATE
    # A relative path is to be ignored, says the specification.
    folder = os.environ.get("XDG_STATE_HOME", "")
    if folder.startswith("/"):
        return Path(folder) / "stanch"
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return Path(home) / ".local/state/stanch" if home.startswith("/") and home != "/" else SYSTEM_STATE


Size = Annotated[ByteSize, Field(ge=_SMALLEST_LIMIT)]


class Settings(BaseSettings):
    """What the person who runs the service may set. Each field's description is its line in docs/operating.md."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    state_folder: Path = Field(
        default_factory=default_state_folder,
        description="where credentials, the embedded database and the object store are kept",
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on; `0.0.0.0` for all")
    port: int = Field(default=8080, ge=1, le=65535, description="the port to listen on")
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="the port at which `stanch worker` answers `/metrics`; without it, it does not",
    )
    public_url: str | None = Field(
        default=None,
        description="where GitHub and your browser reach the service, such as `https://stanch.example.com`",
    )
    github_url: str = Field(default=GITHUB, description="your GitHub, where it is not github.com")
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL"),
        description="your own PostgreSQL, `postgresql://user:password@host/name`; without it an embedded one is run",
    )
    app_id: int | None = Field(
        default=None, ge=1, description="the App's id, in place of the credentials that setup writes"
    )
    private_key_file: Path | None = Field(default=None, description="a file with that App's private key (PEM)")
    actions_app_id: int = Field(
        default=GITHUB_ACTIONS,
        ge=1,
        description="the id of the App in whose name workflows write, on a GitHub of yours",
    )
    webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="that App's webhook secret, or two with a comma between them while it is changed"
    )
    sandbox: Literal["required", "if-available"] = Field(
        default="required", description="`if-available` lets the service scan on a machine that offers no sandbox"
    )
    rate_limits: Literal["github", "none"] = Field(
        default="github",
        description="`none` on a GitHub Enterprise Server whose rate limits are off: requests are not paced",
    )
    body_limit: Size = Field(
        default=ByteSize(25_000_000), description="the largest delivery that is taken; GitHub sends no larger one"
    )
    object_store_limit: Size = Field(
        default=ByteSize(10_000_000_000), description="what fetched git objects may take on disk"
    )
    scan_seconds: int = Field(default=600, ge=10, description="how long one scan may take")
    scan_memory: Annotated[ByteSize, Field(ge=256_000_000)] = Field(
        default=ByteSize(3_000_000_000), description="the memory that one scan may take"
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="`json` for machines, `console` for people"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the mildest line that is logged"
    )
    api_docs: bool = Field(
        default=False, description="`true` shows the description of the service's HTTP interface at `/openapi.json`"
    )

    @field_validator("state_folder", "private_key_file")
    @classmethod
    def _whole_path(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError("write the whole path, from `/` on")
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        return None if value is None else _address(value, "https://stanch.example.com")

    @field_validator("github_url")
    @classmethod
    def _github_address(cls, value: str) -> str:
        address = _address(value, _GITHUB_EXAMPLE)
        if urlsplit(address).path:
            raise ValueError(f"write the address only, such as `{_GITHUB_EXAMPLE}`")
        return address

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("write `postgresql://user:password@host/name`")
        return value

    @field_validator("webhook_secrets", mode="before")
    @classmethod
    def _split_secrets(cls, value: Any) -> Any:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("webhook_secrets")
    @classmethod
    def _one_or_two(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if len(value) > 2:
            raise ValueError("write one secret, or two while it is changed")
        return value

    @model_validator(mode="after")
    def _all_of_the_app(self) -> Settings:
        given = {
            "STANCH_APP_ID": self.app_id is not None,
            "STANCH_PRIVATE_KEY_FILE": self.private_key_file is not None,
            "STANCH_WEBHOOK_SECRETS": bool(self.webhook_secrets),
        }
        missing = [name for name, is_given in given.items() if not is_given]
        if missing and len(missing) < len(given):
            others = " and ".join(name for name in given if name not in missing)
            are = "are" if len(missing) > 1 else "is"
            raise ValueError(f"{' and '.join(missing)} {are} missing beside {others}; set all three, or none")
        return self

    @property
    def api_url(self) -> str:
        """The REST API of `github_url`."""
        return api_url_of(self.github_url)


def api_url_of(github_url: str) -> str:
    """The base of GitHub's REST API.

    Args:
        github_url: the address of github.com, of a GitHub Enterprise Server, or `https://SUBDOMAIN.ghe.com`.

    Source: "Getting started with the REST API" in GitHub's documentation, in its three editions.
    """
    parts = urlsplit(github_url)
    if parts.netloc == "github.com" or parts.netloc.endswith(".ghe.com"):
        return f"https://api.{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc}/api/v3"


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: with a line for each fault.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(map(_sentence, error.errors(include_url=False)))) from None


def variable_of(field: str) -> str:
    """The environment variable of a field of `Settings`."""
    return "DATABASE_URL" if field == "database_url" else f"{PREFIX}{field.upper()}"


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    known = {variable_of(field) for field in Settings.model_fields}
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    return [f"{name} is not a setting{did_you_mean(name, known)}" for name in strange]


def _address(value: str, example: str) -> str:
    """A web address without a slash at its end; `example`: one for whoever wrote something else.

    Raises:
        ValueError: it is none, or says more than where.
    """
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(f"write an address such as `{example}`") from None
    plain = parts.username is None and not parts.query and not parts.fragment
    if parts.scheme not in {"https", "http"} or not parts.hostname or not plain or any(map(str.isspace, value)):
        raise ValueError(f"write an address such as `{example}`")
    return value.rstrip("/")


def _sentence(error: ErrorDetails) -> str:
    message = _WRITE.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"{message}."
    field = str(error["loc"][0])
    name = field if field.isupper() else variable_of(field)
    return f"{name}: {message[:1].lower()}{message[1:]}."
