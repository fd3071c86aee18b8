"""Databases: pg and better-sqlite3 in Node; sqlite3 and psycopg in Python."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables

RESOURCES = (
    Resource(
        id="pg.Pool.connect",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="pool.connect",
        noun="pooled client",
        ended="released",
        acquired_by=("pg.Pool().connect", "pg-pool().connect"),
        without_callback=True,
        released_by=(Method("release"),),
        words=(b"'pg'", b'"pg"', b"pg-pool"),
        source="https://node-postgres.com/apis/pool: a client that is not released makes the pool run dry",
        leaking=(
            Example(
                "src/users.js",
                "not-released-on-error",
                "import { Pool } from 'pg';\n"
                "\n"
                "const pool = new Pool();\n"
                "\n"
                "export async function rename(id, name) {\n"
                "  const client = await pool.connect();\n"
                "  await client.query('update users set name = $2 where id = $1', [id, name]);\n"
                "  client.release();\n"
                "}\n",
                "import { Pool } from 'pg';\n"
                "\n"
                "const pool = new Pool();\n"
                "\n"
                "export async function rename(id, name) {\n"
                "  const client = await pool.connect();\n"
                "  try {\n"
                "    await client.query('update users set name = $2 where id = $1', [id, name]);\n"
                "  } finally {\n"
                "    client.release();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/count.js",
                "released in finally",
                "import { Pool } from 'pg';\n"
                "\n"
                "const pool = new Pool();\n"
                "\n"
                "export async function count() {\n"
                "  const client = await pool.connect();\n"
                "  try {\n"
                "    return await client.query('select count(*) from users');\n"
                "  } finally {\n"
                "    client.release();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="pool.connect",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="connect",
        noun="pooled client",
        ended="released",
        acquired_by=("*.connect", "*.getConnection", "*.acquire"),
        without_callback=True,
        released_by=(Method("release"),),
        words=(b"connect", b"getConnection", b"acquire"),
        evident=True,
        source="https://node-postgres.com/apis/pool; the pools of mysql2 and generic-pool are used alike",
        leaking=(
            Example(
                "src/audit.js",
                "not-released-on-error",
                "import { pool } from './database.js';\n"
                "\n"
                "export async function record(event) {\n"
                "  const client = await pool.connect();\n"
                "  await client.query('insert into audit values ($1)', [event]);\n"
                "  client.release();\n"
                "}\n",
                "import { pool } from './database.js';\n"
                "\n"
                "export async function record(event) {\n"
                "  const client = await pool.connect();\n"
                "  try {\n"
                "    await client.query('insert into audit values ($1)', [event]);\n"
                "  } finally {\n"
                "    client.release();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/socket.js",
                "nothing here says that this is a pool",
                "export async function join(room) {\n  const peer = await room.connect();\n  peer.send('hello');\n}\n",
            ),
        ),
    ),
    Resource(
        id="pg.Client",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="Client",
        noun="database connection",
        ended="closed",
        acquired_by=("pg.Client",),
        opens_by=frozenset({"connect"}),
        released_by=(Method("end", awaited=True),),
        words=(b"'pg'", b'"pg"'),
        form="new",
        source="https://node-postgres.com/apis/client",
    ),
    Resource(
        id="pg.Pool",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="Pool",
        noun="connection pool",
        ended="ended",
        acquired_by=("pg.Pool", "pg-pool"),
        released_by=(Method("end", awaited=True),),
        words=(b"'pg'", b'"pg"', b"pg-pool"),
        form="new",
        error_leaks=False,
        source="https://node-postgres.com/apis/pool",
    ),
    Resource(
        id="better-sqlite3.Database",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="Database",
        noun="database handle",
        ended="closed",
        acquired_by=("better-sqlite3",),
        released_by=(Method("close"),),
        words=(b"better-sqlite3",),
        dependents=frozenset({"prepare", "transaction"}),
        source="https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md",
        leaking=(
            Example(
                "src/export.js",
                "not-released-on-error",
                "import Database from 'better-sqlite3';\n"
                "\n"
                "export function countMessages(file) {\n"
                "  const db = new Database(file);\n"
                "  const row = db.prepare('select count(*) as n from messages').get();\n"
                "  db.close();\n"
                "  return row.n;\n"
                "}\n",
                "import Database from 'better-sqlite3';\n"
                "\n"
                "export function countMessages(file) {\n"
                "  const db = new Database(file);\n"
                "  try {\n"
                "    const row = db.prepare('select count(*) as n from messages').get();\n"
                "    return row.n;\n"
                "  } finally {\n"
                "    db.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/store.js",
                "the class closes it",
                "import Database from 'better-sqlite3';\n"
                "\n"
                "export class Store {\n"
                "  constructor(file) {\n"
                "    this.db = new Database(file);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.db.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="sqlite3.connect",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="sqlite3.connect",
        noun="database connection",
        ended="closed",
        acquired_by=("sqlite3.connect", "sqlite3.dbapi2.connect"),
        released_by=(Method("close"),),
        words=(b"sqlite3",),
        on_exit=OnExit.COMMITS,
        dependents=frozenset({"cursor", "execute", "executemany", "executescript", "iterdump"}),
        source="https://docs.python.org/3/library/sqlite3.html: a connection's `with` commits, it does not close",
        leaking=(
            Example(
                "totals.py",
                "never-released",
                "import sqlite3\n"
                "\n"
                "\n"
                "def total(path):\n"
                "    connection = sqlite3.connect(path)\n"
                "    row = connection.execute('select sum(amount) from entries').fetchone()\n"
                "    return row[0]\n",
                "import sqlite3\n"
                "from contextlib import closing\n"
                "\n"
                "\n"
                "def total(path):\n"
                "    with closing(sqlite3.connect(path)) as connection:\n"
                "        row = connection.execute('select sum(amount) from entries').fetchone()\n"
                "    return row[0]\n",
            ),
        ),
        clean=(
            Clean(
                "rows.py",
                "closing",
                "import sqlite3\n"
                "from contextlib import closing\n"
                "\n"
                "\n"
                "def rows(path):\n"
                "    with closing(sqlite3.connect(path)) as connection:\n"
                "        return connection.execute('select * from entries').fetchall()\n",
            ),
        ),
    ),
    Resource(
        id="psycopg.connect",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="psycopg.connect",
        noun="database connection",
        ended="closed",
        acquired_by=("psycopg.connect", "psycopg.Connection.connect", "psycopg.AsyncConnection.connect"),
        released_by=(Method("close"),),
        words=(b"psycopg",),
        on_exit=OnExit.DIFFERS,
        dependents=frozenset({"cursor", "execute"}),
        source="https://www.psycopg.org/psycopg3/docs/api/connections.html: leaving `with` commits, then closes",
    ),
    Resource(
        id="psycopg2.connect",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="psycopg2.connect",
        noun="database connection",
        ended="closed",
        acquired_by=("psycopg2.connect",),
        released_by=(Method("close"),),
        words=(b"psycopg2",),
        on_exit=OnExit.COMMITS,
        dependents=frozenset({"cursor"}),
        source="https://www.psycopg.org/docs/usage.html#with-statement: leaving `with` ends the transaction only",
    ),
)
