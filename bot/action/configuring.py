"""The configuration that is in force for a commit, as text with the places that it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.checkout import CheckoutError, Source, checkout
from bot.config import effective_text
from bot.configurations import read_configuration
from bot.git import GitError
from bot.object_store import ObjectStore, StoreError
from bot.trees import GitTree

if TYPE_CHECKING:
    from bot.action.place import Place


def configuration_text(place: Place, commit: str) -> str:
    """What `/perf-scan config` shows of a commit; a comment in its place where it cannot be read."""
    path, where = place.inputs.config, place.where
    source = Source(where.repository_id, place.github.clone_url(), place.github.token())
    try:
        with (
            checkout(ObjectStore(place.folder / "objects"), source, (commit,)) as fetched,
            GitTree(fetched.repository, commit, fetched.left_out) as tree,
        ):
            found = read_configuration(fetched.repository, tree, commit, path)
    except (CheckoutError, StoreError, GitError) as error:
        return f"# {path} could not be read. {error}\n"
    faults = "".join(f"# line {line}, column {column}: {message}\n" for line, column, message in found.faults)
    heading = f"# {path} has faults, so the defaults are in force.\n{faults}" if faults else ""
    return heading + effective_text(found.config, found.origins, path)
