"""Programs run before and after their fixes, on stand-ins that count what is open: nothing else they do may change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixers.fixes.javascript_mending import mended
from tests.node import run_node

if TYPE_CHECKING:
    from pathlib import Path

WORLD = """
const open = new Set();
const said = [];
let last = 0;
const acquire = (kind) => { const handle = { kind, id: ++last }; open.add(handle); return handle; };
globalThis.setInterval = (run) => Object.assign(acquire('interval'), { run });
globalThis.clearInterval = (handle) => { open.delete(handle); };
globalThis.setTimeout = (run) => Object.assign(acquire('timeout'), { run });
globalThis.clearTimeout = globalThis.clearInterval;
globalThis.WebSocket = class { constructor(url) { this.url = url; open.add(this); } close() { open.delete(this); } };
globalThis.window = {
  listeners: new Map(),
  addEventListener(type, listener, options) {
    const key = type + Boolean(options === true || options?.capture);
    if (this.listeners.has(key + listener)) return;
    this.listeners.set(listener, Object.assign(acquire('listener'), { key }));
  },
  removeEventListener(type, listener, options) {
    const handle = this.listeners.get(listener);
    if (handle?.key === type + Boolean(options === true || options?.capture)) open.delete(handle);
  },
};
export { open, said };
"""
REACT = """
export const cleanups = [];
export const useEffect = (run) => { const cleanup = run(); if (typeof cleanup === 'function') cleanups.push(cleanup); };
export const useRef = (current) => ({ current });
export const useState = (value) => [value, () => {}];
export class Component { constructor(props) { this.props = props; } setState() {} }
"""
PG = """
import { open, said } from '../../world.mjs';
export class Pool {
  async connect() {
    const client = {
      async query(text) {
        said.push(text);
        if (text === 'fail') throw new Error('failed');
        return { rows: [{ id: 1 }] };
      },
      release() { if (!open.delete(client)) throw new Error('released twice'); said.push('release'); },
    };
    open.add(client);
    return client;
  }
}
"""
SQLITE = """
import { open, said } from '../../world.mjs';
export default class Database {
  constructor(file) { this.file = file; open.add(this); }
  prepare(text) {
    if (!open.has(this)) throw new Error('closed');
    said.push(text);
    if (text === 'fail') throw new Error('failed');
    return { all: () => [{ id: 1 }], get: () => ({ id: 1 }) };
  }
  close() { open.delete(this); said.push('close'); }
}
"""

COMPONENTS = {
    "an interval": "useEffect(() => {\n  said.push('start');\n  setInterval(() => said.push('tick'), 5);\n}, []);",
    "a listener with capture": (
        "useEffect(() => {\n  window.addEventListener('scroll', () => said.push('s'), { capture: true });\n}, []);"
    ),
    "three at once": (
        "useEffect(() => {\n  setInterval(() => said.push('tick'), 5);\n  new WebSocket('u').onmessage = null;\n"
        "  const socket = new WebSocket('v');\n  socket.onmessage = null;\n"
        "  window.addEventListener('focus', () => said.push('f'));\n"
        "  return () => said.push('stop');\n}, []);"
    ),
    "under a condition": "useEffect(() => {\n  if (props.on) setInterval(() => said.push('tick'), 5);\n}, []);",
    "under a condition that does not hold": (
        "useEffect(() => {\n  if (props.off) {\n    const socket = new WebSocket('u');\n"
        "    socket.binaryType = 'blob';\n  }\n}, []);"
    ),
    "a ref": (
        "const timer = useRef(null);\nconst arm = () => {\n  clearTimeout(timer.current);\n"
        "  timer.current = setTimeout(() => said.push('late'), 5);\n};\narm();\narm();"
    ),
}
FUNCTIONS = {
    "one query": "const client = await pool.connect();\nawait client.query(text);\nclient.release();",
    "a value": (
        "const client = await pool.connect();\nconst { rows } = await client.query(text);\nclient.release();\n"
        "return rows.map((row) => row.id);"
    ),
    "ends": (
        "const client = await pool.connect();\nconst { rows } = await client.query(text);\nif (rows.length > 1) {\n"
        "  client.release();\n  return 'many';\n}\nclient.release();\nreturn rows[0].id;"
    ),
    "a try": (
        "const client = await pool.connect();\ntry {\n  await client.query(text);\n  client.release();\n"
        "} catch (error) {\n  said.push(error.message);\n}"
    ),
    "order": (
        "const db = new Database('f');\nconst rows = db.prepare(text).all();\ndb.close();\n"
        "said.push('after');\nreturn rows;"
    ),
    "no release": "const db = new Database('f');\nconst row = db.prepare(text).get();\nreturn row.id;",
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    (tmp_path / "world.mjs").write_text(WORLD)
    for name, text in {"react": REACT, "pg": PG, "better-sqlite3": SQLITE}.items():
        package = tmp_path / "node_modules" / name
        package.mkdir(parents=True)
        (package / "index.mjs").write_text(text)
        (package / "package.json").write_text('{"exports": "./index.mjs"}')
    return tmp_path


def ran(world: Path, name: str, module: str, drive: str) -> dict[str, Any]:
    """What a module says, and leaves open, when it is driven."""
    (world / f"{name}.mjs").write_text(module)
    driver = world / f"{name}-driver.mjs"
    driver.write_text(
        f"import {{ open, said }} from './world.mjs';\nimport * as module from './{name}.mjs';\n{drive}\n"
        "console.log(JSON.stringify({ said, open: open.size, outcome }));\n"
    )
    outcome: dict[str, Any] = json.loads(run_node(driver))
    return outcome


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_does_the_same_and_leaves_nothing_open(world: Path, name: str) -> None:
    body = "\n".join(f"  {line}" for line in COMPONENTS[name].split("\n"))
    before = (
        "import { useEffect, useRef } from 'react';\nimport { said } from './world.mjs';\n\n"
        f"export function Live(props) {{\n{body}\n  return null;\n}}\n"
    )
    result = mended("src/Live.jsx", before.encode())
    assert result.fixed
    mount = "import { cleanups } from 'react';\nmodule.Live({ on: true });\nconst outcome = open.size;\n"
    unmount = f"{mount}for (const cleanup of [...cleanups, ...cleanups]) cleanup();\n"
    old, new = ran(world, "before", before, mount), ran(world, "after", result.data.decode(), mount)
    assert new == old
    old, new = ran(world, "before", before, unmount), ran(world, "after", result.data.decode(), unmount)
    assert new["said"] == old["said"]
    assert new["open"] == (1 if name == "three at once" else 0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_does_the_same_and_closes_whatever_happens(world: Path, name: str) -> None:
    body = "\n".join(f"  {line}" for line in FUNCTIONS[name].split("\n"))
    before = (
        "import { Pool } from 'pg';\nimport Database from 'better-sqlite3';\nimport { said } from './world.mjs';\n\n"
        f"const pool = new Pool();\n\nexport async function run(text) {{\n{body}\n}}\n"
    )
    result = mended("src/run.js", before.encode())
    assert result.fixed
    after = result.data.decode()
    drive = (
        "const outcome = await module.run({}).then((value) => ({{ value }}), (error) => ({{ error: error.message }}));"
    )
    good, bad = drive.format("'select'"), drive.format("'fail'")
    old, new = ran(world, "before", before, good), ran(world, "after", after, good)
    assert new["outcome"] == old["outcome"]
    assert [word for word in new["said"] if word != "close"] == [word for word in old["said"] if word != "close"]
    assert new["open"] == 0
    if name != "no release":
        assert new["said"] == old["said"]
    old, new = ran(world, "before", before, bad), ran(world, "after", after, bad)
    assert new["outcome"] == old["outcome"]
    assert (old["open"], new["open"]) == (1, 0)


def test_a_class_ends_what_its_constructor_starts(world: Path) -> None:
    before = (
        "import { said } from './world.mjs';\n\nexport class Feed {\n  constructor(url) {\n"
        "    this.socket = new WebSocket(url);\n    setInterval(() => said.push('tick'), 5);\n"
        "    this.onScroll = () => said.push('scroll');\n"
        "    window.addEventListener('scroll', this.onScroll, true);\n  }\n\n"
        "  open(url) {\n    this.second = new WebSocket(url);\n  }\n\n"
        "  destroy() {\n    said.push('gone');\n  }\n}\n"
    )
    result = mended("src/feed.js", before.encode())
    assert len(result.fixed) == 4
    drive = "const feed = new module.Feed('u');\nconst outcome = open.size;\nfeed.destroy();\nfeed.destroy();"
    old, new = ran(world, "before", before, drive), ran(world, "after", result.data.decode(), drive)
    assert (new["outcome"], new["said"]) == (old["outcome"], old["said"]) == (3, ["gone", "gone"])
    assert (old["open"], new["open"]) == (3, 0)


def test_what_is_opened_again_is_closed_before(world: Path) -> None:
    before = (
        "export class Bridge {\n  connect(url) {\n    this.socket = new WebSocket(url);\n"
        "    this.socket.onmessage = (event) => this.connect(event);\n  }\n\n"
        "  close() {\n    if (this.socket) this.socket.close();\n  }\n}\n"
    )
    result = mended("src/bridge.js", before.encode())
    assert len(result.fixed) == 1
    drive = (
        "const bridge = new module.Bridge();\nbridge.connect('a');\nbridge.socket.onmessage('b');\n"
        "const outcome = [bridge.socket.url, open.size];\nbridge.close();"
    )
    old, new = ran(world, "before", before, drive), ran(world, "after", result.data.decode(), drive)
    assert (old["outcome"], old["open"]) == (["b", 2], 1)
    assert (new["outcome"], new["open"]) == (["b", 1], 0)
