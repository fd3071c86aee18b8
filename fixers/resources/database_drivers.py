"""Database drivers of Python that are used as sqlite3 and psycopg are, and cursors."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables

_CONNECTS = (
    "sqlite3.connect()",
    "psycopg2.connect()",
    "pymysql.connect()",
    "pymysql.connections.Connection()",
    "MySQLdb.connect()",
    "mysql.connector.connect()",
    "pyodbc.connect()",
    "sqlite3.Connection()",
    "psycopg2.extensions.connection()",
)

RESOURCES = (
    Resource(
        id="pymysql.connect",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="connect",
        noun="database connection",
        ended="closed",
        acquired_by=(
            "pymysql.connect",
            "pymysql.Connect",
            "pymysql.Connection",
            "MySQLdb.connect",
            "MySQLdb.Connect",
            "mysql.connector.connect",
            "pyodbc.connect",
            "cx_Oracle.connect",
            "oracledb.connect",
        ),
        released_by=(Method("close"),),
        words=(b"pymysql", b"MySQLdb", b"mysql.connector", b"pyodbc", b"cx_Oracle", b"oracledb"),
        on_exit=OnExit.UNSUPPORTED,  # what `with` does differs from one to another, and between versions of one
        dependents=frozenset({"cursor", "execute"}),
        source="https://peps.python.org/pep-0249/#Connection.close",
        leaking=(
            Example(
                "stock.py",
                "never-released",
                "import pymysql\n"
                "\n"
                "\n"
                "def stock(options, article):\n"
                "    connection = pymysql.connect(**options)\n"
                "    cursor = connection.cursor()\n"
                "    cursor.execute('select amount from stock where article = %s', (article,))\n"
                "    return cursor.fetchone()[0]\n",
                "import pymysql\n"
                "\n"
                "\n"
                "def stock(options, article):\n"
                "    connection = pymysql.connect(**options)\n"
                "    try:\n"
                "        cursor = connection.cursor()\n"
                "        cursor.execute('select amount from stock where article = %s', (article,))\n"
                "        return cursor.fetchone()[0]\n"
                "    finally:\n"
                "        connection.close()\n",
            ),
        ),
        clean=(
            Clean(
                "report.py",
                "closed in finally",
                "import MySQLdb\n"
                "\n"
                "\n"
                "def rows(options, query):\n"
                "    connection = MySQLdb.connect(**options)\n"
                "    try:\n"
                "        cursor = connection.cursor()\n"
                "        cursor.execute(query)\n"
                "        return cursor.fetchall()\n"
                "    finally:\n"
                "        connection.close()\n",
            ),
        ),
    ),
    Resource(
        id="aiosqlite.connect",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="aiosqlite.connect",
        noun="database connection",
        ended="closed",
        acquired_by=("aiosqlite.connect",),
        released_by=(Method("close", awaited=True),),
        words=(b"aiosqlite",),
        on_exit=OnExit.UNSUPPORTED,  # `async with` connects, and so only takes what is not connected yet
        dependents=frozenset({"cursor", "execute", "executemany"}),
        source="https://aiosqlite.omnilib.dev/en/stable/api.html: its thread goes on until it is closed",
        leaking=(
            Example(
                "count.py",
                "not-released-on-error",
                "import aiosqlite\n"
                "\n"
                "\n"
                "async def clear(path):\n"
                "    db = await aiosqlite.connect(path)\n"
                "    await db.execute('delete from entries')\n"
                "    await db.commit()\n"
                "    await db.close()\n",
                "import aiosqlite\n"
                "\n"
                "\n"
                "async def clear(path):\n"
                "    db = await aiosqlite.connect(path)\n"
                "    try:\n"
                "        await db.execute('delete from entries')\n"
                "        await db.commit()\n"
                "    finally:\n"
                "        await db.close()\n",
            ),
        ),
    ),
    Resource(
        id="asyncpg.connect",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="asyncpg.connect",
        noun="database connection",
        ended="closed",
        acquired_by=("asyncpg.connect",),
        released_by=(Method("close", awaited=True), Method("terminate")),
        words=(b"asyncpg",),
        dependents=frozenset({"cursor", "prepare", "transaction"}),
        source="https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.Connection.close",
        leaking=(
            Example(
                "names.py",
                "not-released-on-error",
                "import asyncpg\n"
                "\n"
                "\n"
                "async def names(url):\n"
                "    connection = await asyncpg.connect(url)\n"
                "    rows = await connection.fetch('select name from users')\n"
                "    await connection.close()\n"
                "    return [row['name'] for row in rows]\n",
                "import asyncpg\n"
                "\n"
                "\n"
                "async def names(url):\n"
                "    connection = await asyncpg.connect(url)\n"
                "    try:\n"
                "        rows = await connection.fetch('select name from users')\n"
                "    finally:\n"
                "        await connection.close()\n"
                "    return [row['name'] for row in rows]\n",
            ),
        ),
    ),
    Resource(
        id="Connection.cursor",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="cursor",
        noun="cursor",
        ended="closed",
        acquired_by=(*(f"{connect}.cursor" for connect in _CONNECTS), "*.cursor"),
        released_by=(Method("close"),),
        words=(b"cursor",),
        outlived=True,
        evident=True,
        evident_by=frozenset({"execute", "executemany", "fetchone", "fetchall"}),
        error_leaks=False,
        source="https://peps.python.org/pep-0249/#Cursor.close: until then it may hold its result, a lock or a "
        "server's memory; the end of its connection closes it",
        leaking=(
            Example(
                "entries.py",
                "never-released",
                "class Entries:\n"
                "    def __init__(self, connection):\n"
                "        self.connection = connection\n"
                "\n"
                "    def count(self):\n"
                "        cursor = self.connection.cursor()\n"
                "        cursor.execute('select count(*) from entries')\n"
                "        return cursor.fetchone()[0]\n",
                "class Entries:\n"
                "    def __init__(self, connection):\n"
                "        self.connection = connection\n"
                "\n"
                "    def count(self):\n"
                "        cursor = self.connection.cursor()\n"
                "        try:\n"
                "            cursor.execute('select count(*) from entries')\n"
                "            return cursor.fetchone()[0]\n"
                "        finally:\n"
                "            cursor.close()\n",
            ),
        ),
        clean=(
            Clean(
                "count.py",
                "it ends with its connection",
                "import sqlite3\n"
                "from contextlib import closing\n"
                "\n"
                "\n"
                "def count(path):\n"
                "    with closing(sqlite3.connect(path)) as connection:\n"
                "        cursor = connection.cursor()\n"
                "        cursor.execute('select count(*) from entries')\n"
                "        return cursor.fetchone()[0]\n",
            ),
            Clean(
                "text.py",
                "a cursor of another kind",
                "def jump(text, line):\n    cursor = text.cursor()\n    cursor.move_to(line)\n",
            ),
        ),
    ),
)
