"""Every command on the page about installing is run: by a test, by `make package`, by CI's workflow; or it says so."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from bot.service.credentials import FILE_NAME, FileCredentials
from tests.bot.service.test_credentials import MADE
from tests.documents import ROOT, blocks
from tests.packaging.test_completion import LINES
from tests.packaging.test_image import IMAGE
from tests.test_docs import INSTALLING

if TYPE_CHECKING:
    from pathlib import Path

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
    here = {*LINES.values(), the_key()}
    others = [line for line in commands() if line not in BY_MAKE_PACKAGE | here]
    assert [line for line in others if not is_in_ci(line) and not line.startswith(tuple(BY_NOBODY))] == []
    assert set(commands()) >= BY_MAKE_PACKAGE | set(LINES.values())


def the_key() -> str:
    """The command that takes the private key out of the credentials."""
    (line,) = (line for line in commands() if line.endswith(">private-key.pem"))
    return line


def test_the_key_is_taken_out_of_the_credentials(tmp_path: Path) -> None:
    FileCredentials(tmp_path / FILE_NAME).save(MADE)
    subprocess.run(["sh", "-c", the_key()], cwd=tmp_path, check=True)
    assert (tmp_path / "private-key.pem").read_text() == f"{MADE.private_key}\n"


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
