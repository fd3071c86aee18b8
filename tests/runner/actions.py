"""What stands in for the actions of others, which are programs of their own: each does here what its page says."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class UsedActionError(Exception):
    """The action fails; the message is what it would say."""


class UsedAction(Protocol):
    """An action that a step uses."""

    inputs: frozenset[str]
    """What it knows; GitHub warns of others."""

    def run(self, given: Mapping[str, str]) -> dict[str, str]:
        """Does what the action does; returns its outputs."""

    def after_job(self, *, succeeded: bool) -> None:
        """What it does when the job has ended."""


@dataclass
class Cache:
    """actions/cache: a folder restored by its key, and kept at the end of a job that succeeded without a hit."""

    inputs = frozenset({"path", "key", "restore-keys", "enableCrossOsArchive", "fail-on-cache-miss", "lookup-only"})
    store: Path
    hits: int = 0
    _missed: list[tuple[Path, Path]] = field(default_factory=list)

    def run(self, given: Mapping[str, str]) -> dict[str, str]:
        """Restores."""
        kept, path = self.store / given["key"], Path(given["path"])
        if kept.is_dir():
            shutil.copytree(kept, path, symlinks=True)
            self.hits += 1
            return {"cache-hit": "true"}
        self._missed.append((path, kept))
        return {"cache-hit": ""}

    def after_job(self, *, succeeded: bool) -> None:
        """Saves."""
        for path, kept in self._missed:
            if succeeded and path.is_dir() and not kept.exists():
                shutil.copytree(path, kept, symlinks=True)
        self._missed.clear()


@dataclass
class SetupPython:
    """actions/setup-python: a Python that lies in the tool cache."""

    inputs = frozenset({"python-version", "update-environment", "cache", "architecture", "check-latest", "token"})
    python: Path
    runs: int = 0

    def run(self, given: Mapping[str, str]) -> dict[str, str]:
        """Finds it."""
        self.runs += 1
        return {"python-version": given["python-version"], "python-path": str(self.python)}

    def after_job(self, *, succeeded: bool) -> None:
        """Nothing."""


@dataclass
class Uploads:
    """actions/upload-artifact: the files of an artifact by its name, kept for other workflows."""

    inputs = frozenset({"name", "path", "if-no-files-found", "retention-days", "compression-level", "overwrite"})
    artifacts: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def run(self, given: Mapping[str, str]) -> dict[str, str]:
        """Uploads."""
        path, name = Path(given["path"]), given["name"]
        if name in self.artifacts and given.get("overwrite") != "true":
            raise UsedActionError(f"an artifact with the name {name} already exists")
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        root = path if path.is_dir() else path.parent
        self.artifacts[name] = {file.relative_to(root).as_posix(): file.read_bytes() for file in files}
        return {"artifact-id": "1"}

    def after_job(self, *, succeeded: bool) -> None:
        """Nothing."""


@dataclass
class Downloads:
    """actions/download-artifact: the files of an artifact of another run."""

    inputs = frozenset({"name", "artifact-ids", "path", "pattern", "merge-multiple", "github-token", "repository"})
    inputs |= {"run-id"}
    artifacts: Mapping[str, Mapping[str, bytes]]

    def run(self, given: Mapping[str, str]) -> dict[str, str]:
        """Downloads."""
        if given["name"] not in self.artifacts or not given["run-id"]:
            raise UsedActionError(f"Unable to download artifact(s): Artifact not found for name: {given['name']}")
        for name, data in self.artifacts[given["name"]].items():
            file = Path(given["path"]) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return {"download-path": given["path"]}

    def after_job(self, *, succeeded: bool) -> None:
        """Nothing."""
