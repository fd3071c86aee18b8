"""Clients of databases in Node: mysql, mysql2, redis, ioredis, mongodb, sqlite3."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, Resource, Tables

RESOURCES = (
    Resource(
        id="mysql2/promise.createConnection",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="createConnection",
        noun="database connection",
        ended="closed",
        acquired_by=("mysql2/promise.createConnection", "promise-mysql.createConnection", "mariadb.createConnection"),
        released_by=(Method("end", awaited=True), Method("destroy")),
        words=(b"createConnection",),
        source="https://sidorares.github.io/node-mysql2/docs/examples/connections/create-connection",
        leaking=(
            Example(
                "src/total.js",
                "not-released-on-error",
                "import mysql from 'mysql2/promise';\n"
                "\n"
                "export async function total(options) {\n"
                "  const connection = await mysql.createConnection(options);\n"
                "  const [rows] = await connection.query('select sum(amount) as total from entries');\n"
                "  await connection.end();\n"
                "  return rows[0].total;\n"
                "}\n",
                "import mysql from 'mysql2/promise';\n"
                "\n"
                "export async function total(options) {\n"
                "  const connection = await mysql.createConnection(options);\n"
                "  try {\n"
                "    const [rows] = await connection.query('select sum(amount) as total from entries');\n"
                "    return rows[0].total;\n"
                "  } finally {\n"
                "    await connection.end();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/connect.js",
                "the caller gets the connection",
                "import mysql from 'mysql2/promise';\n"
                "\n"
                "export async function connect(options) {\n"
                "  const connection = await mysql.createConnection(options);\n"
                "  return connection;\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="mysql.createConnection",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="createConnection",
        noun="database connection",
        ended="closed",
        acquired_by=("mysql.createConnection", "mysql2.createConnection"),
        released_by=(Method("end"), Method("destroy")),
        words=(b"createConnection",),
        error_leaks=False,
        source="https://github.com/mysqljs/mysql#terminating-connections",
        leaking=(
            Example(
                "src/ping.js",
                "never-released",
                "import mysql from 'mysql2';\n"
                "\n"
                "export function ping(options, done) {\n"
                "  const connection = mysql.createConnection(options);\n"
                "  connection.ping(done);\n"
                "}\n",
                "import mysql from 'mysql2';\n"
                "\n"
                "export function ping(options, done) {\n"
                "  const connection = mysql.createConnection(options);\n"
                "  try {\n"
                "    connection.ping(done);\n"
                "  } finally {\n"
                "    connection.end();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/names.js",
                "closed when the answer is there",
                "import mysql from 'mysql';\n"
                "\n"
                "export function names(options, done) {\n"
                "  const connection = mysql.createConnection(options);\n"
                "  connection.query('select name from users', (error, rows) => {\n"
                "    connection.end();\n"
                "    done(error, rows);\n"
                "  });\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="mysql.createPool",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="createPool",
        noun="connection pool",
        ended="ended",
        acquired_by=(
            "mysql.createPool",
            "mysql2.createPool",
            "mysql2/promise.createPool",
            "promise-mysql.createPool",
            "mariadb.createPool",
        ),
        released_by=(Method("end", awaited=True),),
        words=(b"createPool",),
        dependents=frozenset({"promise", "getConnection"}),
        error_leaks=False,
        source="https://github.com/mysqljs/mysql#closing-all-the-connections-in-a-pool",
        leaking=(
            Example(
                "src/store.js",
                "forgotten-by-teardown",
                "import mysql from 'mysql2/promise';\n"
                "\n"
                "export class Store {\n"
                "  constructor(options, cache) {\n"
                "    this.cache = cache;\n"
                "    this.pool = mysql.createPool(options);\n"
                "  }\n"
                "\n"
                "  async close() {\n"
                "    this.cache.clear();\n"
                "  }\n"
                "}\n",
                "import mysql from 'mysql2/promise';\n"
                "\n"
                "export class Store {\n"
                "  constructor(options, cache) {\n"
                "    this.cache = cache;\n"
                "    this.pool = mysql.createPool(options);\n"
                "  }\n"
                "\n"
                "  async close() {\n"
                "    await this.pool.end();\n"
                "    this.cache.clear();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="redis.createClient",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="createClient",
        noun="client",
        ended="closed",
        acquired_by=("redis.createClient", "@redis/client.createClient", "ioredis", "ioredis.Redis"),
        released_by=(
            Method("quit", awaited=True),
            Method("disconnect"),
            Method("close"),
            Method("destroy"),
            Method("end"),
        ),
        words=(b"redis",),
        opens_by=frozenset({"connect"}),
        gives=frozenset({"on", "once"}),
        dependents=frozenset({"duplicate", "multi", "pipeline"}),
        error_leaks=False,
        source="https://github.com/redis/node-redis/blob/master/docs/client-configuration.md",
        leaking=(
            Example(
                "src/sessions.js",
                "forgotten-by-teardown",
                "import Redis from 'ioredis';\n"
                "\n"
                "export class Sessions {\n"
                "  constructor(url, log) {\n"
                "    this.log = log;\n"
                "    this.redis = new Redis(url);\n"
                "  }\n"
                "\n"
                "  async close() {\n"
                "    this.log.close();\n"
                "  }\n"
                "}\n",
                "import Redis from 'ioredis';\n"
                "\n"
                "export class Sessions {\n"
                "  constructor(url, log) {\n"
                "    this.log = log;\n"
                "    this.redis = new Redis(url);\n"
                "  }\n"
                "\n"
                "  async close() {\n"
                "    await this.redis.quit();\n"
                "    this.log.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/cache.js",
                "one of two ways to end it",
                "import { createClient } from 'redis';\n"
                "\n"
                "export class Cache {\n"
                "  constructor(url) {\n"
                "    this.client = createClient({ url });\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.client.disconnect();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="mongodb.MongoClient",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="MongoClient",
        noun="client",
        ended="closed",
        acquired_by=("mongodb.MongoClient", "mongodb.MongoClient.connect"),
        without_callback=True,
        released_by=(Method("close", awaited=True),),
        words=(b"mongodb",),
        opens_by=frozenset({"connect"}),
        dependents=frozenset({"db", "startSession", "watch"}),
        source="https://www.mongodb.com/docs/drivers/node/current/connect/mongoclient/",
        leaking=(
            Example(
                "src/count.js",
                "not-released-on-error",
                "import { MongoClient } from 'mongodb';\n"
                "\n"
                "export async function count(url) {\n"
                "  const client = new MongoClient(url);\n"
                "  const found = await client.db('archive').collection('entries').countDocuments();\n"
                "  await client.close();\n"
                "  return found;\n"
                "}\n",
                "import { MongoClient } from 'mongodb';\n"
                "\n"
                "export async function count(url) {\n"
                "  const client = new MongoClient(url);\n"
                "  try {\n"
                "    const found = await client.db('archive').collection('entries').countDocuments();\n"
                "    return found;\n"
                "  } finally {\n"
                "    await client.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/archive.js",
                "the caller gets the client with its database",
                "import { MongoClient } from 'mongodb';\n"
                "\n"
                "export async function archive(url) {\n"
                "  const client = new MongoClient(url);\n"
                "  await client.connect();\n"
                "  return { client, name: 'archive' };\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="sqlite3.Database",
        family=Family.DATABASE,
        tables=Tables.JAVASCRIPT,
        label="sqlite3.Database",
        noun="database handle",
        ended="closed",
        acquired_by=("sqlite3.Database", "sqlite3.verbose().Database", "sqlite3.cached.Database", "sqlite.open"),
        released_by=(Method("close"),),
        words=(b"sqlite",),
        dependents=frozenset({"prepare"}),
        error_leaks=False,
        source="https://github.com/TryGhost/node-sqlite3/wiki/API#databaseclosecallback",
        leaking=(
            Example(
                "src/journal.js",
                "forgotten-by-teardown",
                "import sqlite3 from 'sqlite3';\n"
                "\n"
                "export class Journal {\n"
                "  constructor(file, mirror) {\n"
                "    this.mirror = mirror;\n"
                "    this.db = new sqlite3.Database(file);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.mirror.close();\n"
                "  }\n"
                "}\n",
                "import sqlite3 from 'sqlite3';\n"
                "\n"
                "export class Journal {\n"
                "  constructor(file, mirror) {\n"
                "    this.mirror = mirror;\n"
                "    this.db = new sqlite3.Database(file);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.mirror.close();\n"
                "    this.db.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
)
