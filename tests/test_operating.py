"""The guide for whoever runs the service is true: what it shows is printed, its tables say what the code says."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from pydantic import ByteSize

from bot.service.metrics import Metrics, QueueNumbers
from bot.settings import SYSTEM_STATE, Settings, variable_of
from tests.bot.cli.processes import environment, eventually, free_port, running
from tests.bot.postgres import empty_url, postgres
from tests.bot.service.doubles import make_web
from tests.documents import ROOT, blocks, follow, pattern, table_after, trimmed
from tests.test_docs import OPERATING, picture_size

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["empty_url", "postgres"]

FIRST, SERVE, DOCTOR = (block for block in blocks(OPERATING) if block.language in {"sh", "console"})


def test_the_two_commands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    install, serve = FIRST.text.splitlines()
    assert install == "make service"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nservice: .venv/service.stamp\n" in makefile
    assert "install --require-hashes --requirement requirements/service.txt\n" in makefile
    locked = locked_packages("service.txt")
    assert {needed_name(line) for line in project["optional-dependencies"]["service"]} <= locked
    assert {needed_name(line) for line in project["dependencies"]} <= locked
    assert serve == ".venv/bin/stanch serve"
    assert project["scripts"] == {"stanch": "bot.cli:main"}


def test_a_fresh_service_prints_the_link(tmp_path: Path, empty_url: str) -> None:
    port = str(free_port())
    output = tmp_path / "serve.out"
    command, _, shown = SERVE.text.partition("\n")
    assert command == "$ stanch serve"
    with running(tmp_path, "serve", STANCH_PORT=port, STANCH_LOG_LEVEL="error", DATABASE_URL=empty_url):
        eventually(tmp_path, lambda: "/setup/" in output.read_text(encoding="utf-8"))
    printed = output.read_text(encoding="utf-8").replace(port, "8080")
    assert re.fullmatch(pattern(trimmed(shown)), trimmed(printed))


def test_the_doctor_of_a_fresh_machine(tmp_path: Path, empty_url: str) -> None:
    names = ("STANCH_STATE_FOLDER", "DATABASE_URL")
    settings = environment(tmp_path, DATABASE_URL=empty_url)
    follow(DOCTOR, tmp_path, {name: settings[name] for name in names})


def needed_name(requirement: str) -> str:
    return re.split(r"[\[<>=~!; ]", requirement)[0].replace(".", "-")


def locked_packages(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / lock).read_text(encoding="utf-8"), re.MULTILINE))


def default_of(field: str) -> str:
    default = Settings.model_fields[field].default
    if field == "state_folder":
        return f"`~/.local/state/stanch`; as root `{SYSTEM_STATE}`"
    if default is None or default == ():
        return ""
    if isinstance(default, ByteSize):
        return f"`{default.human_readable(decimal=True).replace('.0', '')}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_the_settings_are_all_there() -> None:
    fields = Settings.model_fields.items()
    expected = [(f"`{variable_of(name)}`", default_of(name), field.description or "") for name, field in fields]
    shown = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert table_after(OPERATING, "Settings") == expected, f"the table is now:\n{shown}"


def test_the_metrics_are_all_there() -> None:
    metrics = Metrics()
    metrics.watch(QueueNumbers)
    exposed = re.findall(r"^# TYPE (\w+) ", metrics.text().decode(), re.MULTILINE)
    named = {name for name in exposed if not name.endswith("_created")}
    assert {name.strip("`") for name, _ in table_after(OPERATING, "Metrics")} == named


def test_the_paths_are_all_there() -> None:
    described = make_web(api_docs=True).client.get("/openapi.json").json()["paths"]
    assert {path.strip("`") for path, _, _ in table_after(OPERATING, "Two commands")} == {*described, "/setup/"}


def test_the_picture_is_small() -> None:
    picture = ROOT / "docs" / "images" / "setup.png"
    assert picture.stat().st_size < 200_000
    assert picture_size(picture)[0] == 640
