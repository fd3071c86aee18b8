"""What a program's databases hold: rows by table, pages in use, sizes, and for PostgreSQL connections.

They are only read, and belong to the program that is measured: names are quoted, and each question has a time limit.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.budgets.meters.model import Reading, Series
from bot.config.budgets import Metric

if TYPE_CHECKING:
    import psycopg

MAX_TABLES: Final = 200
"""Of a database; further ones are not counted, which is a fault."""
_BUSY_SECONDS: Final = 1.0
_CONNECT_SECONDS: Final = 5


def read_sqlite(path: Path, deadline: float) -> Reading:
    """What an SQLite database holds.

    A file does not shrink when rows are deleted, and need not grow while they are written: pages in use are those that
    are not free, and sizes are given of the file, of its write-ahead log, and of both with the log's index.

    Args:
        path: the database file.
        deadline: when to stop counting, by `time.monotonic()`.

    Returns:
        The amounts; without those that could not be read, with a fault for each reason.
    """
    try:
        file = path.stat().st_size
        wal, shm = (_size(path.with_name(path.name + suffix)) for suffix in ("-wal", "-shm"))
    except OSError as error:
        return Reading(faults=(f"The database {path} is not measured: {error.strerror}.",))
    if not path.is_file():
        return Reading(faults=(f"The database {path} is not measured: it is no file.",))
    values: dict[Series, float] = {Series(Metric.DATABASE_SIZE): file + wal + shm, Series(Metric.WAL): wal}
    faults: list[str] = []
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as connection:
            # Counting the rows of a table is one step of SQLite's machine, which only an interruption ends.
            end = threading.Timer(max(0, deadline - time.monotonic()), connection.interrupt)
            end.start()
            try:
                _read_pages(connection, values)
                _read_tables(connection, path, deadline, values, faults)
            finally:
                end.cancel()
                end.join()
    except sqlite3.Error as error:
        faults.append(f"The database {path} is not measured: {error}.")
    return Reading(values, faults=tuple(faults))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read_pages(connection: sqlite3.Connection, values: dict[Series, float]) -> None:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    values[Series(Metric.DATABASE_PAGES)] = pages - free
    values[Series(Metric.DATABASE_SIZE, "in use")] = (pages - free) * size


def _read_tables(
    connection: sqlite3.Connection, path: Path, deadline: float, values: dict[Series, float], faults: list[str]
) -> None:
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY name LIMIT ?",
        (MAX_TABLES + 1,),
    ).fetchall()
    if len(tables) > MAX_TABLES:
        faults.append(f"The database {path} has more than {MAX_TABLES} tables; the others are not counted.")
    for (table,) in tables[:MAX_TABLES]:
        quoted = table.replace('"', '""')
        if time.monotonic() > deadline:
            faults.append(f"The tables of the database {path} from {table!r} on are not counted: there was no time.")
            break
        try:
            values[Series(Metric.ROWS, table)] = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]
        except sqlite3.Error as error:
            faults.append(f"The table {table!r} of the database {path} is not counted: {error}.")


def read_postgres(url: str, deadline: float) -> Reading:
    """What a PostgreSQL database holds: rows by table, its size, the server's log, and connections of others to it.

    Args:
        url: how to connect, as libpq reads it.
        deadline: when to stop counting, by `time.monotonic()`.

    Returns:
        The amounts; without those that could not be read, with a fault for each reason. The size of the log needs the
        role `pg_monitor`; without it, it is absent.
    """
    import psycopg  # noqa: PLC0415 - an extra, which only those have who measure PostgreSQL

    values: dict[Series, float] = {}
    faults: list[str] = []
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
            connection.read_only = True
            _read_server(connection, deadline, values)
            _read_relations(connection, deadline, values, faults)
    except psycopg.Error as error:
        # The first line: further ones of libpq repeat it for each address.
        faults.append(f"The PostgreSQL database is not measured: {str(error).strip().splitlines()[0]}.")
    return Reading(values, faults=tuple(faults))


def _limited(connection: psycopg.Connection, deadline: float) -> None:
    left = max(1, int((deadline - time.monotonic()) * 1000))
    connection.execute("SELECT set_config('statement_timeout', %s, false)", (str(left),))


def _read_server(connection: psycopg.Connection, deadline: float, values: dict[Series, float]) -> None:
    import psycopg  # noqa: PLC0415

    _limited(connection, deadline)
    row = connection.execute(
        "SELECT pg_database_size(current_database()), (SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())"
    ).fetchone()
    if row is not None:
        values[Series(Metric.DATABASE_SIZE)] = row[0]
        values[Series(Metric.CONNECTIONS, "PostgreSQL")] = row[1]
    try:
        log = connection.execute("SELECT sum(size)::bigint FROM pg_ls_waldir()").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return
    if log is not None and log[0] is not None:
        values[Series(Metric.WAL)] = log[0]


def _read_relations(
    connection: psycopg.Connection, deadline: float, values: dict[Series, float], faults: list[str]
) -> None:
    import psycopg  # noqa: PLC0415
    from psycopg.sql import SQL, Identifier  # noqa: PLC0415

    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        " ORDER BY 1, 2 LIMIT %s",
        (MAX_TABLES + 1,),
    ).fetchall()
    if len(tables) > MAX_TABLES:
        faults.append(f"The PostgreSQL database has more than {MAX_TABLES} tables; the others are not counted.")
    for schema, table in tables[:MAX_TABLES]:
        name = table if schema == "public" else f"{schema}.{table}"
        try:
            _limited(connection, deadline)
            row = connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(schema, table))).fetchone()
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.QueryCanceled) as error:
            faults.append(f"The table {name!r} is not counted: {str(error).strip().splitlines()[0]}.")
            continue
        if row is not None:
            values[Series(Metric.ROWS, name)] = row[0]
