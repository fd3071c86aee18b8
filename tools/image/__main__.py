"""`make image`: the Dockerfile's steps in a folder, and a trial of what they make; as root, on Debian or the like."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from tools.image.recipe import RecipeError, read
from tools.image.roots import StepError, make_base, make_stage
from tools.image.trial import TrialError, try_image

ROOT: Final = Path(__file__).resolve().parent.parent.parent
_NEEDED: Final = ("debootstrap", "unshare", "setpriv", "mount", "chroot")


def main(arguments: list[str] | None = None) -> int:
    """Builds and tries the image; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.image", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".image", help="where the roots are made")
    parser.add_argument("--keep", action="store_true", help="try what is there already")
    given = parser.parse_args(arguments)
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if os.geteuid() != 0 or missing:
        print(f"tools.image: it has to be root, and needs {', '.join(missing or _NEEDED)}.", file=sys.stderr)
        return 2
    try:
        stages = read(ROOT / "Dockerfile")
        image = given.folder / f"stage-{len(stages) - 1}"
        if not given.keep:
            build(given.folder)
        try_image(stages[-1], image, given.folder)
    except (RecipeError, StepError, TrialError) as error:
        print(f"tools.image: {error}", file=sys.stderr)
        return 1
    return 0


def build(folder: Path) -> None:
    """Makes a root for each stage: `stage-0`, `stage-1` and so on. Base images stay for the next time.

    Raises:
        RecipeError: the Dockerfile says something that is not understood.
        StepError: a step failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    roots: dict[str, Path] = {}
    for number, stage in enumerate(read(ROOT / "Dockerfile")):
        base = roots.get(stage.base, folder / stage.base.replace(":", "-"))
        if not base.exists():
            print(f"making {stage.base}", flush=True)
            make_base(stage.base, base)
        print(f"stage {number}: {len(stage.steps)} steps on {stage.base}", flush=True)
        root = folder / f"stage-{number}"
        make_stage(stage, base, root, ROOT, roots)
        roots[stage.name or str(number)] = root


if __name__ == "__main__":
    sys.exit(main())
