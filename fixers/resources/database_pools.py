"""What keeps database connections in Python: pools, clients, sessions."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables

RESOURCES = (
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
)
