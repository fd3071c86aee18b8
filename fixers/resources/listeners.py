"""Listeners on event targets and on the process."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Handle, Matching, Resource, Tables

RESOURCES = (
    Resource(
        id="dom:EventTarget.addEventListener",
        family=Family.LISTENER,
        tables=Tables.JAVASCRIPT,
        label="addEventListener",
        noun="listener",
        ended="removed",
        acquired_by=("*.addEventListener", "global.addEventListener"),
        released_by=(Matching("removeEventListener", (0, 1), capture=2),),
        words=(b"addEventListener",),
        handle=Handle.REGISTRATION,
        released_by_options=("once", "signal"),
        repeats_are_one=True,
        error_leaks=False,
        source="https://dom.spec.whatwg.org/#dom-eventtarget-addeventlistener",
        leaking=(
            Example(
                "src/Menu.jsx",
                "never-released",
                "import { useEffect } from 'react';\n"
                "\n"
                "export function Menu({ onClose }) {\n"
                "  useEffect(() => {\n"
                "    const onKey = (event) => event.key === 'Escape' && onClose();\n"
                "    window.addEventListener('keydown', onKey);\n"
                "  }, [onClose]);\n"
                "  return null;\n"
                "}\n",
                "import { useEffect } from 'react';\n"
                "\n"
                "export function Menu({ onClose }) {\n"
                "  useEffect(() => {\n"
                "    const onKey = (event) => event.key === 'Escape' && onClose();\n"
                "    window.addEventListener('keydown', onKey);\n"
                "    return () => window.removeEventListener('keydown', onKey);\n"
                "  }, [onClose]);\n"
                "  return null;\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/first-click.js",
                "once: it takes itself off",
                "export function onFirstClick(run) {\n  document.addEventListener('click', run, { once: true });\n}\n",
            ),
        ),
    ),
    Resource(
        id="node:events.on",
        family=Family.LISTENER,
        tables=Tables.JAVASCRIPT,
        label="on",
        noun="listener",
        ended="removed",
        acquired_by=("*.on", "*.addListener"),
        released_by=(
            Matching("off", (0, 1)),
            Matching("removeListener", (0, 1)),
            Matching("removeAllListeners", (), wholesale=True),
        ),
        words=(b".off(", b".removeListener("),
        handle=Handle.REGISTRATION,
        evident=True,
        error_leaks=False,
        source="https://nodejs.org/api/events.html#emitteroneventname-listener",
        leaking=(
            Example(
                "src/view.js",
                "forgotten-by-teardown",
                "export class View {\n"
                "  constructor(store) {\n"
                "    this.store = store;\n"
                "    this.store.on('change', this.render);\n"
                "    this.store.on('reset', this.clear);\n"
                "  }\n"
                "\n"
                "  render = () => {};\n"
                "\n"
                "  clear = () => {};\n"
                "\n"
                "  destroy() {\n"
                "    this.store.off('change', this.render);\n"
                "  }\n"
                "}\n",
                "export class View {\n"
                "  constructor(store) {\n"
                "    this.store = store;\n"
                "    this.store.on('change', this.render);\n"
                "    this.store.on('reset', this.clear);\n"
                "  }\n"
                "\n"
                "  render = () => {};\n"
                "\n"
                "  clear = () => {};\n"
                "\n"
                "  destroy() {\n"
                "    this.store.off('change', this.render);\n"
                "    this.store.off('reset', this.clear);\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/peer.js",
                "nothing shows that the socket outlives the peer",
                "export class Peer {\n"
                "  constructor(socket) {\n"
                "    this.socket = socket;\n"
                "    this.socket.on('message', (text) => this.receive(text));\n"
                "  }\n"
                "\n"
                "  receive(text) {\n"
                "    this.last = text;\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.bus.off('news', this.tell);\n"
                "    this.socket.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="node:process.on",
        family=Family.LISTENER,
        tables=Tables.JAVASCRIPT,
        label="process.on",
        noun="process listener",
        ended="removed",
        acquired_by=("global.process.on", "global.process.addListener", "process.on", "process.addListener"),
        released_by=(
            Matching("off", (0, 1)),
            Matching("removeListener", (0, 1)),
            Matching("removeAllListeners", (), wholesale=True),
        ),
        words=(b"process.on", b"process.addListener"),
        handle=Handle.REGISTRATION,
        error_leaks=False,
        source="https://nodejs.org/api/events.html#emitteroneventname-listener",
        leaking=(
            Example(
                "src/worker.js",
                "forgotten-by-teardown",
                "export class Worker {\n"
                "  constructor(queue) {\n"
                "    this.queue = queue;\n"
                "    this.onSignal = () => this.queue.drain();\n"
                "    process.on('SIGTERM', this.onSignal);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.queue.close();\n"
                "  }\n"
                "}\n",
                "export class Worker {\n"
                "  constructor(queue) {\n"
                "    this.queue = queue;\n"
                "    this.onSignal = () => this.queue.drain();\n"
                "    process.on('SIGTERM', this.onSignal);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    process.off('SIGTERM', this.onSignal);\n"
                "    this.queue.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/main.js",
                "the module body runs once: the process owns the listener",
                "process.on('SIGTERM', () => {\n  process.exit(0);\n});\n",
            ),
        ),
    ),
)
