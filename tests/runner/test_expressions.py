"""Expressions as GitHub's documentation has them ("Evaluate expressions in workflows and actions")."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runner.expressions import ExpressionError, Scope, condition, evaluate, interpolate

CONTEXTS: Final = {
    "github": {"event": {"issue": {"labels": ["bug", "Urgent"]}}, "ref": "refs/heads/Main", "token": "t"},
    "inputs": {"fail-on": "leak", "empty": ""},
    "steps": {"a": {"outputs": {"x": "1"}}},
}
SCOPE: Final = Scope(CONTEXTS, {"success": lambda: True, "failure": lambda: False, "always": lambda: True})
FAILED: Final = Scope(CONTEXTS, {"success": lambda: False, "failure": lambda: True, "always": lambda: True})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'it''s'", "it's"),
        ("0xff", 255),
        ("-9.2", -9.2),
        ("null", None),
        ("github.ref", "refs/heads/Main"),
        ("GitHub.REF", "refs/heads/Main"),
        ("inputs.fail-on", "leak"),
        ("inputs['fail-on']", "leak"),
        ("inputs.nothing.at.all", None),
        ("github.event.issue.labels[1]", "Urgent"),
        ("'A' == 'a'", True),
        ("null == 0", True),
        ("'' == 0", True),
        ("'1' == 1", True),
        ("true == 1", True),
        ("'x' == 1", False),
        ("!''", True),
        ("!(1 < 2)", False),
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", True),
        ("'' || 'b'", "b"),
        ("'a' && 'b'", "b"),
        ("'' && 'b' || 'c'", "c"),
        ("contains('Hello', 'ell')", True),
        ("contains(github.event.issue.labels, 'urgent')", True),
        ("startsWith(github.ref, 'refs/HEADS')", True),
        ("endsWith(github.ref, 'main')", True),
        ("format('{0} {{x}} {1}', 'a', 2)", "a {x} 2"),
        ("join(github.event.issue.labels, '-')", "bug-Urgent"),
        ("fromJSON('[1]')[0]", 1),
    ],
)
def test_a_value(expression: str, value: Any) -> None:
    assert evaluate(expression, SCOPE) == value


@pytest.mark.parametrize("expression", ["", "secrets.x", "'open", "a b", "nothing()", "1 +", "(1", "github."])
def test_what_github_would_refuse(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, SCOPE)


def test_a_text_with_expressions() -> None:
    assert interpolate("a ${{ steps.a.outputs.x }}/${{ true }}/${{ null }}/${{ 2 }} b", SCOPE) == "a 1/true//2 b"


@pytest.mark.parametrize(
    ("text", "succeeded", "failed"),
    [
        ("success()", True, False),
        ("always()", True, True),
        ("failure()", False, True),
        ("inputs.fail-on == 'leak'", True, False),
        ("always() && inputs.empty != ''", False, False),
        ("${{ always() }}", True, True),
    ],
)
def test_whether_a_step_runs(text: str, succeeded: bool, failed: bool) -> None:
    assert (condition(text, SCOPE), condition(text, FAILED)) == (succeeded, failed)


@given(st.text(max_size=40))
def test_anything_has_a_value_or_is_refused(expression: str) -> None:
    try:
        evaluate(expression, SCOPE)
    except (ExpressionError, TypeError):
        return
