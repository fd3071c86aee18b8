"""The configuration files of two commits: which one is in force, and what the other one would say.

Hostile input: what is no plain, readable, valid file is a fault with a place, never an error and never silent.
"""

from __future__ import annotations

from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from bot.config import CONFIG_PATH, Config, ConfigError, Fault, load
from bot.config.document import MAX_BYTES
from bot.git import printable

if TYPE_CHECKING:
    from bot.config import Origins
    from bot.git import Repository
    from bot.trees import GitTree

_LINK = b"120000"
_SUBMODULE = b"160000"
_FOLDER = b"040000"
_WHAT = {_LINK: "a link", _SUBMODULE: "a submodule", _FOLDER: "a folder"}


class Read(NamedTuple):
    """A configuration file that was read: what it says and where, or its faults and the defaults."""

    config: Config
    faults: tuple[Fault, ...] = ()
    origins: Origins = MappingProxyType({})


def read_configuration(repository: Repository, tree: GitTree, commit: str, path: str = CONFIG_PATH) -> Read:
    """The configuration that a commit holds; the defaults where it holds none, or one with faults.

    Args:
        repository: where it is.
        tree: the commit's files.
        commit: its id.
        path: of the file.

    Raises:
        GitError: objects are missing, or git fails.
    """
    if not tree.exists(path):
        return Read(Config(), tuple(_not_a_file(repository, commit, path)))
    size = tree.size(path)
    if size > MAX_BYTES:
        # It need not be at hand (`GitTree`: left out), and is not worth reading.
        return Read(Config(), (Fault(1, 1, f"the file has more than the {MAX_BYTES} bytes that are read; shorten it"),))
    try:
        config, origins = load(tree.read(path), path)
        return Read(config, origins=origins)
    except ConfigError as error:
        faults = (Fault(line, column, printable(message)) for line, column, message in error.faults)
        return Read(Config(), tuple(faults))


def _not_a_file(repository: Repository, commit: str, path: str) -> list[Fault]:
    """What lies in the file's place, or on the way to it, where that is no file and no folder."""
    places = list(accumulate(path.split("/"), "{}/{}".format))
    listing = repository.run(["ls-tree", "-z", "--full-tree", commit, "--", *places])
    for entry in listing.split(b"\0")[:-1]:
        description, _, name = entry.partition(b"\t")
        mode, place = description.split()[0], name.decode("utf-8", "replace")
        # With a folder and what is in it, git lists all that is in it.
        if mode in _WHAT and place in places and not (mode == _FOLDER and place != path):
            return [Fault(1, 1, f"`{place}` is {_WHAT[mode]}, which is not followed; make `{path}` a plain file")]
    return []
