"""The inputs of the Action: what is taken, and the sentence for what is not."""

from __future__ import annotations

import pytest

from bot.action.inputs import InputError, Inputs, read_inputs
from bot.gate import FailOn
from fixers.findings import Confidence


def read(**given: str) -> Inputs:
    return read_inputs({"INPUT_TOKEN": "t", **{f"INPUT_{name.upper()}": value for name, value in given.items()}})


def test_the_defaults() -> None:
    assert read() == Inputs(token="t")


def test_everything() -> None:
    read_them = read(
        paths="src\n./packages/web/ \n\nsrc",
        base="release/1.x",
        fail_on="shutdown",
        confidence="medium",
        comment="False",
        sarif="true",
        fix="true",
        budgets="out/budgets.json",
        config="packages/web/stanch.yml",
        key="web-app2",
    )
    assert read_them == Inputs(
        token="t",
        paths=("packages/web", "src"),
        base="release/1.x",
        fail_on=FailOn.SHUTDOWN,
        confidence=Confidence.MEDIUM,
        comment=False,
        sarif=True,
        fix=True,
        budgets="out/budgets.json",
        config="packages/web/stanch.yml",
        key="web-app2",
    )


@pytest.mark.parametrize("paths", [".", "./", "src\n."])
def test_the_root_is_everything(paths: str) -> None:
    assert read(paths=paths).paths == ()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("token", " ", "There is no token"),
        ("paths", "../other", "`../other`"),
        ("paths", "/etc", "relative to the root"),
        ("paths", "src\\app", "with `/`"),
        ("paths", "a//b", "`a//b`"),
        ("paths", "a\x07b", "`a\\x07b`"),
        ("paths", "\n".join(f"p{number}" for number in range(1001)), "1,001 lines"),
        ("base", "--upload-pack=x", "a branch, a tag or a commit"),
        ("base", "main..other", "a branch, a tag or a commit"),
        ("base", "main; rm -rf .", "a branch, a tag or a commit"),
        ("base", "x" * 300, "a branch, a tag or a commit"),
        ("fail_on", "leek", "`leak`, `shutdown`, `advice`, `none`"),
        ("confidence", "sure", "`high`, `medium`, `low`"),
        ("comment", "yes", "`true` or `false`"),
        ("sarif", "1", "`true` or `false`"),
        ("fix", "on", "`true` or `false`"),
        ("config", "../stanch.yml", "`config`"),
        ("key", "Web App", "lower-case letters"),
        ("key", "a--b", "lower-case letters"),
        ("key", "-->", "lower-case letters"),
        ("key", "x" * 41, "lower-case letters"),
        ("key", "budgets", "uses itself"),
        ("key", "repository", "uses itself"),
    ],
)
def test_what_is_wrong_is_said(name: str, value: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(**{name: value})
    assert said in str(caught.value)
    assert name.replace("_", "-") in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_token_is_in_no_representation() -> None:
    assert "secret" not in repr(Inputs(token="secret"))
