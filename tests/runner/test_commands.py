"""What the runner makes of lines and files."""

from __future__ import annotations

import pytest

from tests.runner.commands import FileFormatError, Listener, key_values


def heard(*lines: str) -> Listener:
    listener = Listener()
    for line in lines:
        listener.hear(line)
    return listener


def test_an_annotation() -> None:
    (found,) = heard("::error file=a%2Cb.js,line=3,title=x%3Ay::50%25%0Aof it").annotations
    assert (found.kind, found.message) == ("error", "50%\nof it")
    assert found.properties == {"file": "a,b.js", "line": "3", "title": "x:y"}


def test_only_ten_of_a_kind_in_a_step() -> None:
    listener = heard(*["::warning::w"] * 12, *["::error::e"] * 3)
    assert (len(listener.annotations), listener.dropped) == (13, 2)
    listener.begin_step()
    listener.hear("::warning::w")
    assert len(listener.annotations) == 14


def test_a_mask_hides_what_follows() -> None:
    assert heard("my secret", "::add-mask::secret", "my secret").lines == ["my secret", "my ***"]


def test_commands_can_be_stopped() -> None:
    listener = heard("::stop-commands::end", "::error::no", "::end::", "::error::yes")
    assert [found.message for found in listener.annotations] == ["yes"]


@pytest.mark.parametrize("line", ["say ::error::x", ":: error::x", "error::x", "::error"])
def test_no_command(line: str) -> None:
    assert heard(line).annotations == []


def test_files() -> None:
    assert key_values("a=1\nb<<END\nx=2\ny\nEND\nc=\n") == {"a": "1", "b": "x=2\ny", "c": ""}


@pytest.mark.parametrize("text", ["nothing", "a<<END\nx\n", "=1"])
def test_files_that_set_nothing(text: str) -> None:
    with pytest.raises(FileFormatError):
        key_values(text)
