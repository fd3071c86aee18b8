"""Timers: setInterval, setTimeout and requestAnimationFrame of browsers and Node; threading.Timer of Python."""

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
    Resource(
        id="web:requestAnimationFrame",
        family=Family.TIMER,
        tables=Tables.JAVASCRIPT,
        label="requestAnimationFrame",
        noun="animation frame",
        ended="cancelled",
        acquired_by=("global.requestAnimationFrame",),
        released_by=(Function("global.cancelAnimationFrame"),),
        words=(b"requestAnimationFrame",),
        one_shot=True,
        error_leaks=False,
        source="https://html.spec.whatwg.org/multipage/imagebitmap-and-animations.html#dom-animationframeprovider-"
        "requestanimationframe",
        leaking=(
            Example(
                "src/spinner.js",
                "forgotten-by-teardown",
                "export class Spinner {\n"
                "  constructor(canvas) {\n"
                "    this.canvas = canvas;\n"
                "  }\n"
                "\n"
                "  turn() {\n"
                "    this.canvas.rotate(0.1);\n"
                "    this.frame = requestAnimationFrame(() => this.turn());\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    this.canvas.remove();\n"
                "  }\n"
                "}\n",
                "export class Spinner {\n"
                "  constructor(canvas) {\n"
                "    this.canvas = canvas;\n"
                "  }\n"
                "\n"
                "  turn() {\n"
                "    this.canvas.rotate(0.1);\n"
                "    this.frame = requestAnimationFrame(() => this.turn());\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    cancelAnimationFrame(this.frame);\n"
                "    this.canvas.remove();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/fade.js",
                "one frame, which comes and is done",
                "export function fade(element) {\n"
                "  element.style.opacity = 0;\n"
                "  requestAnimationFrame(() => {\n"
                "    element.style.opacity = 1;\n"
                "  });\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="threading.Timer",
        family=Family.TIMER,
        tables=Tables.PYTHON,
        label="threading.Timer",
        noun="timer",
        ended="cancelled",
        acquired_by=("threading.Timer",),
        released_by=(Method("cancel"), Method("join")),
        words=(b"Timer",),
        opens_by=frozenset({"start"}),
        one_shot=True,
        source="https://docs.python.org/3/library/threading.html#threading.Timer.cancel",
        leaking=(
            Example(
                "deadline.py",
                "not-released-on-error",
                "from threading import Timer\n"
                "\n"
                "\n"
                "def within(seconds, run, give_up):\n"
                "    timer = Timer(seconds, give_up)\n"
                "    timer.start()\n"
                "    result = run()\n"
                "    timer.cancel()\n"
                "    return result\n",
                "from threading import Timer\n"
                "\n"
                "\n"
                "def within(seconds, run, give_up):\n"
                "    timer = Timer(seconds, give_up)\n"
                "    try:\n"
                "        timer.start()\n"
                "        result = run()\n"
                "    finally:\n"
                "        timer.cancel()\n"
                "    return result\n",
            ),
            Example(
                "saver.py",
                "forgotten-by-teardown",
                "import threading\n"
                "\n"
                "\n"
                "class Saver:\n"
                "    def __init__(self, file):\n"
                "        self.file = file\n"
                "        self.save()\n"
                "\n"
                "    def save(self):\n"
                "        self.file.flush()\n"
                "        self.timer = threading.Timer(60, self.save)\n"
                "        self.timer.start()\n"
                "\n"
                "    def close(self):\n"
                "        self.file.close()\n",
            ),
        ),
        clean=(
            Clean(
                "later.py",
                "it runs once and is done",
                "import threading\n\n\ndef later(run):\n    threading.Timer(5, run).start()\n",
            ),
        ),
    ),
)
