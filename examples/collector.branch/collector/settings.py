"""The settings file: which feeds, and how often."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Feed:
    """One feed to poll."""

    name: str
    url: str


@dataclass(frozen=True)
class Settings:
    """What `feeds.json` says."""

    feeds: tuple[Feed, ...]
    interval_seconds: float = 300.0
    statsd_host: str = "localhost"
    statsd_port: int = 8125
    warehouse: str | None = None
    chat_host: str | None = None
    chat_port: int = 7000


def load_overrides(path: Path) -> dict[str, Any]:
    """What this machine sets differently: `feeds.local.json` beside the settings file, if there is one."""
    local = path.with_suffix(".local.json")
    if not local.exists():
        return {}
    return dict(json.load(open(local, encoding="utf-8")))


def load_settings(path: Path) -> Settings:
    """Reads the settings file.

    Raises:
        ValueError: the file is not what the README describes.
    """
    with path.open(encoding="utf-8") as file:
        data = json.load(file) | load_overrides(path)
    try:
        feeds = tuple(Feed(entry["name"], entry["url"]) for entry in data["feeds"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: every feed needs a name and a url ({error})") from error
    return Settings(
        feeds=feeds,
        interval_seconds=float(data.get("interval_seconds", 300)),
        statsd_host=data.get("statsd_host", "localhost"),
        statsd_port=int(data.get("statsd_port", 8125)),
        warehouse=data.get("warehouse"),
        chat_host=data.get("chat_host"),
        chat_port=int(data.get("chat_port", 7000)),
    )
