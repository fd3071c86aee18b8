"""Database drivers of Python that are used as sqlite3 and psycopg are, their cursors, and clients that keep
connections.
"""

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
        id="asyncpg.create_pool",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="create_pool",
        noun="connection pool",
        ended="closed",
        acquired_by=("asyncpg.create_pool", "psycopg_pool.ConnectionPool", "psycopg_pool.AsyncConnectionPool"),
        released_by=(Method("close", awaited=True), Method("terminate")),
        words=(b"asyncpg", b"psycopg_pool"),
        on_exit=OnExit.RELEASES,
        dependents=frozenset({"acquire", "connection", "getconn"}),
        error_leaks=False,
        source="https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.pool.Pool.close",
        leaking=(
            Example(
                "store.py",
                "forgotten-by-teardown",
                "import asyncpg\n"
                "\n"
                "\n"
                "class Store:\n"
                "    def __init__(self, cache):\n"
                "        self.cache = cache\n"
                "        self.pool = None\n"
                "\n"
                "    async def start(self, url):\n"
                "        self.pool = await asyncpg.create_pool(url)\n"
                "\n"
                "    async def close(self):\n"
                "        await self.cache.clear()\n",
                "import asyncpg\n"
                "\n"
                "\n"
                "class Store:\n"
                "    def __init__(self, cache):\n"
                "        self.cache = cache\n"
                "        self.pool = None\n"
                "\n"
                "    async def start(self, url):\n"
                "        self.pool = await asyncpg.create_pool(url)\n"
                "\n"
                "    async def close(self):\n"
                "        if self.pool is not None:\n"
                "            await self.pool.close()\n"
                "        await self.cache.clear()\n",
            ),
        ),
    ),
    Resource(
        id="redis.asyncio.Redis",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="Redis",
        noun="client",
        ended="closed",
        acquired_by=("redis.asyncio.Redis", "redis.asyncio.StrictRedis", "redis.asyncio.from_url"),
        released_by=(Method("aclose", awaited=True), Method("close", awaited=True)),
        words=(b"redis",),
        on_exit=OnExit.RELEASES,
        dependents=frozenset({"pubsub", "pipeline", "lock", "monitor"}),
        error_leaks=False,
        source="https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html: it has to be closed explicitly",
        leaking=(
            Example(
                "queue.py",
                "forgotten-by-teardown",
                "from redis.asyncio import Redis\n"
                "\n"
                "\n"
                "class Queue:\n"
                "    def __init__(self, log):\n"
                "        self.log = log\n"
                "        self.redis = Redis()\n"
                "\n"
                "    async def close(self):\n"
                "        await self.log.flush()\n",
                "from redis.asyncio import Redis\n"
                "\n"
                "\n"
                "class Queue:\n"
                "    def __init__(self, log):\n"
                "        self.log = log\n"
                "        self.redis = Redis()\n"
                "\n"
                "    async def close(self):\n"
                "        await self.redis.aclose()\n"
                "        await self.log.flush()\n",
            ),
        ),
    ),
    Resource(
        id="pymongo.MongoClient",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="MongoClient",
        noun="client",
        ended="closed",
        acquired_by=("pymongo.MongoClient", "pymongo.mongo_client.MongoClient"),
        released_by=(Method("close"),),
        words=(b"pymongo",),
        on_exit=OnExit.RELEASES,
        dependents=frozenset({"get_database", "get_default_database", "start_session", "watch"}),
        error_leaks=False,
        source="https://pymongo.readthedocs.io/en/stable/api/pymongo/mongo_client.html: its threads watch the servers "
        "until it is closed",
        leaking=(
            Example(
                "archive.py",
                "forgotten-by-teardown",
                "from pymongo import MongoClient\n"
                "\n"
                "\n"
                "class Archive:\n"
                "    def __init__(self, url):\n"
                "        self.client = MongoClient(url)\n"
                "        self.closed = False\n"
                "\n"
                "    def close(self):\n"
                "        self.closed = True\n",
                "from pymongo import MongoClient\n"
                "\n"
                "\n"
                "class Archive:\n"
                "    def __init__(self, url):\n"
                "        self.client = MongoClient(url)\n"
                "        self.closed = False\n"
                "\n"
                "    def close(self):\n"
                "        self.client.close()\n"
                "        self.closed = True\n",
            ),
        ),
        clean=(
            Clean(
                "entries.py",
                "the caller gets what lives on it",
                "from pymongo import MongoClient\n"
                "\n"
                "\n"
                "def entries(url):\n"
                "    client = MongoClient(url)\n"
                "    return client.archive\n",
            ),
        ),
    ),
    Resource(
        id="sqlalchemy.orm.Session",
        family=Family.DATABASE,
        tables=Tables.PYTHON,
        label="Session",
        noun="session",
        ended="closed",
        acquired_by=(
            "sqlalchemy.orm.Session",
            "sqlalchemy.orm.session.Session",
            "sqlalchemy.orm.sessionmaker()",
            "sqlalchemy.create_engine().connect",
            "sqlalchemy.engine.create_engine().connect",
            "sqlalchemy.create_engine().raw_connection",
        ),
        released_by=(Method("close"),),
        words=(b"sqlalchemy",),
        on_exit=OnExit.RELEASES,
        dependents=frozenset({"query", "execute", "scalars", "stream", "connection", "cursor", "begin"}),
        source="https://docs.sqlalchemy.org/en/20/orm/session_basics.html#closing: until then it keeps its connection",
        leaking=(
            Example(
                "rename.py",
                "not-released-on-error",
                "from sqlalchemy.orm import Session\n"
                "\n"
                "\n"
                "def rename(engine, user, name):\n"
                "    session = Session(engine)\n"
                "    session.add(user)\n"
                "    user.name = name\n"
                "    session.commit()\n"
                "    session.close()\n",
                "from sqlalchemy.orm import Session\n"
                "\n"
                "\n"
                "def rename(engine, user, name):\n"
                "    with Session(engine) as session:\n"
                "        session.add(user)\n"
                "        user.name = name\n"
                "        session.commit()\n",
            ),
        ),
        clean=(
            Clean(
                "sessions.py",
                "the caller gets the session",
                "from sqlalchemy import create_engine\n"
                "from sqlalchemy.orm import sessionmaker\n"
                "\n"
                "make = sessionmaker(create_engine('sqlite://'))\n"
                "\n"
                "\n"
                "def get_session():\n"
                "    session = make()\n"
                "    try:\n"
                "        yield session\n"
                "    finally:\n"
                "        session.close()\n",
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
