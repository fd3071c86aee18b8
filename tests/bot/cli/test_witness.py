"""`stanch fix --witness`: a fix is proven by what is counted without it and with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from bot.cli.exits import FOUND, OK, USAGE
from tests.bot.cli.processes import free_port
from tests.bot.cli.test_fix import identity  # noqa: F401 - a fixture
from tests.bot.cli.test_measure import FOLDERS, config
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

SERVER: Final = """\
const http = require('node:http');

class Poller {
  constructor() {
    this.timer = setInterval(() => {}, 60000);
  }

  close() {
    this.closed = true;
  }
}

http.createServer((request, response) => {
  const poller = new Poller();
  response.end('ok');
  poller.close();
}).listen(Number(process.env.PORT), '127.0.0.1');
"""


@pytest.fixture
def leaking(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"server.js": SERVER, FOLDERS: config(free_port())})
    return made


def test_the_counts_stand_beside_the_diff(stanch: Stanch, leaking: Repo) -> None:
    done = stanch(leaking.root, "fix", "--witness")
    assert done.code == FOUND, done.err
    assert "+    clearInterval(this.timer);" in done.text
    assert "poll: timers per iteration 1 -> 0: grows no more." in done.err


@pytest.mark.usefixtures("identity")
def test_the_counts_stand_in_the_message_of_the_commit(stanch: Stanch, leaking: Repo) -> None:
    done = stanch(leaking.root, "fix", "--witness", "--branch", "mended")
    assert done.code == OK, done.err
    message = leaking.git("log", "-1", "--format=%B", "mended")
    assert "Measured:\npoll: timers per iteration 1" in message


def test_without_a_profile_nothing_can_be_measured(stanch: Stanch, leaking: Repo) -> None:
    leaking.commit({FOLDERS: "version: 1\n"})
    done = stanch(leaking.root, "fix", "--witness")
    assert (done.code, done.out) == (USAGE, b"")
    assert "has no `profiles`" in done.err


def test_where_there_is_nothing_to_fix_nothing_is_run(stanch: Stanch, leaking: Repo) -> None:
    leaking.commit({"server.js": "module.exports = 1;\n", FOLDERS: config(free_port(), command="no-such-program")})
    assert stanch(leaking.root, "fix", "--witness").code == OK
