"""`.github/stanch.yml`: reading it, what it may hold, and what is in force (contract: Configuration)."""

from bot.config.effective import effective_text
from bot.config.faults import ConfigError, Fault, Place
from bot.config.load import Origins, from_canonical, load
from bot.config.models import CONFIG_PATH, Config
from bot.config.rules import rule_matches

__all__ = [
    "CONFIG_PATH",
    "Config",
    "ConfigError",
    "Fault",
    "Origins",
    "Place",
    "effective_text",
    "from_canonical",
    "load",
    "rule_matches",
]
