"""The tables, as the modules beside this one use them; what makes them is in `migrations`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

METADATA: Final = MetaData()
NOW: Final = func.clock_timestamp()
"""PostgreSQL's clock, which all machines share; the time of the statement, not of its transaction."""


class Foreign(TypeDecorator[str]):
    """Text from outside, cleaned."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """What is stored for a value."""
        return None if value is None else clean(value)


def clean(value: str) -> str:
    """Text as PostgreSQL can hold it: NUL and lone surrogates become the replacement character."""
    return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _time(name: str, *, optional: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=optional)


JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("coalesce", Boolean, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("failures", SmallInteger, nullable=False, server_default=text("0")),
    Column("giving_up", Text),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    Column("submitted_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    _time("due_at"),
    _time("due_by"),
    _time("woken_at", optional=True),
    _time("started_at", optional=True),
    _time("lease_until", optional=True),
    _time("deadline", optional=True),
    Column("worker", Text),
    _time("finished_at", optional=True),
    Column("reason", Text),
    CheckConstraint("state IN ('waiting', 'running', 'done', 'dropped', 'superseded', 'poison')", name="jobs_state"),
)
UNENDED: Final = ("waiting", "running")
"""The states of jobs that have not ended."""
Index("jobs_running_lane", JOBS.c.lane, unique=True, postgresql_where=text("state = 'running'"))
Index(
    "jobs_waiting_newest",
    JOBS.c.lane,
    JOBS.c.kind,
    unique=True,
    postgresql_where=text("state = 'waiting' AND \"coalesce\""),
)
Index("jobs_waiting_due", JOBS.c.due_at, postgresql_where=text("state = 'waiting'"))
Index("jobs_lane", JOBS.c.lane, JOBS.c.kind, JOBS.c.id)
Index("jobs_open", JOBS.c.kind, postgresql_where=text("state IN ('waiting', 'running', 'poison')"))
Index("jobs_finished", JOBS.c.finished_at, postgresql_where=text("finished_at IS NOT NULL"))

JOB_OUTCOMES: Final = Table(
    "job_outcomes",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
)

DELIVERIES: Final = Table(
    "deliveries",
    METADATA,
    Column("guid", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("payload", LargeBinary),
    _time("done_at", optional=True),
    CheckConstraint("(payload IS NULL) = (done_at IS NOT NULL)", name="deliveries_payload"),
)
Index("deliveries_received", DELIVERIES.c.received_at)

EFFECTS: Final = Table(
    "effects",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    _time("begun_at"),
    _time("finished_at", optional=True),
    Column("remote_id", Text),
    Column("digest", Text),
)

Index("effects_begun", EFFECTS.c.begun_at)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _time("at"),
    Column("repository_id", BigInteger),
    Column("asked_by", Foreign, nullable=False),
    Column("reason", Foreign, nullable=False),
    Column("key", Text, nullable=False),
    Column("result", Foreign, nullable=False),
    Column("delivery", Text),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

PULL_REQUESTS: Final = Table(
    "pull_requests",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wanted_head", Text),
    Column("heads", JSONB, nullable=False, server_default=text("'[]'")),
    Column("reviewed_head", Text),
    Column("paused_by", Foreign),
    _time("paused_at", optional=True),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

OPEN_CHECKS: Final = Table(
    "open_checks",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("check_id", BigInteger),
    Column("number", Integer),
    Column("head_sha", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

IGNORES: Final = Table(
    "ignores",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("repository_id", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("rule", Text),
    Column("path", Foreign),
    Column("reason", Foreign, nullable=False),
    Column("until", Date),
    Column("ignored_by", Foreign, nullable=False),
    Column("ignored_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("revoked_by", Foreign),
    _time("revoked_at", optional=True),
)
Index(
    "ignores_in_force",
    IGNORES.c.repository_id,
    IGNORES.c.fingerprint,
    unique=True,
    postgresql_where=text("revoked_at IS NULL"),
)

SCANS: Final = Table(
    "scans",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("repository_id", BigInteger, nullable=False),
    Column("commit", Text, nullable=False),
    Column("scanned_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("findings", Integer, nullable=False),
    Column("is_complete", Boolean, nullable=False),
    Column("by_rule", JSONB, nullable=False),
    Column("totals", JSONB, nullable=False),
    Column("budgets", JSONB, nullable=False),
    UniqueConstraint("repository_id", "commit", name="scans_commit"),
)

FIX_PULL_REQUESTS: Final = Table(
    "fix_pull_requests",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("branch", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("package", Foreign, nullable=False),
    Column("fingerprints", JSONB, nullable=False),
    Column("paths", JSONB, nullable=False),
    Column("stacked_on", Integer),
    Column("number", Integer),
    Column("heads", JSONB, nullable=False),
    Column("requested_by", Foreign),
    Column("standing", Text, nullable=False),
    Column("is_tidied", Boolean, nullable=False, server_default=text("false")),
    Column("is_verified", Boolean),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    _time("settled_at", optional=True),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

FIX_REFUSALS: Final = Table(
    "fix_refusals",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("refused_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

FIX_WISHES: Final = Table(
    "fix_wishes",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", Text, primary_key=True),
    Column("asked_by", Foreign, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

TRACKING_ISSUES: Final = Table(
    "tracking_issues",
    METADATA,
    Column("repository_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)

INSTALLATIONS: Final = Table(
    "installations",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, nullable=False),
    Column("account_login", Foreign, nullable=False),
    Column("permissions", JSONB, nullable=False),
    _time("suspended_at", optional=True),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

REPOSITORIES: Final = Table(
    "repositories",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("installation_id", BigInteger, nullable=False),
    Column("full_name", Foreign, nullable=False),
    Column("is_archived", Boolean, nullable=False, server_default=text("false")),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)
Index("repositories_installation", REPOSITORIES.c.installation_id)

MOMENTS: Final = Table(
    "moments",
    METADATA,
    Column("name", Text, primary_key=True),
    _time("at"),
)

LIMITS: Final = Table(
    "limits",
    METADATA,
    Column("installation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", JSONB, nullable=False),
)
