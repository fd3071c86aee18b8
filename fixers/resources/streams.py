"""Streams: of files and lines in Node; of events, sound and object URLs in browsers."""

from fixers.findings import Family
from fixers.resources.model import Clean, Counts, Example, Function, Method, Resource, Tables

RESOURCES = (
    Resource(
        id="node:fs.createWriteStream",
        family=Family.STREAM,
        tables=Tables.JAVASCRIPT,
        label="createWriteStream",
        noun="file stream",
        ended="closed",
        acquired_by=("fs.createWriteStream", "fs.WriteStream", "fs-extra.createWriteStream"),
        released_by=(Method("end"), Method("close"), Method("destroy"), Method("destroySoon")),
        words=(b"WriteStream",),
        counts=Counts.OWNED,
        gives=frozenset({"on", "once", "addListener"}),
        error_leaks=False,
        source="https://nodejs.org/api/fs.html#fscreatewritestreampath-options: its file stays open until it is ended",
        leaking=(
            Example(
                "src/journal.js",
                "forgotten-by-teardown",
                "import fs from 'node:fs';\n"
                "\n"
                "export class Journal {\n"
                "  constructor(file, index) {\n"
                "    this.index = index;\n"
                "    this.out = fs.createWriteStream(file, { flags: 'a' });\n"
                "  }\n"
                "\n"
                "  add(entry) {\n"
                "    this.out.write(`${entry}\\n`);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.index.close();\n"
                "  }\n"
                "}\n",
                "import fs from 'node:fs';\n"
                "\n"
                "export class Journal {\n"
                "  constructor(file, index) {\n"
                "    this.index = index;\n"
                "    this.out = fs.createWriteStream(file, { flags: 'a' });\n"
                "  }\n"
                "\n"
                "  add(entry) {\n"
                "    this.out.write(`${entry}\\n`);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.out.end();\n"
                "    this.index.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/save.js",
                "pipe ends it",
                "import fs from 'node:fs';\n"
                "\n"
                "export function save(response, file) {\n"
                "  const out = fs.createWriteStream(file);\n"
                "  response.pipe(out);\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="node:readline.createInterface",
        family=Family.STREAM,
        tables=Tables.JAVASCRIPT,
        label="createInterface",
        noun="line reader",
        ended="closed",
        acquired_by=("readline.createInterface", "readline/promises.createInterface"),
        released_by=(Method("close"),),
        words=(b"readline",),
        counts=Counts.OWNED,
        gives=frozenset({"on", "once", "addListener"}),
        released_by_options=("signal",),
        error_leaks=False,
        source="https://nodejs.org/api/readline.html#rlclose: it keeps its input open, and with it the process",
        leaking=(
            Example(
                "src/prompt.js",
                "forgotten-by-teardown",
                "import readline from 'node:readline';\n"
                "\n"
                "export class Prompt {\n"
                "  constructor(commands) {\n"
                "    this.commands = commands;\n"
                "    this.lines = readline.createInterface({ input: process.stdin });\n"
                "    this.lines.on('line', (line) => this.commands.run(line));\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.commands.save();\n"
                "  }\n"
                "}\n",
                "import readline from 'node:readline';\n"
                "\n"
                "export class Prompt {\n"
                "  constructor(commands) {\n"
                "    this.commands = commands;\n"
                "    this.lines = readline.createInterface({ input: process.stdin });\n"
                "    this.lines.on('line', (line) => this.commands.run(line));\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.lines.close();\n"
                "    this.commands.save();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="web:EventSource",
        family=Family.STREAM,
        tables=Tables.JAVASCRIPT,
        label="EventSource",
        noun="event stream",
        ended="closed",
        acquired_by=("global.EventSource", "eventsource", "eventsource.EventSource", "global.BroadcastChannel"),
        released_by=(Method("close"),),
        words=(b"EventSource", b"eventsource", b"BroadcastChannel"),
        form="new",
        counts=Counts.OWNED,
        error_leaks=False,
        source="https://html.spec.whatwg.org/multipage/server-sent-events.html#garbage-collection: with listeners it "
        "is not collected while it is open; BroadcastChannel likewise",
        leaking=(
            Example(
                "src/News.jsx",
                "never-released",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function News({ url }) {\n"
                "  const [line, setLine] = useState('');\n"
                "  useEffect(() => {\n"
                "    const source = new EventSource(url);\n"
                "    source.onmessage = (event) => setLine(event.data);\n"
                "  }, [url]);\n"
                "  return <p>{line}</p>;\n"
                "}\n",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function News({ url }) {\n"
                "  const [line, setLine] = useState('');\n"
                "  useEffect(() => {\n"
                "    const source = new EventSource(url);\n"
                "    source.onmessage = (event) => setLine(event.data);\n"
                "    return () => source.close();\n"
                "  }, [url]);\n"
                "  return <p>{line}</p>;\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/live.js",
                "a page that listens as long as it is shown",
                "export function listen(url, show) {\n"
                "  const source = new EventSource(url);\n"
                "  source.onmessage = (event) => show(event.data);\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="web:AudioContext",
        family=Family.STREAM,
        tables=Tables.JAVASCRIPT,
        label="AudioContext",
        noun="audio context",
        ended="closed",
        acquired_by=("global.AudioContext", "global.webkitAudioContext"),
        released_by=(Method("close"),),
        words=(b"AudioContext",),
        form="new",
        counts=Counts.OWNED,
        error_leaks=False,
        source="https://webaudio.github.io/web-audio-api/#dom-audiocontext-close: it holds the audio hardware",
        leaking=(
            Example(
                "src/meter.js",
                "forgotten-by-teardown",
                "export class Meter {\n"
                "  constructor(canvas) {\n"
                "    this.canvas = canvas;\n"
                "    this.audio = new AudioContext();\n"
                "    this.analyser = this.audio.createAnalyser();\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    this.canvas.remove();\n"
                "  }\n"
                "}\n",
                "export class Meter {\n"
                "  constructor(canvas) {\n"
                "    this.canvas = canvas;\n"
                "    this.audio = new AudioContext();\n"
                "    this.analyser = this.audio.createAnalyser();\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    this.audio.close();\n"
                "    this.canvas.remove();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="web:URL.createObjectURL",
        family=Family.GROWTH,
        tables=Tables.JAVASCRIPT,
        label="URL.createObjectURL",
        noun="object URL",
        ended="revoked",
        acquired_by=("global.URL.createObjectURL", "global.webkitURL.createObjectURL"),
        released_by=(Function("global.URL.revokeObjectURL"), Function("global.webkitURL.revokeObjectURL")),
        words=(b"createObjectURL",),
        counts=Counts.OWNED,
        error_leaks=False,
        source="https://w3c.github.io/FileAPI/#creating-revoking: the blob stays in memory until the URL is revoked",
        leaking=(
            Example(
                "src/preview.js",
                "forgotten-by-teardown",
                "export class Preview {\n"
                "  constructor(image, blob) {\n"
                "    this.image = image;\n"
                "    this.url = URL.createObjectURL(blob);\n"
                "    this.image.src = this.url;\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    this.image.remove();\n"
                "  }\n"
                "}\n",
                "export class Preview {\n"
                "  constructor(image, blob) {\n"
                "    this.image = image;\n"
                "    this.url = URL.createObjectURL(blob);\n"
                "    this.image.src = this.url;\n"
                "  }\n"
                "\n"
                "  destroy() {\n"
                "    URL.revokeObjectURL(this.url);\n"
                "    this.image.remove();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/save.js",
                "the link may need it for a while",
                "export function save(blob, name) {\n"
                "  const link = document.createElement('a');\n"
                "  link.href = URL.createObjectURL(blob);\n"
                "  link.download = name;\n"
                "  link.click();\n"
                "}\n",
            ),
        ),
    ),
)
