"""Who may give which command: every cell of the contract's table, in a private and in a public repository.

All who are in the table give the same command at the same time, each on a pull request of their own; then the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import func, select

from bot.database import ignores, pull_requests
from bot.database.tables import JOBS
from bot.ignores import Ignored
from bot.workflows.lanes import REVIEW
from tests.bot.workflows.running import LEAK, install
from tests.github import CommentHandle
from tests.github.domain.issues import add_comment
from tests.github.state import Kind
from tests.github.world import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.workflows.running import Service
    from tests.github import PullHandle, RepositoryHandle

WHO_MAY: Final = """
| who                        | (rescan), full | help, explain, config, budget | ignore, unignore | fix, pause, resume |
| nobody                     | no             | yes                           | no               | no                 |
| read                       | no             | yes                           | no               | no                 |
| triage                     | yes            | yes                           | no               | no                 |
| a custom role above triage | yes            | yes                           | no               | no                 |
| write                      | yes            | yes                           | yes              | yes                |
| maintain                   | yes            | yes                           | yes              | yes                |
| admin                      | yes            | yes                           | yes              | yes                |
| author from a fork         | yes            | yes                           | no               | no                 |
| author, not from a fork    | no             | yes                           | no               | no                 |
| private member             | no             | yes                           | no               | no                 |
| private member, write      | yes            | yes                           | yes              | yes                |
| our own bot                | -              | -                             | -                | -                  |
| the bot of another App     | -              | -                             | -                | -                  |
| a user of type Bot, write  | -              | -                             | -                | -                  |
"""
"""The contract's table (Comment commands), one line for each kind of person; `-`: nothing happens at all."""

VERBS: Final = ("help", "explain", "config", "budget", "", "full", "ignore", "unignore", "fix", "pause", "resume")
BUTTONS: Final = ("rescan", "fix", "pause")
GIVEN: Final = {"explain": " {id}", "ignore": " {id} It ends with the process", "unignore": " {id}"}
RESCANS: Final = frozenset({"", "rescan", "full", "ignore", "unignore", "resume"})
"""What has the pull request scanned again."""
ROLES: Final = {
    "read": ("read", None),
    "triage": ("triage", None),
    "a custom role above triage": ("triage", "moderator"),
    "write": ("write", None),
    "maintain": ("maintain", None),
    "admin": ("admin", None),
    "author, not from a fork": ("read", None),
    "private member, write": ("write", None),
    "a user of type Bot, write": ("write", None),
}


@dataclass
class Person:
    """Somebody of the table, and the pull request on which they ask."""

    who: str
    login: str
    actor: Actor
    repository: RepositoryHandle
    pull: PullHandle
    may: dict[str, str]
    finding: str = ""
    was_refused: bool = False


def cells() -> dict[str, dict[str, str]]:
    """What the table says: by who, then by verb."""
    header, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in WHO_MAY.strip().splitlines()]
    columns = [cell.replace("(rescan)", "").split(",") for cell in header[1:]]
    found = {}
    for who, *answers in rows:
        found[who] = {verb.strip(): cell for verbs, cell in zip(columns, answers, strict=True) for verb in verbs}
    return found


def expected(person: Person, verb: str, *, button: bool = False) -> str:
    """What comes of a command: reactions, replies, scans, and what is remembered afterwards."""
    allowed = person.may["" if verb == "rescan" else verb]
    kept = remembered_after(verb, carried_out=allowed == "yes")
    if allowed == "-":
        return f"no reaction, 0 replies, 0 scans, {kept}"
    if allowed == "no":
        refusals = 0 if person.was_refused else 1
        person.was_refused = True
        return f"{'no reaction' if button else 'confused'}, {refusals} replies, 0 scans, {kept}"
    replies = 0 if button and verb == "rescan" else 1
    # Fixes are not switched on in a Review App.
    last = "confused" if verb == "fix" else "rocket"
    return f"{'no reaction' if button else f'eyes {last}'}, {replies} replies, {int(verb in RESCANS)} scans, {kept}"


def remembered_after(verb: str, *, carried_out: bool) -> str:
    """What is remembered: before `unignore` and `resume` there is something to take back."""
    ignored = carried_out if verb == "ignore" else not carried_out if verb == "unignore" else False
    paused = carried_out if verb == "pause" else not carried_out if verb == "resume" else False
    return f"{'ignored' if ignored else 'not ignored'}, {'paused' if paused else 'not paused'}"


@pytest.fixture
def people(shared: Service) -> list[Person]:
    """Everybody of the table in both repositories, after the first scan of their pull requests."""
    found = [person for private in (True, False) for person in settled(shared, private=private)]
    shared.settle()
    for person in found:
        (thread,) = person.pull.threads
        person.finding = thread.comments[0].body.partition("id=")[2].partition(" ")[0]
    return found


def settled(service: Service, *, private: bool) -> Iterator[Person]:
    github = service.github
    repository = install(github, service, private=private)
    other = github.register_app({"issues": "write"}, slug=f"helper-{repository.id}")
    github.organization("octo", {"private-member": False, "private-member-write": False})
    for who, may in cells().items():
        login = who.replace(",", "").replace(" ", "-")
        actor = github.world.user(login)
        if who == "our own bot":
            actor = Actor(service.app.account, service.app.app)
        elif who == "the bot of another App":
            actor = Actor(other.account, other.app)
        elif "type Bot" in who:
            actor = Actor(github.world.account(f"{login}-{repository.id}", Kind.BOT))
        if who in ROLES:
            role, custom = ROLES[who]
            repository.set_role(actor.account.login, role, custom=custom)
        path = f"src/{login}.js"
        is_author = who.startswith("author")
        author = login if is_author else "alice"
        code = LEAK.replace("Poller", f"Poller{len(repository.pulls)}")
        pull = repository.open_pull_request(
            author, f"change/{login}", files={path: code}, fork=who == "author from a fork", title=who
        )
        yield Person(f"{'private' if private else 'public'}, {who}", actor.account.login, actor, repository, pull, may)


def test_every_cell_of_the_table(shared: Service, people: list[Person]) -> None:
    wrong = []
    for verb in VERBS:
        wrong += compare(shared, people, verb)
    for identifier in BUTTONS:
        wrong += compare(shared, [person for person in people if person.may["help"] != "-"], identifier, button=True)
    assert not wrong, "\n".join(["", *wrong])


def compare(service: Service, people: list[Person], verb: str, *, button: bool = False) -> list[str]:
    """Has everybody ask for the same, and says in which cells something else came of it than should."""
    before = [observed(service, person) for person in people]
    for person in people:
        given_before(service, person, verb)
    asked = [press(person, verb) if button else write(service, person, verb) for person in people]
    service.settle()
    wrong = []
    for person, comment, (replies, scans) in zip(people, asked, before, strict=True):
        replies_now, scans_now = observed(service, person)
        reactions = " ".join(reaction.content for reaction in comment.reactions) if comment else ""
        came = (
            f"{reactions or 'no reaction'}, {replies_now - replies} replies, {scans_now - scans} scans, "
            f"{remembered(service, person)}"
        )
        should = expected(person, verb, button=button)
        if came != should:
            what = f"the button {verb}" if button else f"/perf-scan {verb}".rstrip()
            wrong.append(f"{person.who}: {what}: {came}; expected: {should}")
        forget(service, person)
    return wrong


def write(service: Service, person: Person, verb: str) -> CommentHandle:
    world = service.github.world
    body = f"/perf-scan {verb}{GIVEN.get(verb, '').format(id=person.finding)}".rstrip()
    with world.lock:
        return CommentHandle(world, add_comment(world, person.pull.issue, person.actor, body))


def press(person: Person, identifier: str) -> CommentHandle | None:
    check = person.repository.check_runs(person.pull.head_sha, "stanch")[0]
    person.repository.press_button(check, identifier, person.login)
    return None


def observed(service: Service, person: Person) -> tuple[int, int]:
    """The replies of the App and the scans so far."""
    ours = [comment for comment in person.pull.comments_by(service.app.app) if not comment.body.startswith("/")]
    lane = f"pull/{person.repository.id}/{person.pull.number}"
    query = select(func.count()).select_from(JOBS).where(JOBS.c.kind == REVIEW, JOBS.c.lane == lane)
    with service.database.begin() as connection:
        return len(ours), connection.execute(query).scalar_one()


def given_before(service: Service, person: Person, verb: str) -> None:
    """What there is to take back."""
    with service.database.begin() as connection:
        if verb == "unignore":
            found = Ignored(fingerprint=fingerprint_of(person), reason="It ends with the process")
            ignores.ignore(connection, person.repository.id, found, "alice")
        if verb == "resume":
            pull_requests.pause(connection, person.repository.id, person.pull.number, "alice")


def remembered(service: Service, person: Person) -> str:
    with service.database.begin() as connection:
        accepted = {entry.fingerprint for entry in ignores.in_force(connection, person.repository.id).ignores}
        memory = pull_requests.recall(connection, person.repository.id, person.pull.number)
    ignored = accepted & {person.finding, fingerprint_of(person)}
    return f"{'ignored' if ignored else 'not ignored'}, {'paused' if memory.paused else 'not paused'}"


def forget(service: Service, person: Person) -> None:
    """The next command finds nothing of this one."""
    with service.database.begin() as connection:
        for name in (person.finding, fingerprint_of(person)):
            ignores.unignore(connection, person.repository.id, name, "alice")
        pull_requests.resume(connection, person.repository.id, person.pull.number)


def fingerprint_of(person: Person) -> str:
    """The finding's id without its ordinal."""
    return re.split(r"[.-]", person.finding)[0]
