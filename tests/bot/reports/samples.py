"""Believable findings in believable code: a chat server in TypeScript with a collector in Python beside it."""

from __future__ import annotations

import difflib
import hashlib
from functools import cache

from bot.reports.report import Engine, Report, totals_of
from fixers.findings import (
    NO_FIX,
    Change,
    Confidence,
    Edit,
    Family,
    Finding,
    Fix,
    FixKind,
    Owner,
    OwnerKind,
    Role,
    Severity,
    Step,
    Suppressed,
    Verdict,
    Witness,
)
from fixers.source import Skipped, Source, language_of
from tests.bot.reports.sample_code import (
    BACKFILL,
    BADGE,
    BADGE_FIXED,
    EXPORT_TEST,
    HEARTBEAT,
    HEARTBEAT_FIXED,
    JOBS,
    ROOMS,
    SERVER,
    STORE,
    STORE_FIXED,
)

SOURCES = {
    "collector/jobs.py": JOBS,
    "collector/store.py": STORE,
    "scripts/backfill.py": BACKFILL,
    "src/gateway/heartbeat.ts": HEARTBEAT,
    "src/rooms/join.ts": ROOMS,
    "src/server.ts": SERVER,
    "tests/test_export.py": EXPORT_TEST,
    "web/src/components/PresenceBadge.tsx": BADGE,
}

_FIXED = {
    "collector/store.py": STORE_FIXED,
    "src/gateway/heartbeat.ts": HEARTBEAT_FIXED,
    "web/src/components/PresenceBadge.tsx": BADGE_FIXED,
}


def read_line(path: str, line: int) -> str | None:
    """A line of the sample code."""
    lines = SOURCES.get(path, "").split("\n")
    return lines[line - 1] if 0 < line <= len(lines) else None


def unified_diff(path: str, before: str, after: str) -> str:
    """The change as `git diff` writes it."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(lines)


def make_finding(
    path: str,
    acquiring: str,
    rule: str,
    message: str,
    *,
    resource_id: str,
    owner: tuple[OwnerKind, str],
    trail: tuple[tuple[Role, str, str], ...],
    handle: str | None = None,
    change: Change | None = Change.INTRODUCED,
    severity: Severity = Severity.LEAK,
    confidence: Confidence = Confidence.HIGH,
    fix: Fix = NO_FIX,
    suppressed: Suppressed | None = None,
    witness: Witness | None = None,
) -> Finding:
    """A finding at the first place of `acquiring`; each step of the trail is (role, snippet it points at, text)."""
    language = language_of(path)
    assert language is not None
    source = Source(path, SOURCES[path].encode(), language)
    start = source.data.index(acquiring.encode())
    end = start + len(acquiring.encode())
    family, verdict = rule.split("/")
    fingerprint = hashlib.sha256(f"{path} {acquiring}".encode()).hexdigest()[:16]
    steps = []
    for role, snippet, text in trail:
        position = source.position(source.data.index(snippet.encode()))
        steps.append(Step(role=role, path=path, line=position.line, column=position.column, text=text))
    return Finding(
        id=f"{fingerprint}-1",
        fingerprint=fingerprint,
        change=change,
        rule=rule,
        family=Family(family),
        verdict=Verdict(verdict),
        path=path,
        line=source.position(start).line,
        column=source.position(start).column,
        end_line=source.position(end).line,
        end_column=source.position(end).column,
        start_byte=start,
        end_byte=end,
        resource=resource_id.rsplit(":", 1)[-1],
        resource_id=resource_id,
        handle=handle,
        owner=Owner(kind=owner[0], name=owner[1], path=path, line=1, end_line=len(SOURCES[path].splitlines())),
        severity=severity,
        confidence=confidence,
        message=message,
        trail=tuple(steps),
        fix=fix,
        suppressed=suppressed,
        witness=witness,
    )


def _safe(summary: str, path: str, before: str, after: str) -> Fix:
    return Fix(
        kind=FixKind.SAFE,
        summary=summary,
        edits=(Edit(path=path, start_byte=0, end_byte=len(before.encode()), text=after),),
        checks=("parses", "rescan"),
    )


HEARTBEAT_FINDING = make_finding(
    "src/gateway/heartbeat.ts",
    "setInterval(() => this.beat(), INTERVAL_MS)",
    "timer/forgotten-by-teardown",
    "The interval in `this.timer` keeps firing after `Heartbeat.stop()`.",
    resource_id="node:timers.setInterval",
    owner=(OwnerKind.INSTANCE, "Heartbeat"),
    handle="this.timer",
    trail=(
        (Role.ACQUIRE, "setInterval(", "`setInterval` starts here and is kept in `this.timer`"),
        (Role.OWNER_END, "stop(): void", "`stop()` closes the socket and returns with the interval running"),
        (Role.LOOKED_FOR, "stop(): void", "`clearInterval(this.timer)` in `stop()` and in what it calls"),
    ),
    fix=_safe("clears the interval in `stop()`.", "src/gateway/heartbeat.ts", HEARTBEAT, HEARTBEAT_FIXED),
)

STORE_FINDING = make_finding(
    "collector/store.py",
    "psycopg.connect(dsn)",
    "database/not-released-on-error",
    "The connection `conn` stays open when `save_batch` raises.",
    resource_id="psycopg.connect",
    owner=(OwnerKind.FUNCTION, "save_batch"),
    handle="conn",
    trail=(
        (Role.ACQUIRE, "psycopg.connect(", "`conn` is opened here"),
        (Role.EXIT, "parse(line)", "`parse` may raise, and the function is left with `conn` open"),
        (Role.EXIT, "cursor.executemany", "so may `cursor.executemany`"),
        (Role.EXIT, "conn.commit()", "so may `conn.commit`"),
        (
            Role.LOOKED_FOR,
            "conn.close()",
            "`conn.close()` in a `finally`, or a `with`; it is called on the way of success only",
        ),
    ),
    fix=_safe("closes `conn` in a `finally`.", "collector/store.py", STORE, STORE_FIXED),
    witness=Witness(profile="batch-of-bad-lines", rate="+1 connection per call", exact=True),
)

BADGE_FINDING = make_finding(
    "web/src/components/PresenceBadge.tsx",
    "new WebSocket(presenceUrl(userId))",
    "socket/forgotten-by-teardown",
    "The WebSocket `socket` stays open after `PresenceBadge` unmounts, and each new `userId` opens one more.",
    resource_id="dom.WebSocket",
    owner=(OwnerKind.EFFECT, "PresenceBadge>useEffect"),
    handle="socket",
    trail=(
        (Role.ACQUIRE, "new WebSocket(", "`socket` is opened here"),
        (Role.OWNER_END, "}, [userId]", "the effect returns no cleanup, and it runs again for each `userId`"),
        (Role.LOOKED_FOR, "}, [userId]", "`socket.close()` in a function that the effect returns"),
    ),
    fix=_safe("returns a cleanup that closes the socket.", "web/src/components/PresenceBadge.tsx", BADGE, BADGE_FIXED),
)

ROOMS_FINDING = make_finding(
    "src/rooms/join.ts",
    "bus.on(`room:${room}`, (message) => client.send(message))",
    "listener/added-per-call",
    "Each call of `joinRoom` adds a listener to `bus` that nothing removes, and it keeps `client` alive.",
    resource_id="node:events.EventEmitter.on",
    owner=(OwnerKind.MODULE, "bus"),
    trail=(
        (Role.ACQUIRE, "bus.on(", "the listener is added here, on every call"),
        (Role.OWNER_END, "bus.on(", "`bus` lives as long as the process"),
        (Role.LOOKED_FOR, "bus.on(", "`bus.off` with this function, an `AbortSignal`, `once`"),
    ),
    fix=Fix(
        kind=FixKind.SUGGESTED,
        summary="removes the listener when the client leaves the room.",
        why="where a client leaves is not in this file",
    ),
)

JOBS_FINDING = make_finding(
    "collector/jobs.py",
    "open_session()",
    "http/never-released",
    "The session from `open_session()` is never closed, so that its pooled connections stay open.",
    resource_id="requests.Session",
    owner=(OwnerKind.FUNCTION, "refresh"),
    handle="session",
    change=Change.CAUSED,
    trail=(
        (Role.ACQUIRE, "open_session()", "`open_session` gives an open `requests.Session` since this change"),
        (Role.EXIT, "return {url", "the function returns with `session` open"),
        (Role.LOOKED_FOR, "return {url", "`session.close()` or a `with`"),
    ),
    fix=Fix(
        kind=FixKind.SUGGESTED, summary="uses the session in a `with`.", why="`open_session` may share the session"
    ),
)

SERVER_FINDING = make_finding(
    "src/server.ts",
    "new Pool({ max: 20 })",
    "database/no-shutdown",
    "The pool `pool` is not ended when the server shuts down.",
    resource_id="pg.Pool",
    owner=(OwnerKind.MODULE, "src/server.ts"),
    handle="pool",
    severity=Severity.SHUTDOWN,
    trail=(
        (Role.ACQUIRE, "new Pool(", "`pool` is opened when the module loads"),
        (Role.LOOKED_FOR, "new Pool(", "`pool.end()` in a handler of `SIGTERM` or of `server.close`"),
    ),
)

EXPORT_TEST_FINDING = make_finding(
    "tests/test_export.py",
    'open(tmp_path / "out.csv")',
    "file/never-released",
    "The file opened here is never closed.",
    resource_id="builtins.open",
    owner=(OwnerKind.NOBODY, "test_export_writes_header"),
    severity=Severity.ADVICE,
    trail=((Role.ACQUIRE, "open(tmp_path", "opened here, and the file object is dropped"),),
    fix=Fix(kind=FixKind.SUGGESTED, summary="reads the file with `Path.read_text`.", why="it is a test"),
)

BACKFILL_FINDING = make_finding(
    "scripts/backfill.py",
    'sqlite3.connect("readings.db")',
    "database/never-released",
    "The connection `db` is never closed.",
    resource_id="sqlite3.connect",
    owner=(OwnerKind.MODULE, "scripts/backfill.py"),
    handle="db",
    trail=((Role.ACQUIRE, "sqlite3.connect", "`db` is opened here"),),
    suppressed=Suppressed(by="pragma", reason="one-off script, the process ends here"),
)

UNSURE_FINDING = make_finding(
    "src/gateway/heartbeat.ts",
    'this.socket.on("pong", () => (this.alive = true))',
    "listener/never-released",
    "The listener for `pong` may outlive the `Heartbeat`.",
    resource_id="node:events.EventEmitter.on",
    owner=(OwnerKind.INSTANCE, "Heartbeat"),
    confidence=Confidence.MEDIUM,
    trail=((Role.ACQUIRE, "this.socket.on", "added here"),),
)

ALL_FINDINGS = (
    HEARTBEAT_FINDING,
    STORE_FINDING,
    BADGE_FINDING,
    ROOMS_FINDING,
    JOBS_FINDING,
    SERVER_FINDING,
    EXPORT_TEST_FINDING,
    BACKFILL_FINDING,
    UNSURE_FINDING,
)

RESOLVED_FINDING = make_finding(
    "src/rooms/join.ts",
    "client.rooms.add(room)",
    "growth/unbounded",
    "The set `client.rooms` only grows.",
    resource_id="growth.Set",
    owner=(OwnerKind.INSTANCE, "Client"),
    change=None,
    trail=((Role.ACQUIRE, "client.rooms.add", "added here"),),
)

SKIPPED = (
    Skipped("public/vendor.bundle.js", "minified", "mean line above 300 bytes"),
    Skipped("collector/legacy.py", "python2", "print statement in line 3"),
)


@cache
def fix_diffs() -> dict[str, str]:
    """The safe fixes as unified diffs, by finding id."""
    safe = [finding for finding in ALL_FINDINGS if finding.fix.kind is FixKind.SAFE]
    return {finding.id: unified_diff(finding.path, SOURCES[finding.path], _FIXED[finding.path]) for finding in safe}


def make_report(
    findings: tuple[Finding, ...] = ALL_FINDINGS,
    *,
    resolved: tuple[Finding, ...] = (RESOLVED_FINDING,),
    skipped: tuple[Skipped, ...] = SKIPPED,
    complete: bool = False,
) -> Report:
    """A report of a pull request with these findings."""
    return Report(
        engine=Engine(version="0.1.0"),
        tree="4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        dirty=False,
        prefix="",
        base="9fceb02d0ae598e95dc970b74767f19372d61af8",
        config=hashlib.sha256(b"{}").hexdigest(),
        ignores=None,
        as_of=None,
        options={"confidence": "low"},
        complete=complete,
        findings=findings,
        resolved=resolved,
        skipped=skipped,
        totals=totals_of(findings, resolved=resolved, files=214, parsed=37),
    )


CLEAN_REPORT = make_report((), resolved=(), skipped=(), complete=True)
