"""Every command on the page about installing is run: by a test, by `make package`, by CI's workflow; or it says so."""

from __future__ import annotations

import re

from tests.documents import ROOT, blocks
from tests.packaging.test_completion import LINES
from tests.packaging.test_image import IMAGE
from tests.test_docs import INSTALLING

CI = re.sub(r"\s*\\\n\s*", " ", (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
BY_MAKE_PACKAGE = {"pipx install .", "pipx run --spec . stanch scan", 'pip install ".[service]"'}
BY_NOBODY = {
    "kubectl create secret generic": "there is no cluster",
    "kubectl apply": "there is no cluster",
    "gh attestation verify": "nothing is released yet",
    'echo "STANCH_DATABASE_PASSWORD=$(openssl rand -hex 24)" >deploy/.env': "CI has a variable instead",
    "docker exec stanch stanch doctor": "the doctor has tests of its own",
}


def commands() -> list[str]:
    found = [block for block in blocks(INSTALLING) if block.language in {"sh", "bash", "zsh", "fish"}]
    return [line for block in found for line in block.text.splitlines()]


def is_in_ci(command: str) -> bool:
    """Whether CI runs the command, as it is or with more behind it."""
    return command in CI


def test_every_command_is_run_somewhere() -> None:
    others = [line for line in commands() if line not in BY_MAKE_PACKAGE | set(LINES.values())]
    assert [line for line in others if not is_in_ci(line) and not line.startswith(tuple(BY_NOBODY))] == []
    assert set(commands()) >= BY_MAKE_PACKAGE | set(LINES.values())


def test_what_nobody_runs_is_named() -> None:
    named = {line for line in commands() if line.startswith(tuple(BY_NOBODY))}
    assert all(any(line.startswith(start) for line in named) for start in BY_NOBODY)
    text = " ".join(INSTALLING.read_text(encoding="utf-8").split())
    assert "`docker`, `kubectl`, `gh` and the release itself have not been run by those who wrote it" in text


def test_the_image_is_as_described() -> None:
    text = " ".join(INSTALLING.read_text(encoding="utf-8").split())
    (volume,) = IMAGE.volumes
    assert f"it runs as the user {IMAGE.user.partition(':')[0]}, keeps its state in the volume `{volume}`" in text
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--output-file /opt/stanch/sbom.cdx.json" in dockerfile
    assert "`/opt/stanch/sbom.cdx.json`" in text
    assert "no digest" in text
    assert "@sha256:" not in dockerfile
