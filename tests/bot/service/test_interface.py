"""The HTTP interface is what its own description says, whatever is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.bot.service.doubles import make_web

if TYPE_CHECKING:
    from schemathesis import Case

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


OPERATIONS = [("/webhook", "POST"), ("/healthz", "GET"), ("/readyz", "GET"), ("/metrics", "GET")]
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", make_web(api_docs=True).client.app)


def test_every_operation_is_tried() -> None:
    described = make_web(api_docs=True).client.get("/openapi.json").json()["paths"]
    assert [(path, method.upper()) for path, methods in described.items() for method in methods] == OPERATIONS


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        *((*operation, GenerationMode.POSITIVE) for operation in OPERATIONS),
        ("/webhook", "POST", GenerationMode.NEGATIVE),
    ],
)
def test_answers_are_as_described(path: str, method: str, mode: GenerationMode) -> None:
    operation = SCHEMA[path][method]

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def follow(case: Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    follow()
