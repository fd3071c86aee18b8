"""Logs: one line of JSON, or of text for people, for each thing that happens; never a secret in it."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.github.redaction import REDACTED, redacted
from bot.settings import unknown_variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_KEYS: Final = frozenset(
    {"authorization", "client_secret", "cookie", "password", "pem", "private_key", "secret", "token", "webhook_secret"}
)
_TOO_TALKATIVE: Final = ("uvicorn", "uvicorn.error", "httpx", "httpcore", "urllib3", "alembic", "procrastinate")


def configure_logging(form: str, level: str, *, stream: TextIO | None = None) -> None:
    """Sends every line of this process, those of libraries too, to one stream in one form.

    What is bound with `structlog.contextvars` (the delivery's id in the door and in jobs) is in every line.

    Args:
        form: `json` or `console`.
        level: the mildest level.
        stream: by default stderr.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(_formatter(form, shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_unknown_settings(environ: Mapping[str, str]) -> None:
    """A warning for each variable that looks like a setting and is none."""
    for sentence in unknown_variables(environ):
        structlog.get_logger("stanch.settings").warning("unknown setting", reason=sentence)


def _formatter(form: str, shared: Sequence[Processor]) -> logging.Formatter:
    if form == "json":
        renderer: Processor = structlog.processors.JSONRenderer(sort_keys=True, default=str)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, _line_without_secrets]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=processors)


def _without_secrets(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    """Values under names that say what they are, and secrets in text before it is escaped.

    What is deeper in a value is taken out of the whole line.
    """
    for key, value in line.items():
        if key.lower() in _SECRET_KEYS:
            line[key] = REDACTED
        elif isinstance(value, str):
            line[key] = redacted(value)
    return line


def _line_without_secrets(_logger: WrappedLogger, _name: str, line: Any) -> str:
    return redacted(str(line))
