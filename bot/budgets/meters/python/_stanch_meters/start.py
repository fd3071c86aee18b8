"""Importing this begins to answer, as the environment says."""

import os

from . import census, control

_folder = os.environ.get("STANCH_METERS")
if _folder:
    if os.environ.get("STANCH_METERS_MODE") == "witness":
        from . import witness

        census.sites = witness.Sites()
        witness.watch(census.sites)
    control.serve(_folder, census.lines)
