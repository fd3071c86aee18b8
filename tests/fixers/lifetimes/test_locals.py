"""What a function keeps to itself: dropped, lost on an error, overwritten; or handed on, and then silence."""

from __future__ import annotations

import pytest

from tests.fixers.judging import Row, check, js, py, ts

JAVASCRIPT = [
    js(
        "a local that no path ends",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function names() {
          const client = await pool.connect();
          const result = await client.query('select name from users');
          return result.rows;
        }
        """,
        ("database/never-released", "high", 4),
    ),
    js(
        "an early return before the release",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(id, name) {
          const client = await pool.connect();
          try {
            if (!id) return null;
            await client.query('update users set name = $1', [name]);
            client.release();
          } catch (error) {
            client.release(error);
          }
        }
        """,
        ("database/never-released", "high", 4),
    ),
    js(
        "released on the way without errors only",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(id, name) {
          const client = await pool.connect();
          await client.query('update users set name = $1', [name]);
          client.release();
        }
        """,
        ("database/not-released-on-error", "high", 4),
    ),
    js(
        "released in finally",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(id, name) {
          const client = await pool.connect();
          try {
            if (!id) return null;
            return await client.query('update users set name = $1', [name]);
          } finally {
            client.release();
          }
        }
        """,
    ),
    js(
        "released in both branches",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(name) {
          const client = await pool.connect();
          try {
            await client.query('update users set name = $1', [name]);
            client.release();
          } catch (error) {
            client.release(error);
            throw error;
          }
        }
        """,
    ),
    js(
        "declared above, guarded in finally",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(name) {
          let client;
          try {
            client = await pool.connect();
            await client.query('update users set name = $1', [name]);
          } finally {
            if (client) client.release();
          }
        }
        """,
    ),
    js(
        "declared above, optional call in finally",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(name) {
          let client = null;
          try {
            client = await pool.connect();
            await client.query('update users set name = $1', [name]);
          } finally {
            client?.release();
          }
        }
        """,
    ),
    js(
        "released through then and finally of a promise",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function rename(name) {
          const client = await pool.connect();
          return client.query('update users set name = $1', [name]).finally(() => client.release());
        }
        """,
    ),
    js(
        "the caller gets it",
        """
        import { Pool } from 'pg';
        const pool = new Pool();
        export async function begin() {
          const client = await pool.connect();
          await client.query('begin');
          return client;
        }
        """,
        ("database/not-released-on-error", "high", 4),
    ),
    js(
        "the caller gets a function that releases it",
        """
        import Database from 'better-sqlite3';
        export function open(file) {
          const db = new Database(file);
          return { run: (sql) => db.exec(sql), close: () => db.close() };
        }
        """,
    ),
    js(
        "the caller gets it within an object",
        """
        import Database from 'better-sqlite3';
        export function open(file) {
          const db = new Database(file);
          return { db, file };
        }
        """,
    ),
    js(
        "an unknown function gets it",
        """
        import Database from 'better-sqlite3';
        import { register } from './registry.js';
        export function open(file) {
          const db = new Database(file);
          register(file, db);
        }
        """,
    ),
    js(
        "a function of the file closes it",
        """
        import Database from 'better-sqlite3';
        function finish(db) {
          db.pragma('optimize');
          db.close();
        }
        export function count(file) {
          const db = new Database(file);
          try {
            return db.prepare('select count(*) from t').get();
          } finally {
            finish(db);
          }
        }
        """,
    ),
    js(
        "a function of the file only uses it",
        """
        import Database from 'better-sqlite3';
        function read(db) {
          return db.prepare('select count(*) as n from t').get().n;
        }
        export function count(file) {
          const db = new Database(file);
          return read(db) + 1;
        }
        """,
        ("database/never-released", "high", 6),
    ),
    js(
        "an object written here owns it: passed to a constructor",
        """
        import Database from 'better-sqlite3';
        import { Store } from './store.js';
        export function open(file) {
          const db = new Database(file);
          return new Store(db);
        }
        """,
    ),
    js(
        "stored in a field of a parameter",
        """
        import Database from 'better-sqlite3';
        export function attach(context, file) {
          context.db = new Database(file);
        }
        """,
    ),
    js(
        "yielded",
        """
        import Database from 'better-sqlite3';
        export function* each(files) {
          for (const file of files) {
            yield new Database(file);
          }
        }
        """,
    ),
    js(
        "one in each turn, closed behind the loop",
        """
        import Database from 'better-sqlite3';
        export function total(files) {
          let db;
          let sum = 0;
          for (const file of files) {
            db = new Database(file);
            sum += db.prepare('select count(*) as n from t').get().n;
          }
          db.close();
          return sum;
        }
        """,
        ("database/overwritten-while-open", "high", 6),
    ),
    js(
        "one in each turn, none closed",
        """
        import Database from 'better-sqlite3';
        export function total(files) {
          let sum = 0;
          for (const file of files) {
            const db = new Database(file);
            sum += db.prepare('select count(*) as n from t').get().n;
          }
          return sum;
        }
        """,
        ("database/never-released", "high", 5),
    ),
    js(
        "collected in a local array and closed in a loop",
        """
        import Database from 'better-sqlite3';
        export function total(files) {
          const open = [];
          try {
            for (const file of files) open.push(new Database(file));
            return open.length;
          } finally {
            for (const db of open) db.close();
          }
        }
        """,
    ),
    js(
        "assigned again while open",
        """
        import Database from 'better-sqlite3';
        export function copy(from, to) {
          let db = new Database(from);
          const rows = db.prepare('select * from t').all();
          db = new Database(to);
          try {
            db.prepare('insert into t values (?)').run(rows);
          } finally {
            db.close();
          }
        }
        """,
        ("database/overwritten-while-open", "high", 3),
    ),
    js(
        "closed when a flag says so, opened when it says so",
        """
        import Database from 'better-sqlite3';
        export function count(given, file) {
          const db = given ?? new Database(file);
          try {
            return db.prepare('select count(*) as n from t').get().n;
          } finally {
            if (!given) db.close();
          }
        }
        """,
    ),
    js(
        "two conditions that agree",
        """
        import Database from 'better-sqlite3';
        export function count(file) {
          let db;
          if (file) {
            db = new Database(file);
          }
          let n = 0;
          if (file) {
            n = 1;
          }
          if (file) {
            db.close();
          }
          return n;
        }
        """,
    ),
    ts(
        "a written type names the pool",
        """
        import { Pool } from 'pg';
        export async function names(pool: Pool): Promise<string[]> {
          const client = await pool.connect();
          const result = await client.query('select name from users');
          return result.rows;
        }
        """,
        ("database/never-released", "high", 3),
    ),
    ts(
        "a method of that name on something else",
        """
        import { Mixer } from './audio';
        export async function play(mixer: Mixer): Promise<void> {
          const output = await mixer.connect();
          output.write('x');
        }
        """,
    ),
    js(
        "require instead of import",
        """
        const { Pool } = require('pg');
        const pool = new Pool();
        exports.names = async function () {
          const client = await pool.connect();
          return (await client.query('select 1')).rows;
        };
        """,
        ("database/never-released", "high", 4),
    ),
    js(
        "only constructing it acquires it",
        """
        export function supported(value) {
          return WebSocket(value);
        }
        """,
    ),
    js(
        "a WebSocket that nothing in its function closes",
        """
        export function ping(url) {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.send('ping');
        }
        """,
        ("socket/never-released", "high", 2),
    ),
    js(
        "a WebSocket that its own handler closes",
        """
        export function ping(url) {
          const socket = new WebSocket(url);
          socket.onopen = () => {
            socket.send('ping');
            socket.close();
          };
        }
        """,
    ),
    js(
        "using",
        """
        import Database from 'better-sqlite3';
        export async function tick(file, run) {
          using db = new Database(file);
          using timer = setInterval(run, 100);
          await run();
        }
        """,
    ),
]

TIMERS_AND_LISTENERS = [
    js(
        "an interval in a function of unknown frequency",
        """
        export function start(run) {
          setInterval(run, 1000);
        }
        """,
        ("timer/never-released", "medium", 2),
    ),
    js(
        "an interval per request",
        """
        import http from 'node:http';
        http.createServer((request, response) => {
          setInterval(() => response.write('.'), 1000);
        });
        """,
        ("timer/never-released", "high", 3),
    ),
    js(
        "an interval per request, cleared when the response closes",
        """
        import http from 'node:http';
        http.createServer((request, response) => {
          const beat = setInterval(() => response.write('.'), 1000);
          response.on('close', () => clearInterval(beat));
        });
        """,
    ),
    js(
        "a process listener per connection",
        """
        export function serve(server) {
          server.on('connection', (peer) => {
            process.on('SIGTERM', () => peer.terminate());
          });
        }
        """,
        ("listener/added-per-call", "high", 3),
    ),
    js(
        "a process listener per connection, taken off when it closes",
        """
        export function serve(server) {
          server.on('connection', (peer) => {
            const stop = () => peer.terminate();
            process.on('SIGTERM', stop);
            peer.on('close', () => process.off('SIGTERM', stop));
          });
        }
        """,
    ),
    js(
        "an interval of the module",
        """
        setInterval(() => console.log('alive'), 60_000);
        """,
        ("timer/never-released", "medium", 1),
    ),
    js(
        "an interval of the module that keeps nothing alive",
        """
        setInterval(() => console.log('alive'), 60_000).unref();
        """,
    ),
    js(
        "an interval of the module that keeps nothing alive, by name",
        """
        const beat = setInterval(() => console.log('alive'), 60_000);
        beat.unref();
        """,
    ),
    js(
        "unref where it exists",
        """
        export function start(run) {
          const timer = setInterval(run, 1000);
          timer.unref?.();
        }
        """,
    ),
    js(
        "a sleep",
        """
        export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        """,
    ),
    js(
        "a sleep within an async function",
        """
        export async function retry(run) {
          for (;;) {
            if (await run()) return;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        }
        """,
    ),
    js(
        "one short timeout after the other",
        """
        export function focus(node) {
          setTimeout(() => node.focus(), 0);
        }
        """,
    ),
    js(
        "an interval that clears itself",
        """
        export function poll(done) {
          const timer = setInterval(() => {
            if (done()) clearInterval(timer);
          }, 100);
        }
        """,
    ),
    js(
        "an interval in a variable above that clears itself",
        """
        export function poll(done) {
          let timer = null;
          timer = setInterval(() => {
            if (done()) clearInterval(timer);
          }, 100);
        }
        """,
    ),
    js(
        "a debounce",
        """
        export function debounce(run, ms) {
          let timer;
          return (...args) => {
            clearTimeout(timer);
            timer = setTimeout(() => run(...args), ms);
          };
        }
        """,
    ),
    js(
        "the caller gets the handle",
        """
        export function every(ms, run) {
          return setInterval(run, ms);
        }
        """,
    ),
    js(
        "the caller gets a stop function",
        """
        export function every(ms, run) {
          const timer = setInterval(run, ms);
          return () => clearInterval(timer);
        }
        """,
    ),
    js(
        "the caller gets a named stop function",
        """
        export function every(ms, run) {
          const timer = setInterval(run, ms);
          function stop() {
            clearInterval(timer);
          }
          return { stop };
        }
        """,
    ),
    js(
        "a closure starts it and another one ends it",
        """
        export function ticker(run) {
          let timer;
          return {
            start() { timer = setInterval(run, 1000); },
            stop() { clearInterval(timer); },
          };
        }
        """,
    ),
    js(
        "a closure starts it and none ends it",
        """
        export function ticker(run) {
          let timer;
          return {
            start() { timer = setInterval(run, 1000); },
            running() { return timer !== undefined; },
          };
        }
        """,
        ("timer/never-released", "medium", 4),
    ),
    js(
        "a local shadows the name",
        """
        export function schedule(setInterval) {
          setInterval(() => 1, 1000);
        }
        """,
    ),
    js(
        "a method of that name",
        """
        export function schedule(clock) {
          clock.setInterval(() => 1, 1000);
        }
        """,
    ),
    js(
        "window.setInterval and globalThis.setInterval are setInterval",
        """
        import http from 'http';
        http.createServer((request, response) => {
          window.setInterval(() => response.write('.'), 1000);
          globalThis.setInterval(() => response.write('.'), 1000);
        });
        """,
        ("timer/never-released", "high", 3),
        ("timer/never-released", "high", 4),
    ),
    js(
        "imported from node:timers",
        """
        import http from 'http';
        import { setInterval as every } from 'node:timers';
        http.createServer((request, response) => {
          every(() => response.write('.'), 1000);
        });
        """,
        ("timer/never-released", "high", 4),
    ),
    js(
        "a once listener, and one with a signal",
        """
        export function watch(run, signal) {
          window.addEventListener('resize', run, { once: true });
          window.addEventListener('focus', run, { signal });
          window.addEventListener('blur', run, { signal: AbortSignal.timeout(500) });
        }
        """,
    ),
    js(
        "a listener that takes itself off",
        """
        export function firstClick(run) {
          const listener = (event) => {
            document.removeEventListener('click', listener);
            run(event);
          };
          document.addEventListener('click', listener);
        }
        """,
    ),
    js(
        "a listener on what was made here",
        """
        export function picture(url, done) {
          const image = new Image();
          image.addEventListener('load', () => done(image));
          image.src = url;
        }
        """,
    ),
    js(
        "a listener on a parameter: the caller's business",
        """
        export function onClick(node, run) {
          node.addEventListener('click', run);
        }
        """,
    ),
    js(
        "a listener whose removal is given to the caller",
        """
        export function onResize(run) {
          window.addEventListener('resize', run);
          return () => window.removeEventListener('resize', run);
        }
        """,
    ),
    js(
        "a listener on a global in a function of unknown frequency",
        """
        export function onResize(run) {
          window.addEventListener('resize', run);
        }
        """,
        ("listener/never-released", "medium", 2),
    ),
    js(
        "a listener that the start of the page adds",
        """
        function start() {
          window.addEventListener('resize', () => console.log('resized'));
        }
        start();
        """,
    ),
]

PYTHON = [
    py(
        "closed in finally",
        """
        def first(path):
            f = open(path)
            try:
                return f.readline()
            finally:
                f.close()
        """,
    ),
    py(
        "close without finally",
        """
        def first(path):
            f = open(path)
            line = f.readline()
            f.close()
            return line
        """,
        ("file/not-released-on-error", "high", 2),
    ),
    py("return open", "def reader(path):\n    return open(path)\n"),
    py("a name is returned", "def reader(path):\n    f = open(path)\n    return f\n"),
    py("returned in a tuple", "def reader(path):\n    f = open(path)\n    return f, 1\n"),
    py(
        "returned in a dict or list, or by choice",
        """
        def one(path):
            f = open(path)
            return {'file': f}

        def two(path):
            f = open(path)
            return [f]

        def three(path, g):
            f = open(path)
            return f if path else g
        """,
    ),
    py("a bound method is returned", "def reader(path):\n    f = open(path)\n    return f.readline\n"),
    py(
        "a lazy reader is returned",
        """
        import csv

        def rows(path):
            f = open(path)
            return csv.reader(f)
        """,
    ),
    py(
        "a generator expression over it is returned",
        """
        def rows(path):
            f = open(path)
            return (line for line in f if line)
        """,
    ),
    py(
        "ExitStack.enter_context",
        """
        from contextlib import ExitStack

        def join(paths):
            with ExitStack() as stack:
                files = [stack.enter_context(open(path)) for path in paths]
                return [f.read() for f in files]
        """,
    ),
    py(
        "ExitStack.callback and addCleanup with the close method",
        """
        def one(stack, path):
            f = open(path)
            stack.callback(f.close)
            return f.read()

        class Case:
            def test(self):
                f = open('x')
                self.addCleanup(f.close)
                f.read()
        """,
    ),
    py("ExitStack.push", "def one(stack, path):\n    f = stack.push(open(path))\n    return f.read()\n"),
    py(
        "closing at once",
        """
        from contextlib import closing

        def one(path):
            with closing(open(path)) as f:
                return f.read()
        """,
    ),
    py(
        "closing later",
        """
        from contextlib import closing

        def one(path):
            f = open(path)
            with closing(f):
                return f.read()
        """,
    ),
    py("with later", "def one(path):\n    f = open(path)\n    with f:\n        return f.read()\n"),
    py(
        "open or standard output, closed under a guard",
        """
        import sys

        def write(path, rows):
            out = open(path, 'w') if path else sys.stdout
            try:
                for row in rows:
                    out.write(row)
            finally:
                if path:
                    out.close()
        """,
    ),
    py(
        "open or standard output, closed unless it is that",
        """
        import sys

        def write(path, rows):
            out = sys.stdout if path == '-' else open(path, 'w')
            try:
                out.writelines(rows)
            finally:
                if out is not sys.stdout:
                    out.close()
        """,
    ),
    py(
        "a class owns it",
        """
        from .readers import Reader

        def one(path):
            f = open(path)
            reader = Reader(f)
            return reader
        """,
    ),
    py(
        "a helper of the file closes it",
        """
        def finish(f):
            f.flush()
            f.close()

        def one(path, row):
            f = open(path, 'w')
            finish(f)
        """,
    ),
    py(
        "a comprehension opens them, a loop closes them",
        """
        def one(paths):
            files = [open(path) for path in paths]
            try:
                return [f.readline() for f in files]
            finally:
                for f in files:
                    f.close()
        """,
        ("file/not-released-on-error", "high", 2),
    ),
    py(
        "the iterable of a loop",
        """
        def one(path):
            for line in open(path):
                print(line)
        """,
        ("file/never-released", "high", 2),
    ),
    py(
        "an argument of a function that only reads it",
        """
        import json

        def one(path):
            return json.load(open(path))
        """,
        ("file/never-released", "high", 4),
    ),
    py("a chained read", "def one(path):\n    text = open(path).read()\n    return text\n", ("file/never-released", "high", 2)),
    py("opened and closed at once", "def touch(path):\n    open(path, 'w').close()\n"),
    py(
        "a context manager of one's own",
        """
        from contextlib import contextmanager

        @contextmanager
        def opened(path):
            f = open(path)
            try:
                yield f
            finally:
                f.close()
        """,
    ),
    py(
        "a fixture that closes behind its yield",
        """
        import pytest

        @pytest.fixture
        def log(tmp_path):
            f = open(tmp_path / 'log', 'w')
            yield f
            f.close()
        """,
    ),
    py(
        "a generator that is closed early",
        """
        def lines(path):
            f = open(path)
            for line in f:
                yield line
            f.close()
        """,
        ("file/not-released-on-error", "medium", 2),
    ),
    py(
        "sqlite3: with commits and does not close",
        """
        import sqlite3

        def total(path):
            with sqlite3.connect(path) as db:
                return db.execute('select count(*) from t').fetchone()[0]
        """,
        ("database/never-released", "high", 4),
    ),
    py(
        "psycopg: with closes",
        """
        import psycopg

        def total(url):
            with psycopg.connect(url) as db:
                return db.execute('select count(*) from t').fetchone()[0]
        """,
    ),
    py(
        "psycopg2: with ends the transaction only",
        """
        import psycopg2

        def total(url):
            with psycopg2.connect(url) as db:
                with db.cursor() as cursor:
                    cursor.execute('select 1')
        """,
        ("database/never-released", "high", 4),
    ),
    py(
        "its own query fails before the cursor is returned",
        """
        import sqlite3

        def rows(path):
            db = sqlite3.connect(path)
            return db.execute('select * from t')
        """,
        ("database/not-released-on-error", "high", 4),
    ),
    py(
        "a socket whose own connect fails before it is returned",
        """
        import socket

        def dial(address):
            sock = socket.socket()
            sock.connect(address)
            return sock
        """,
        ("socket/not-released-on-error", "high", 4),
    ),
    py(
        "a socket that is closed on every error",
        """
        import socket

        def dial(address):
            sock = socket.socket()
            try:
                sock.connect(address)
            except BaseException:
                sock.close()
                raise
            return sock
        """,
    ),
    py(
        "a socket wrapped by TLS",
        """
        import socket
        import ssl

        def dial(host):
            raw = socket.create_connection((host, 443))
            with ssl.create_default_context().wrap_socket(raw, server_hostname=host) as sock:
                return sock.recv(10)
        """,
    ),
    py(
        "an async session closed on the way without errors",
        """
        import aiohttp

        async def fetch(url):
            session = aiohttp.ClientSession()
            response = await session.get(url)
            await session.close()
            return response
        """,
        ("http/not-released-on-error", "high", 4),
    ),
    py(
        "a session that is made for one call",
        """
        import requests

        def fetch(url):
            return requests.Session().get(url).text
        """,
        ("http/never-released", "high", 4),
    ),
    py(
        "requests.get needs nothing",
        """
        import requests

        def fetch(url):
            return requests.get(url).text
        """,
    ),
    py(
        "assigned again while open",
        """
        def both(one, other):
            f = open(one)
            a = f.read()
            f = open(other)
            with f:
                return a + f.read()
        """,
        ("file/overwritten-while-open", "high", 2),
    ),
    py(
        "two files, closed in a finally",
        """
        def copy(one, other):
            source = open(one)
            try:
                target = open(other, 'w')
                try:
                    target.write(source.read())
                finally:
                    target.close()
            finally:
                source.close()
        """,
    ),
    py(
        "two files, the second of which may not open",
        """
        def copy(one, other):
            source, target = open(one), open(other, 'w')
            try:
                target.write(source.read())
            finally:
                source.close()
                target.close()
        """,
        ("file/not-released-on-error", "high", 2),
    ),
    py(
        "not a resource",
        """
        import io

        def text():
            buffer = io.StringIO()
            buffer.write('x')
            return buffer.getvalue()
        """,
    ),
    py(
        "a name that shadows open",
        """
        from .archive import open

        def one(path):
            return open(path).read()
        """,
    ),
    py(
        "a method named open",
        """
        def one(archive, path):
            return archive.open(path).read()
        """,
    ),
    py(
        "os.fdopen takes the descriptor over",
        """
        import os

        def one(fd):
            with os.fdopen(fd) as f:
                return f.read()
        """,
    ),
    py(
        "a nested function keeps it",
        """
        def writer(path):
            f = open(path, 'w')

            def write(text):
                f.write(text)

            return write
        """,
        ("file/never-released", "medium", 2),
    ),
    py(
        "a lambda releases it later",
        """
        import atexit

        def log(path):
            f = open(path, 'a')
            atexit.register(lambda: f.close())
            f.write('start')
        """,
    ),
    py(
        "an exit handler gets its close method",
        """
        import atexit

        def log(path):
            f = open(path, 'a')
            atexit.register(f.close)
            f.write('start')
        """,
    ),
    py(
        "only logging stands between",
        """
        def note(path):
            f = open(path)
            print('opened', path)
            f.close()
        """,
    ),
    py(
        "a handler for one error, closed behind it",
        """
        def read(path):
            f = open(path)
            try:
                text = f.read()
            except UnicodeDecodeError:
                text = ''
            f.close()
            return text
        """,
        ("file/not-released-on-error", "medium", 2),
    ),
    py(
        "an early return",
        """
        def read(path):
            f = open(path)
            if not path:
                return None
            f.close()
            return path
        """,
        ("file/never-released", "high", 2),
    ),
    py(
        "continue before the close",
        """
        def read(paths):
            for path in paths:
                f = open(path)
                if not path:
                    continue
                f.close()
        """,
        ("file/never-released", "high", 3),
    ),
    py(
        "raise after it is opened",
        """
        def read(path):
            f = open(path)
            if not path:
                raise ValueError(path)
            f.close()
        """,
        ("file/not-released-on-error", "high", 2),
    ),
    py("a file of the module", "LOG = open('log', 'a')\n\n\ndef note(text):\n    LOG.write(text)\n"),
    py(
        "a file of the module that nothing keeps",
        "import json\n\nSETTINGS = json.load(open('settings.json'))\n",
        ("file/never-released", "high", 3),
    ),
    py(
        "a walrus in a condition",
        """
        def read(path):
            if (f := open(path)):
                text = f.read()
                f.close()
                return text
        """,
        ("file/not-released-on-error", "high", 2),
    ),
    py(
        "match",
        """
        def read(path, mode):
            f = open(path)
            match mode:
                case 'text':
                    f.close()
                case 'binary':
                    print('kept')
        """,
        ("file/never-released", "high", 2),
    ),
]


@pytest.mark.parametrize("row", [*JAVASCRIPT, *TIMERS_AND_LISTENERS], ids=str)
def test_javascript(row: Row) -> None:
    check(row)


@pytest.mark.parametrize("row", PYTHON, ids=str)
def test_python(row: Row) -> None:
    check(row)
