"""Handles in the fields of a class, and what its methods start and drop."""

from __future__ import annotations

import pytest

from tests.fixers.judging import Row, check, js, py, ts

JAVASCRIPT = [
    js(
        "a teardown that forgets a field",
        """
        export class Poller {
          constructor(source) {
            this.source = source;
            this.timer = setInterval(() => source.refresh(), 1000);
          }
          close() {
            this.source.close();
          }
        }
        """,
        ("timer/forgotten-by-teardown", "high", 4),
    ),
    js(
        "a teardown that ends it",
        """
        export class Poller {
          constructor(source) {
            this.timer = setInterval(() => source.refresh(), 1000);
          }
          close() {
            clearInterval(this.timer);
          }
        }
        """,
    ),
    js(
        "a teardown that ends it through a helper",
        """
        export class Poller {
          start(source) {
            this.stop();
            this.timer = setInterval(() => source.refresh(), 1000);
          }
          stop() {
            clearInterval(this.timer);
            this.timer = undefined;
          }
          destroy() {
            this.stop();
          }
        }
        """,
    ),
    js(
        "a teardown that ends it under another name",
        """
        export class Poller {
          constructor(source) {
            this.timer = setInterval(() => source.refresh(), 1000);
          }
          dispose() {
            const { timer } = this;
            clearInterval(timer);
          }
        }
        """,
    ),
    js(
        "one of two forgotten",
        """
        export class Session {
          constructor(url) {
            this.socket = new WebSocket(url);
            this.beat = setInterval(() => this.socket.send('.'), 1000);
          }
          close() {
            clearInterval(this.beat);
          }
        }
        """,
        ("socket/forgotten-by-teardown", "high", 3),
    ),
    js(
        "no teardown at all",
        """
        export class Clock {
          constructor(run) {
            this.timer = setInterval(run, 1000);
          }
        }
        """,
        ("timer/never-released", "medium", 3),
    ),
    js(
        "a Set of handles, cleared in a loop",
        """
        export class Scheduler {
          constructor() {
            this.timers = new Set();
          }
          every(ms, run) {
            const timer = setInterval(run, ms);
            this.timers.add(timer);
          }
          close() {
            for (const timer of this.timers) clearInterval(timer);
            this.timers.clear();
          }
        }
        """,
    ),
    js(
        "a Set of handles, forgotten",
        """
        export class Scheduler {
          constructor(log) {
            this.log = log;
            this.timers = new Set();
          }
          every(ms, run) {
            const timer = setInterval(run, ms);
            this.timers.add(timer);
          }
          close() {
            this.log.end();
            this.timers.clear();
          }
        }
        """,
        ("timer/forgotten-by-teardown", "high", 7),
    ),
    js(
        "a Map of handles, cleared by forEach",
        """
        export class Scheduler {
          timers = new Map();
          every(name, ms, run) {
            this.timers.set(name, setInterval(run, ms));
          }
          close() {
            this.timers.forEach((timer) => clearInterval(timer));
          }
        }
        """,
    ),
    js(
        "a Map of handles, each cleared by name",
        """
        export class Scheduler {
          timers = new Map();
          every(name, ms, run) {
            this.timers.set(name, setInterval(run, ms));
          }
          cancel(name) {
            clearInterval(this.timers.get(name));
          }
          close() {
            for (const name of this.timers.keys()) this.cancel(name);
          }
        }
        """,
    ),
    js(
        "handles in an object, by values",
        """
        export class Scheduler {
          timers = {};
          every(name, ms, run) {
            this.timers[name] = setInterval(run, ms);
          }
          close() {
            Object.values(this.timers).forEach(clearInterval);
          }
        }
        """,
    ),
    js(
        "an array of stop functions",
        """
        export class Scheduler {
          stops = [];
          every(ms, run) {
            const timer = setInterval(run, ms);
            this.stops.push(() => clearInterval(timer));
          }
          close() {
            this.stops.forEach((stop) => stop());
          }
        }
        """,
    ),
    js(
        "a stop function in a field",
        """
        export class Ticker {
          start(run) {
            const timer = setInterval(run, 1000);
            this.halt = () => clearInterval(timer);
          }
          close() {
            this.halt();
          }
        }
        """,
    ),
    js(
        "a restart that overwrites a live handle",
        """
        export class Connection {
          connect() {
            this.socket = new WebSocket(this.url);
            this.socket.onclose = () => this.connect();
            this.beat = setInterval(() => this.socket.send('.'), 1000);
          }
          close() {
            clearInterval(this.beat);
            this.socket.close();
          }
        }
        """,
        ("socket/overwritten-while-open", "high", 3),
        ("timer/overwritten-while-open", "high", 5),
    ),
    js(
        "a restart that ends the old handle first",
        """
        export class Connection {
          connect() {
            clearInterval(this.beat);
            this.beat = setInterval(() => this.ping(), 1000);
            this.emitter.once('drop', () => this.connect());
          }
          close() {
            clearInterval(this.beat);
          }
        }
        """,
    ),
    js(
        "a restart under a guard",
        """
        export class Poller {
          start() {
            if (this.timer) return;
            this.timer = setInterval(() => this.start(), 1000);
          }
          stop() {
            clearInterval(this.timer);
            this.timer = null;
          }
        }
        """,
    ),
    js(
        "two ways to fill one field",
        """
        export class Poller {
          fast() {
            this.timer = setInterval(() => this.tick(), 100);
          }
          slow() {
            this.timer = setInterval(() => this.tick(), 1000);
          }
          close() {
            clearInterval(this.timer);
          }
        }
        """,
        ("timer/overwritten-while-open", "high", 3),
        ("timer/overwritten-while-open", "high", 6),
    ),
    js(
        "start and stop are a pair",
        """
        export class Poller {
          start() {
            this.timer = setInterval(() => this.tick(), 100);
          }
          stop() {
            clearInterval(this.timer);
          }
        }
        """,
    ),
    js(
        "a pair beside a teardown that does not use it",
        """
        export class Poller {
          start() {
            this.timer = setInterval(() => this.tick(), 100);
          }
          stop() {
            clearInterval(this.timer);
          }
          destroy() {
            this.node.remove();
          }
        }
        """,
    ),
    js(
        "private fields and methods",
        """
        export class Poller {
          #timer;
          constructor(run) {
            this.#timer = setInterval(run, 1000);
          }
          #stop() {
            clearInterval(this.#timer);
          }
          [Symbol.dispose]() {
            this.#stop();
          }
        }
        """,
    ),
    js(
        "a field that is filled where it is declared",
        """
        export class Poller {
          timer = setInterval(() => this.tick(), 1000);
          tick() {}
          close() {
            this.closed = true;
          }
        }
        """,
        ("timer/forgotten-by-teardown", "high", 2),
    ),
    js(
        "a listener that the teardown forgets",
        """
        export class Shortcuts {
          constructor() {
            this.onKey = (event) => this.run(event);
            window.addEventListener('keydown', this.onKey);
          }
          destroy() {
            this.disabled = true;
          }
        }
        """,
        ("listener/forgotten-by-teardown", "high", 4),
    ),
    js(
        "a listener that the teardown takes off",
        """
        export class Shortcuts {
          constructor() {
            this.onKey = (event) => this.run(event);
            window.addEventListener('keydown', this.onKey);
          }
          destroy() {
            window.removeEventListener('keydown', this.onKey);
          }
        }
        """,
    ),
    js(
        "a bound method, taken off as another one",
        """
        export class Shortcuts {
          constructor() {
            window.addEventListener('keydown', this.run.bind(this));
          }
          run() {}
          destroy() {
            window.removeEventListener('keydown', this.run.bind(this));
          }
        }
        """,
        ("listener/forgotten-by-teardown", "high", 3),
    ),
    js(
        "bound in the constructor, taken off by that name",
        """
        export class Shortcuts {
          constructor() {
            this.run = this.run.bind(this);
            window.addEventListener('keydown', this.run);
          }
          run() {}
          destroy() {
            window.removeEventListener('keydown', this.run);
          }
        }
        """,
    ),
    js(
        "another event is taken off",
        """
        export class Shortcuts {
          constructor() {
            window.addEventListener('keydown', this.run);
          }
          run() {}
          destroy() {
            window.removeEventListener('keyup', this.run);
          }
        }
        """,
        ("listener/forgotten-by-teardown", "high", 3),
    ),
    js(
        "an inline listener can never be taken off",
        """
        export class Shortcuts {
          constructor() {
            document.addEventListener('keydown', (event) => this.run(event));
          }
          destroy() {
            document.removeEventListener('keydown', (event) => this.run(event));
          }
        }
        """,
        ("listener/forgotten-by-teardown", "high", 3),
    ),
    js(
        "handleEvent: the instance is the listener",
        """
        export class Shortcuts {
          constructor() {
            window.addEventListener('keydown', this);
          }
          handleEvent() {}
          destroy() {
            window.removeEventListener('keydown', this);
          }
        }
        """,
    ),
    js(
        "a custom element without disconnectedCallback",
        """
        class Clock extends HTMLElement {
          connectedCallback() {
            this.timer = setInterval(() => this.draw(), 1000);
          }
        }
        """,
        ("timer/never-released", "high", 3),
    ),
    js(
        "a custom element that ends it",
        """
        class Clock extends HTMLElement {
          connectedCallback() {
            this.timer = setInterval(() => this.draw(), 1000);
          }
          disconnectedCallback() {
            clearInterval(this.timer);
          }
        }
        """,
    ),
    js(
        "a Lit element that listens to the window",
        """
        import { LitElement } from 'lit';
        export class Panel extends LitElement {
          connectedCallback() {
            super.connectedCallback();
            window.addEventListener('resize', this.onResize);
          }
          disconnectedCallback() {
            super.disconnectedCallback();
          }
        }
        """,
        ("listener/forgotten-by-teardown", "high", 5),
    ),
    js(
        "a React class component",
        """
        import React from 'react';
        export class Clock extends React.Component {
          componentDidMount() {
            this.timer = setInterval(() => this.tick(), 1000);
            window.addEventListener('resize', this.onResize);
          }
          componentWillUnmount() {
            clearInterval(this.timer);
          }
        }
        """,
        ("listener/forgotten-by-teardown", "high", 5),
    ),
    ts(
        "an Angular component",
        """
        import { Component, OnInit } from '@angular/core';
        @Component({ selector: 'app-clock', template: '' })
        export class ClockComponent implements OnInit {
          private timer: ReturnType<typeof setInterval> | null = null;
          ngOnInit(): void {
            this.timer = setInterval(() => this.tick(), 1000);
          }
          tick(): void {}
        }
        """,
        ("timer/never-released", "high", 6),
    ),
    ts(
        "an Angular component that ends it",
        """
        import { Component, OnDestroy } from '@angular/core';
        @Component({ selector: 'app-clock', template: '' })
        export class ClockComponent implements OnDestroy {
          private timer?: number;
          constructor() {
            this.timer = window.setInterval(() => this.tick(), 1000);
          }
          tick(): void {}
          ngOnDestroy(): void {
            if (this.timer) clearInterval(this.timer);
          }
        }
        """,
    ),
    ts(
        "a base class of the repository may end it",
        """
        import { Disposable } from './base';
        export class Poller extends Disposable {
          start(): void {
            this.timer = setInterval(() => this.tick(), 1000);
          }
          dispose(): void {
            super.dispose();
          }
        }
        """,
        ("timer/forgotten-by-teardown", "medium", 4),
    ),
    ts(
        "a base class of the file ends it",
        """
        abstract class Base {
          protected timer?: ReturnType<typeof setInterval>;
          dispose(): void {
            clearInterval(this.timer);
          }
        }
        export class Poller extends Base {
          start(): void {
            if (this.timer) return;
            this.timer = setInterval(() => this.tick(), 1000);
          }
          tick(): void {}
        }
        """,
    ),
    ts(
        "a base class takes it over: _register",
        """
        import { Disposable } from 'vs/base/common/lifecycle';
        export class Poller extends Disposable {
          constructor(run: () => void) {
            super();
            const timer = setInterval(run, 1000);
            this._register({ dispose: () => clearInterval(timer) });
          }
        }
        """,
    ),
    js(
        "the handle is given to somebody else's field",
        """
        export class Poller {
          constructor(registry) {
            registry.timer = setInterval(() => this.tick(), 1000);
          }
          close() {}
        }
        """,
    ),
    js(
        "a one-shot timeout that touches nothing at the end",
        """
        export class Toast {
          show() {
            this.timer = setTimeout(() => this.hide(), 3000);
          }
          hide() {}
          destroy() {
            this.node.remove();
          }
        }
        """,
        ("timer/forgotten-by-teardown", "medium", 3),
    ),
    js(
        "a timeout that re-arms itself",
        """
        export class Poller {
          tick() {
            this.timer = setTimeout(() => this.tick(), 1000);
          }
          close() {
            clearTimeout(this.timer);
          }
        }
        """,
    ),
    js(
        "a constructor function with prototype methods",
        """
        function Poller(run) {
          this.timer = setInterval(run, 1000);
        }
        Poller.prototype.close = function () {
          this.closed = true;
        };
        module.exports = Poller;
        """,
        ("timer/forgotten-by-teardown", "high", 2),
    ),
    js(
        "a process listener per instance",
        """
        export class Worker {
          constructor(queue) {
            this.stop = () => queue.drain();
            process.on('SIGTERM', this.stop);
          }
          close() {
            process.removeListener('SIGTERM', this.stop);
          }
        }
        """,
    ),
    js(
        "every listener of the event is taken off",
        """
        export class Worker {
          constructor(queue) {
            process.on('SIGTERM', () => queue.drain());
          }
          close() {
            process.removeAllListeners('SIGTERM');
          }
        }
        """,
    ),
    js(
        "a pool of a store, ended by an async method",
        """
        import { Pool } from 'pg';
        export class Store {
          constructor(url) {
            this.pool = new Pool({ connectionString: url });
          }
          async close() {
            await this.pool.end();
          }
        }
        """,
    ),
    js(
        "a database of a store, forgotten",
        """
        import Database from 'better-sqlite3';
        export class Store {
          constructor(file) {
            this.db = new Database(file);
          }
          close() {
            this.cache = null;
          }
        }
        """,
        ("database/forgotten-by-teardown", "high", 4),
    ),
]

PYTHON = [
    py(
        "closed in close",
        """
        class Log:
            def __init__(self, path):
                self.file = open(path, 'a')

            def close(self):
                self.file.close()
        """,
    ),
    py(
        "opened in __enter__, closed in __exit__",
        """
        class Log:
            def __enter__(self):
                self.file = open('log', 'a')
                return self

            def __exit__(self, *error):
                self.file.close()
        """,
    ),
    py(
        "forgotten by close",
        """
        import sqlite3

        class Store:
            def __init__(self, path, log):
                self.log = log
                self.db = sqlite3.connect(path)

            def close(self):
                self.log.info('closed')
        """,
        ("database/forgotten-by-teardown", "high", 6),
    ),
    py(
        "no teardown",
        """
        class Log:
            def __init__(self, path):
                self.file = open(path, 'a')

            def write(self, text):
                self.file.write(text)
        """,
        ("file/never-released", "medium", 3),
    ),
    py(
        "closed under a guard, under another name",
        """
        class Log:
            file = None

            def start(self, path):
                if self.file is None:
                    self.file = open(path, 'a')

            def stop(self):
                file, self.file = self.file, None
                if file is not None:
                    file.close()
        """,
    ),
    py(
        "closed by whichever method, also one that is no teardown",
        """
        class Log:
            def rotate(self, path):
                self.file.close()
                self.file = open(path, 'a')
        """,
    ),
    py(
        "a list of files",
        """
        class Logs:
            def __init__(self):
                self.files = []

            def add(self, path):
                self.files.append(open(path))

            def close(self):
                for file in self.files:
                    file.close()
        """,
    ),
    py(
        "a dict of files, closed by values",
        """
        class Logs:
            def __init__(self):
                self.files = {}

            def get(self, path):
                if path not in self.files:
                    self.files[path] = open(path)
                return self.files[path]

            def close(self):
                while self.files:
                    _, file = self.files.popitem()
                    file.close()
        """,
    ),
    py(
        "a dict of files, forgotten",
        """
        class Logs:
            def __init__(self):
                self.files = {}

            def add(self, path):
                self.files[path] = open(path)

            def close(self):
                self.files = {}
        """,
        ("file/forgotten-by-teardown", "high", 6),
    ),
    py(
        "an exit stack of the instance",
        """
        from contextlib import ExitStack

        class Logs:
            def __init__(self, path):
                self.stack = ExitStack()
                self.file = self.stack.enter_context(open(path))

            def close(self):
                self.stack.close()
        """,
    ),
    py(
        "overwritten on reconnect",
        """
        import socket

        class Link:
            def connect(self):
                self.sock = socket.create_connection(self.address)

            def send(self, data):
                try:
                    self.sock.sendall(data)
                except OSError:
                    self.connect()
                    self.sock.sendall(data)

            def dial(self):
                self.connect()

            def close(self):
                self.sock.close()
        """,
    ),
    py(
        "two methods fill one field",
        """
        import socket

        class Link:
            def connect(self):
                self.sock = socket.create_connection(self.address)

            def fall_back(self):
                self.sock = socket.create_connection(self.other)

            def close(self):
                self.sock.close()
        """,
        ("socket/overwritten-while-open", "high", 5),
        ("socket/overwritten-while-open", "high", 8),
    ),
    py(
        "an async session, closed",
        """
        import aiohttp

        class Client:
            async def start(self):
                self.session = aiohttp.ClientSession()

            async def close(self):
                await self.session.close()
        """,
    ),
    py(
        "an async session, forgotten",
        """
        import aiohttp

        class Client:
            async def start(self):
                self.session = aiohttp.ClientSession()

            async def close(self):
                self.started = False
        """,
        ("http/forgotten-by-teardown", "high", 5),
    ),
    py(
        "owned only if made here",
        """
        import requests

        class Client:
            def __init__(self, session=None):
                self.own = session is None
                self.session = session or requests.Session()

            def close(self):
                if self.own:
                    self.session.close()
        """,
    ),
    py(
        "a module's file handed to the instance",
        """
        class Client:
            def __init__(self, file):
                self.file = file

            def close(self):
                pass

        def make(path):
            return Client(open(path))
        """,
    ),
    py(
        "weakref.finalize",
        """
        import weakref

        class Log:
            def __init__(self, path):
                self.file = open(path)
                weakref.finalize(self, self.file.close)
        """,
    ),
    py(
        "a base class outside the repository",
        """
        import threading
        import requests

        class Worker(threading.Thread):
            def __init__(self):
                super().__init__()
                self.session = requests.Session()

            def stop(self):
                self.stopped = True
        """,
        ("http/forgotten-by-teardown", "high", 7),
    ),
    py(
        "a base class of the repository",
        """
        import requests
        from .base import Service

        class Worker(Service):
            def __init__(self):
                super().__init__()
                self.session = requests.Session()

            def close(self):
                super().close()
        """,
        ("http/forgotten-by-teardown", "medium", 7),
    ),
    py(
        "a local of a method is a local",
        """
        class Report:
            def write(self, path):
                out = open(path, 'w')
                out.write(self.text)
                out.close()
        """,
        ("file/not-released-on-error", "high", 3),
    ),
    py(
        "a class attribute",
        """
        class Log:
            file = open('log', 'a')

            def write(self, text):
                self.file.write(text)
        """,
        ("file/never-released", "medium", 2),
    ),
    py(
        "setUp and tearDown",
        """
        import sqlite3
        import unittest

        class StoreCase(unittest.TestCase):
            def setUp(self):
                self.db = sqlite3.connect(':memory:')

            def tearDown(self):
                self.db.close()
        """,
    ),
]


@pytest.mark.parametrize("row", JAVASCRIPT, ids=str)
def test_javascript(row: Row) -> None:
    check(row)


@pytest.mark.parametrize("row", PYTHON, ids=str)
def test_python(row: Row) -> None:
    check(row)
