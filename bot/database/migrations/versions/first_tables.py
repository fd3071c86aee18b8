"""The first tables, and Procrastinate's beside them."""

from __future__ import annotations

from importlib import resources
from typing import Final

from alembic import op

revision = "0001"
down_revision = None

_TABLES: Final = """
CREATE SEQUENCE job_fences;

CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    lane text NOT NULL,
    arguments jsonb NOT NULL,
    state text NOT NULL,
    "coalesce" boolean NOT NULL,
    priority smallint NOT NULL,
    failures smallint NOT NULL DEFAULT 0,
    giving_up text,
    fence bigint NOT NULL DEFAULT 0,
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL,
    due_by timestamptz NOT NULL,
    woken_at timestamptz,
    started_at timestamptz,
    lease_until timestamptz,
    deadline timestamptz,
    worker text,
    finished_at timestamptz,
    reason text,
    CONSTRAINT jobs_state CHECK (state IN ('waiting', 'running', 'done', 'dropped', 'superseded', 'poison'))
);
CREATE UNIQUE INDEX jobs_running_lane ON jobs (lane) WHERE state = 'running';
CREATE UNIQUE INDEX jobs_waiting_newest ON jobs (lane, kind) WHERE state = 'waiting' AND "coalesce";
CREATE INDEX jobs_waiting_due ON jobs (due_at) WHERE state = 'waiting';
CREATE INDEX jobs_lane ON jobs (lane, kind, id);
CREATE INDEX jobs_open ON jobs (kind) WHERE state IN ('waiting', 'running', 'poison');
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE job_outcomes (
    kind text,
    outcome text,
    times bigint NOT NULL,
    PRIMARY KEY (kind, outcome)
);

CREATE TABLE deliveries (
    guid text PRIMARY KEY,
    event text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    payload bytea,
    done_at timestamptz,
    CONSTRAINT deliveries_payload CHECK ((payload IS NULL) = (done_at IS NOT NULL))
);
CREATE INDEX deliveries_received ON deliveries (received_at);

CREATE TABLE effects (
    repository_id bigint,
    key text,
    fence bigint NOT NULL,
    begun_at timestamptz NOT NULL,
    finished_at timestamptz,
    remote_id text,
    digest text,
    PRIMARY KEY (repository_id, key)
);
CREATE INDEX effects_begun ON effects (begun_at);

CREATE TABLE audit (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    repository_id bigint,
    asked_by text NOT NULL,
    reason text NOT NULL,
    key text NOT NULL,
    result text NOT NULL,
    delivery text,
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE pull_requests (
    repository_id bigint,
    number integer,
    wanted_head text,
    heads jsonb NOT NULL DEFAULT '[]',
    reviewed_head text,
    paused_by text,
    paused_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository_id, number)
);

CREATE TABLE open_checks (
    repository_id bigint,
    key text,
    check_id bigint,
    number integer,
    head_sha text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository_id, key)
);

CREATE TABLE ignores (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_id bigint NOT NULL,
    fingerprint text NOT NULL,
    rule text,
    path text,
    reason text NOT NULL,
    until date,
    ignored_by text NOT NULL,
    ignored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_by text,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX ignores_in_force ON ignores (repository_id, fingerprint) WHERE revoked_at IS NULL;

CREATE TABLE scans (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_id bigint NOT NULL,
    commit text NOT NULL,
    scanned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    findings integer NOT NULL,
    is_complete boolean NOT NULL,
    by_rule jsonb NOT NULL,
    totals jsonb NOT NULL,
    budgets jsonb NOT NULL,
    CONSTRAINT scans_commit UNIQUE (repository_id, commit)
);

CREATE TABLE fix_pull_requests (
    repository_id bigint,
    branch text,
    purpose text NOT NULL,
    rule text NOT NULL,
    package text NOT NULL,
    fingerprints jsonb NOT NULL,
    paths jsonb NOT NULL,
    stacked_on integer,
    number integer,
    heads jsonb NOT NULL,
    requested_by text,
    standing text NOT NULL,
    is_tidied boolean NOT NULL DEFAULT false,
    is_verified boolean,
    opened_at timestamptz NOT NULL,
    settled_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository_id, branch)
);

CREATE TABLE fix_refusals (
    repository_id bigint,
    fingerprint text,
    number integer NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository_id, fingerprint)
);

CREATE TABLE fix_wishes (
    repository_id bigint,
    fingerprint text,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository_id, fingerprint)
);

CREATE TABLE tracking_issues (
    repository_id bigint PRIMARY KEY,
    number integer NOT NULL
);

CREATE TABLE installations (
    id bigint PRIMARY KEY,
    account_id bigint NOT NULL,
    account_login text NOT NULL,
    permissions jsonb NOT NULL,
    suspended_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE repositories (
    id bigint PRIMARY KEY,
    installation_id bigint NOT NULL,
    full_name text NOT NULL,
    is_archived boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX repositories_installation ON repositories (installation_id);

CREATE TABLE moments (
    name text PRIMARY KEY,
    at timestamptz NOT NULL
);

CREATE TABLE limits (
    installation_id bigint PRIMARY KEY,
    state jsonb NOT NULL
);
"""


def upgrade() -> None:
    """From an empty database."""
    procrastinate = resources.files("bot.database.migrations") / "procrastinate_3_4.sql"
    connection = op.get_bind()
    # The driver's own way, which takes many statements at once, and a percent sign as one.
    connection.exec_driver_sql(procrastinate.read_text(encoding="utf-8").replace("%", "%%"))
    connection.exec_driver_sql(_TABLES.replace("%", "%%"))
