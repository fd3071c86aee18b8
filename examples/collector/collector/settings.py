"""The settings file: which feeds, and how often."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


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


def load_settings(path: Path) -> Settings:
    """Reads the settings file.

    Raises:
        ValueError: the file is not what the README describes.
    """
    with path.open(encoding="utf-8") as file:
        data = json.load(file)
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
    )
