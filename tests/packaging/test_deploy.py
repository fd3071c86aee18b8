"""The compose file and the Kubernetes manifests: valid, in step with the Dockerfile, the settings and the commands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.cli import COMMANDS
from bot.service.running import GRACE_SECONDS
from bot.settings import Settings, variable_of
from tests.documents import ROOT
from tests.packaging.programs import said
from tests.packaging.test_image import IMAGE

COMPOSE = ROOT / "deploy" / "compose.yaml"
KUBERNETES = ROOT / "deploy" / "kubernetes.yaml"
VARIABLES = {variable_of(field) for field in Settings.model_fields}
(STATE,) = IMAGE.volumes


def yaml() -> YAML:
    return YAML(typ="safe", pure=True)


SERVICES: dict[str, Any] = yaml().load(COMPOSE)["services"]
RESOURCES: list[dict[str, Any]] = list(yaml().load_all(KUBERNETES))
DEPLOYMENTS = {found["metadata"]["name"]: found for found in RESOURCES if found["kind"] == "Deployment"}


def test_compose_fits_its_schema() -> None:
    said("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_kubernetes_fits_its_schemas() -> None:
    said("kubernetes-validate", "--strict", KUBERNETES)


def test_one_web_two_workers_and_a_database() -> None:
    assert SERVICES.keys() == {"web", "worker", "database"}
    assert SERVICES["web"]["command"] == ["serve", "--no-worker"]
    assert (SERVICES["worker"]["command"], SERVICES["worker"]["deploy"]) == (["worker"], {"replicas": 2})
    assert {name: found["spec"]["replicas"] for name, found in DEPLOYMENTS.items()} == {
        "stanch-web": 1,
        "stanch-worker": 2,
    }


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_service_of_compose(name: str) -> None:
    service = SERVICES[name]
    assert service["command"][0] in COMMANDS
    assert service["environment"].keys() <= VARIABLES
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["tmpfs"] == ["/tmp"]
    assert service["volumes"] == [f"state:{STATE}"]
    assert int(service["stop_grace_period"].removesuffix("s")) > GRACE_SECONDS
    port = service["environment"].get("STANCH_METRICS_PORT", IMAGE.environment["STANCH_PORT"])
    assert port == IMAGE.environment["STANCH_PORT"], "the image's check of health asks there"


def test_a_password_has_to_be_given() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    assert len(re.findall(r"\$\{STANCH_DATABASE_PASSWORD:\?", text)) == text.count("${STANCH_DATABASE_PASSWORD") == 2


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment(name: str) -> None:
    pod = DEPLOYMENTS[name]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"][0] in COMMANDS
    assert {entry["name"] for entry in container["env"]} <= VARIABLES
    uid, gid = map(int, IMAGE.user.split(":"))
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": uid,
        "runAsGroup": gid,
        "fsGroup": gid,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["terminationGracePeriodSeconds"] > GRACE_SECONDS
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    assert {STATE, "/tmp"} < mounts.keys()
    assert set(mounts.values()) == {volume["name"] for volume in pod["volumes"]}
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    assert ports == {"http": IMAGE.environment["STANCH_PORT"]}


def test_the_secret_that_the_guide_makes_is_the_one_that_is_read() -> None:
    guide = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    made = set(re.findall(r"--from-literal=([\w-]+)=|--from-file=(\S+)", guide))
    read = set(re.findall(r"key: ([\w.-]+)", KUBERNETES.read_text(encoding="utf-8")))
    assert {name or file for name, file in made} == read


def test_the_service_finds_the_web_side() -> None:
    (service,) = (found for found in RESOURCES if found["kind"] == "Service")
    labels = DEPLOYMENTS["stanch-web"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == labels
    assert labels != DEPLOYMENTS["stanch-worker"]["spec"]["template"]["metadata"]["labels"]
