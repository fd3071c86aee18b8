"""The official schema that every SARIF log of the tests is held against; README.md says where it is from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def valid(log: bytes) -> Any:
    """The one run of a SARIF log.

    Raises:
        ValidationError: the log does not fit the schema.
    """
    document = json.loads(log)
    _validator().validate(document)
    (run,) = document["runs"]
    return run
