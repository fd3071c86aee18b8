"""Every workflow and action of this repository, those in examples and documents too: valid, pinned, and safe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from ruamel.yaml import YAML

from tests.documents import DOCUMENTS, ROOT, blocks
from tests.packaging.programs import said
from tests.test_walls import committed_files
from tools.image.recipe import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PINS: Final = {
    "actions/attest": ("v4.2.2", "1e69f48acb82d1966a394da916b4c1698aa569d6"),
    "actions/cache": ("v5.0.5", "27d5ce7f107fe9357f9df03efb73ab90386fccae"),
    "actions/checkout": ("v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    "actions/download-artifact": ("v8.0.1", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"),
    "actions/setup-python": ("v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97"),
    "actions/upload-artifact": ("v7.0.0", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"),
}
"""The actions of others that are used, with the commit that the tag named when its repository was read."""
_USES: Final = re.compile(r"^\s*(?:- )?uses: (?P<action>[^@\s]+)(?:@(?P<ref>\S+))?(?:\s+# (?P<tag>.+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Definition:
    """A workflow or an action: where it is written, and what."""

    name: str
    kind: str
    text: str

    @property
    def data(self) -> Any:
        return YAML(typ="safe", pure=True).load(self.text)

    @property
    def jobs(self) -> dict[str, Any]:
        return dict(self.data.get("jobs", {}))

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of all jobs, or of a composite action."""
        owners = [*self.jobs.values(), self.data.get("runs", {})]
        return [step for owner in owners for step in owner.get("steps", ())]


def kind_of(text: str) -> str | None:
    data = YAML(typ="safe", pure=True).load(text)
    if not isinstance(data, dict):
        return None
    if "jobs" in data:
        return "workflow"
    return "action" if "runs" in data and "name" in data else None


def definitions() -> Iterator[Definition]:
    """All but those that tests have for themselves."""
    for file in committed_files():
        if file.suffix in {".yml", ".yaml"} and file.relative_to(ROOT).parts[0] != "tests":
            text = file.read_text(encoding="utf-8")
            if "\n---\n" not in text and (kind := kind_of(text)):
                yield Definition(str(file.relative_to(ROOT)), kind, text)
    for document in DOCUMENTS:
        for block in blocks(document):
            if block.language in {"yaml", "yml"} and (kind := kind_of(block.text)):
                yield Definition(str(block), kind, block.text)


ALL: Final = list(definitions())
WORKFLOWS: Final = [found for found in ALL if found.kind == "workflow"]
OWN: Final = [found for found in WORKFLOWS if found.name.startswith(".github/")]


def written(found: Definition, folder: Path) -> Path:
    """The definition where GitHub would look for it."""
    path = folder / "action.yml" if found.kind == "action" else folder / ".github" / "workflows" / "workflow.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(found.text, encoding="utf-8")
    return path


def test_they_are_found() -> None:
    assert {"ci.yml", "release.yml"} <= {found.name.rpartition("/")[2] for found in OWN}


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_zizmor_has_nothing_to_say(found: Definition, tmp_path: Path) -> None:
    assert "No findings to report" in said("zizmor", "--offline", "--no-progress", written(found, tmp_path))


def test_zizmor_would_say_something(tmp_path: Path) -> None:
    text = "on: pull_request_target\njobs: {a: {runs-on: ubuntu-24.04, steps: [{uses: actions/checkout@v7}]}}\n"
    path = written(Definition("bad", "workflow", text), tmp_path)
    with pytest.raises(AssertionError, match="dangerous-triggers"):
        said("zizmor", "--offline", "--no-progress", path)


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_they_fit_the_schema_of_github(found: Definition, tmp_path: Path) -> None:
    schema = f"vendor.github-{found.kind}s"
    said("check-jsonschema", "--builtin-schema", schema, written(found, tmp_path))


@pytest.mark.parametrize("found", OWN, ids=lambda found: found.name)
def test_ours_end_in_time(found: Definition, tmp_path: Path) -> None:
    called = {job["uses"] for job in found.jobs.values() if "uses" in job}
    if not called:
        said(
            "check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", written(found, tmp_path)
        )
    assert all("timeout-minutes" in job or "uses" in job for job in found.jobs.values())


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_what_they_use_is_pinned(found: Definition) -> None:
    for use in _USES.finditer(found.text):
        if use["action"].startswith("./") or use["action"].endswith("/stanch"):
            continue
        assert (use["tag"], use["ref"]) == PINS.get(use["action"]), use.group()
    assert len(_USES.findall(found.text)) == found.text.count("uses: ")


@pytest.mark.parametrize("found", WORKFLOWS, ids=lambda found: found.name)
def test_no_token_may_more_than_it_has_to(found: Definition) -> None:
    assert "pull_request_target" not in found.text
    assert "write-all" not in found.text
    for job in found.jobs.values():
        assert "permissions" in found.data or "permissions" in job
    for step in found.steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("found", OWN, ids=lambda found: found.name)
def test_ours_start_with_nothing(found: Definition) -> None:
    assert found.data["permissions"] == {}
    assert all("permissions" in job for job in found.jobs.values())


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_no_expression_is_in_a_script(found: Definition) -> None:
    assert [step["run"] for step in found.steps if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.name)
def test_shellcheck_has_nothing_to_say_of_scripts(found: Definition, tmp_path: Path) -> None:
    scripts = [step["run"] for step in found.steps if step.get("shell", "bash") == "bash" and "run" in step]
    files = [tmp_path / f"{number}.sh" for number in range(len(scripts))]
    for file, script in zip(files, scripts, strict=True):
        file.write_text(script, encoding="utf-8")
    if files:
        assert said("shellcheck", "--shell=bash", *files) == ""


def test_shellcheck_has_nothing_to_say_of_what_ci_runs() -> None:
    assert said("shellcheck", ROOT / ".ci" / "run") == ""


@pytest.mark.parametrize("found", OWN, ids=lambda found: found.name)
def test_what_ours_call_is_there(found: Definition) -> None:
    scripts = "\n".join(step.get("run", "") for step in found.steps)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|sudo )make (\w+)", scripts, re.MULTILINE):
        assert f"\n{target}: " in makefile
    for path in re.findall(r"(?:--requirement|--file) (\S+)", scripts):
        assert (ROOT / path).is_file()
    for module in re.findall(r"python -m (tools\.\w+)", scripts):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_ci_runs_what_ci_runs() -> None:
    (ci,) = (found for found in OWN if found.name.endswith("/ci.yml"))
    assert ".ci/run" in {step.get("run") for step in ci.steps}
    assert {"pull_request", "push", "workflow_call"} == set(ci.data["on"])
    suites = ci.jobs["test"]["strategy"]["matrix"]["debian"]
    (base,) = (stage.base for stage in read(ROOT / "Dockerfile") if ":" in stage.base)
    assert base.removeprefix("debian:").removesuffix("-slim") in suites, "what the image is made of is tested"


def test_nothing_is_released_that_was_not_checked() -> None:
    (release,) = (found for found in OWN if found.name.endswith("/release.yml"))
    assert release.data["on"] == {"push": {"tags": ["v*"]}}
    assert release.jobs["checks"]["uses"] == "./.github/workflows/ci.yml"
    assert set(release.jobs["build"]["needs"]) == {"checks"}
    runs = [step.get("run", "") for step in release.jobs["build"]["steps"]]
    (refusal,) = (number for number, run in enumerate(runs) if "python -m tools.release" in run)
    assert not any(run for run in runs[:refusal])
    # Only the jobs that publish may say who we are, and none of them builds what it publishes but the image's.
    identified = {name for name, job in release.jobs.items() if job["permissions"].get("id-token") == "write"}
    assert identified == {"publish", "image"}
    assert "secrets." not in release.text
