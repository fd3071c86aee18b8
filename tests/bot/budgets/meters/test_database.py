"""What databases hold: exact rows, pages that deletions free, logs that files do not show, and hostile names."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from bot.budgets.meters.database import read_postgres, read_sqlite
from bot.budgets.meters.model import Series
from bot.config.budgets import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTILE = 'x"; DROP TABLE kept; --'


def soon() -> float:
    return time.monotonic() + 30


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "a ?#%.db", isolation_level=None)) as opened:
        opened.execute("CREATE TABLE kept (value TEXT)")
        yield opened


def fill(connection: sqlite3.Connection, rows: int) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    connection.execute(f"{numbers} INSERT INTO kept SELECT ? FROM n", (rows, "value" * 100))


def test_rows_are_counted_exactly(connection: sqlite3.Connection, tmp_path: Path) -> None:
    held = []
    for _ in range(3):
        fill(connection, 53)
        held.append(read_sqlite(tmp_path / "a ?#%.db", soon()).values[Series(Metric.ROWS, "kept")])
    assert held == [53, 106, 159]


def test_pages_in_use_shrink_where_the_file_does_not(connection: sqlite3.Connection, tmp_path: Path) -> None:
    fill(connection, 200)
    full = read_sqlite(tmp_path / "a ?#%.db", soon()).values
    connection.execute("DELETE FROM kept")
    empty = read_sqlite(tmp_path / "a ?#%.db", soon()).values
    assert empty[Series(Metric.DATABASE_SIZE)] == full[Series(Metric.DATABASE_SIZE)]
    assert empty[Series(Metric.DATABASE_PAGES)] < full[Series(Metric.DATABASE_PAGES)] / 5
    assert empty[Series(Metric.DATABASE_SIZE, "in use")] == 4096 * empty[Series(Metric.DATABASE_PAGES)]


def test_what_is_only_in_the_log_is_counted(connection: sqlite3.Connection, tmp_path: Path) -> None:
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    path = tmp_path / "a ?#%.db"
    before = path.stat().st_size
    fill(connection, 600)
    reading = read_sqlite(path, soon())
    assert path.stat().st_size == before
    assert reading.values[Series(Metric.ROWS, "kept")] == 600
    assert reading.values[Series(Metric.WAL)] > 300_000
    assert reading.values[Series(Metric.DATABASE_SIZE)] > reading.values[Series(Metric.WAL)] + before


def test_nothing_is_written(connection: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "a ?#%.db"
    fill(connection, 5)
    connection.close()
    before = {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()}
    read_sqlite(path, soon())
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == before


def test_names_are_quoted(connection: sqlite3.Connection, tmp_path: Path) -> None:
    quoted = HOSTILE.replace('"', '""')
    connection.execute(f'CREATE TABLE "{quoted}" AS SELECT 1')
    reading = read_sqlite(tmp_path / "a ?#%.db", soon())
    assert reading.faults == ()
    assert reading.values[Series(Metric.ROWS, HOSTILE)] == 1
    assert reading.values[Series(Metric.ROWS, "kept")] == 0


def test_counting_ends_when_its_time_is_up(connection: sqlite3.Connection, tmp_path: Path) -> None:
    fill(connection, 100_000)
    reading = read_sqlite(tmp_path / "a ?#%.db", time.monotonic() - 1)
    assert Series(Metric.ROWS, "kept") not in reading.values
    assert reading.faults != ()


@pytest.mark.parametrize("kind", ["missing", "no database", "folder", "fifo"])
def test_what_is_no_database_is_a_fault_and_no_zero(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    if kind == "no database":
        path.write_text("hello " * 1000)
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    reading = read_sqlite(path, soon())
    assert {series.metric for series in reading.values} <= {Metric.DATABASE_SIZE, Metric.WAL}
    assert len(reading.faults) == 1
    assert str(path) in reading.faults[0]


def test_postgres(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 53) AS value")
        connection.execute("CREATE SCHEMA other")
        connection.execute(SQL("CREATE TABLE other.{} (value int)").format(Identifier(HOSTILE)))
        reading = read_postgres(empty_url, soon())
        with psycopg.connect(empty_url):
            more = read_postgres(empty_url, soon())
    assert reading.faults == ()
    assert reading.values[Series(Metric.ROWS, "kept")] == 53
    assert reading.values[Series(Metric.ROWS, f"other.{HOSTILE}")] == 0
    assert reading.values[Series(Metric.DATABASE_SIZE)] > 1_000_000
    assert reading.values[Series(Metric.WAL)] > 1_000_000
    assert reading.values[Series(Metric.CONNECTIONS, "PostgreSQL")] == 1
    assert more.values[Series(Metric.CONNECTIONS, "PostgreSQL")] == 2


def test_a_table_that_is_locked_is_a_fault(empty_url: str) -> None:
    with psycopg.connect(empty_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
        connection.commit()
        connection.execute("LOCK TABLE kept")
        reading = read_postgres(empty_url, time.monotonic() + 1)
    assert Series(Metric.ROWS, "kept") not in reading.values
    assert len(reading.faults) == 1
    assert "'kept' is not counted" in reading.faults[0]


def test_a_server_that_is_not_there_is_a_fault() -> None:
    reading = read_postgres("postgresql://127.0.0.1:1/none", soon())
    assert reading.values == {}
    assert len(reading.faults) == 1
