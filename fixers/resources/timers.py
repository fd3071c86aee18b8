"""Timers of browsers and Node: setInterval, setTimeout."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Function, Method, Resource, Tables

_CLEARS = (Function("global.clearInterval"), Function("global.clearTimeout"))
_NODE_CLEARS = (Function("timers.clearInterval"), Function("timers.clearTimeout"))

RESOURCES = (
    Resource(
        id="node:timers.setInterval",
        family=Family.TIMER,
        tables=Tables.JAVASCRIPT,
        label="setInterval",
        noun="interval",
        ended="cleared",
        acquired_by=("global.setInterval", "timers.setInterval"),
        released_by=(*_CLEARS, *_NODE_CLEARS, Method("close"), Method("[Symbol.dispose]")),
        words=(b"setInterval",),
        gives=frozenset({"ref", "refresh"}),
        detached_by=frozenset({"unref"}),
        source="https://nodejs.org/api/timers.html; each clear function ends both kinds (HTML, 8.6 Timers)",
        leaking=(
            Example(
                "src/poller.js",
                "forgotten-by-teardown",
                "export class Poller {\n"
                "  constructor(source) {\n"
                "    this.source = source;\n"
                "    this.timer = setInterval(() => this.source.refresh(), 5000);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.source.close();\n"
                "  }\n"
                "}\n",
                "export class Poller {\n"
                "  constructor(source) {\n"
                "    this.source = source;\n"
                "    this.timer = setInterval(() => this.source.refresh(), 5000);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    clearInterval(this.timer);\n"
                "    this.source.close();\n"
                "  }\n"
                "}\n",
            ),
            Example(
                "src/Clock.jsx",
                "never-released",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function Clock() {\n"
                "  const [now, setNow] = useState(Date.now());\n"
                "  useEffect(() => {\n"
                "    setInterval(() => setNow(Date.now()), 1000);\n"
                "  }, []);\n"
                "  return <time>{now}</time>;\n"
                "}\n",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function Clock() {\n"
                "  const [now, setNow] = useState(Date.now());\n"
                "  useEffect(() => {\n"
                "    const interval = setInterval(() => setNow(Date.now()), 1000);\n"
                "    return () => clearInterval(interval);\n"
                "  }, []);\n"
                "  return <time>{now}</time>;\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/beat.js",
                "unref: it does not keep the process alive, and the module owns it",
                "setInterval(() => console.log('alive'), 60000).unref();\n",
            ),
            Clean(
                "src/retry.js",
                "the interval clears itself",
                "export function waitFor(check, done) {\n"
                "  const timer = setInterval(() => {\n"
                "    if (check()) {\n"
                "      clearInterval(timer);\n"
                "      done();\n"
                "    }\n"
                "  }, 100);\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="node:timers.setTimeout",
        family=Family.TIMER,
        tables=Tables.JAVASCRIPT,
        label="setTimeout",
        noun="timeout",
        ended="cleared",
        acquired_by=("global.setTimeout", "timers.setTimeout"),
        released_by=(
            Function("global.clearTimeout"),
            Function("global.clearInterval"),
            *reversed(_NODE_CLEARS),
            Method("close"),
            Method("[Symbol.dispose]"),
        ),
        words=(b"setTimeout",),
        gives=frozenset({"ref", "refresh"}),
        detached_by=frozenset({"unref"}),
        one_shot=True,
        error_leaks=False,
        source="https://nodejs.org/api/timers.html",
        leaking=(
            Example(
                "src/session.js",
                "forgotten-by-teardown",
                "export class Session {\n"
                "  touch() {\n"
                "    clearTimeout(this.expiry);\n"
                "    this.expiry = setTimeout(() => this.expire(), 60000);\n"
                "  }\n"
                "\n"
                "  expire() {\n"
                "    this.expired = true;\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.closed = true;\n"
                "  }\n"
                "}\n",
                "export class Session {\n"
                "  touch() {\n"
                "    clearTimeout(this.expiry);\n"
                "    this.expiry = setTimeout(() => this.expire(), 60000);\n"
                "  }\n"
                "\n"
                "  expire() {\n"
                "    this.expired = true;\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    clearTimeout(this.expiry);\n"
                "    this.closed = true;\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/sleep.js",
                "a sleep: it fires once and is done",
                "export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n",
            ),
        ),
    ),
)
