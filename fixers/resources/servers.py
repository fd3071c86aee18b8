"""Servers and network sockets of Node, which live as long as what opened them."""

from fixers.findings import Family
from fixers.resources.model import Clean, Counts, Example, Method, Resource, Tables, paths

RESOURCES = (
    Resource(
        id="node:http.createServer",
        family=Family.SOCKET,
        tables=Tables.JAVASCRIPT,
        label="createServer",
        noun="server",
        ended="closed",
        acquired_by=(
            *(f"{module}.createServer" for module in ("http", "https", "http2", "net", "tls")),
            "http2.createSecureServer",
            *(f"{module}.Server" for module in ("http", "https", "net", "tls", "ws")),
            "ws.WebSocketServer",
            "express().listen",
        ),
        released_by=(Method("close"), Method("[Symbol.asyncDispose]")),
        words=(b"Server", b"express"),
        counts=Counts.OWNED,
        gives=frozenset({"on", "once", "addListener", "listen", "ref", "setTimeout"}),
        detached_by=frozenset({"unref"}),
        released_by_options=("signal",),
        error_leaks=False,
        source="https://nodejs.org/api/http.html#serverclosecallback",
        leaking=(
            Example(
                "src/gateway.js",
                "forgotten-by-teardown",
                "import http from 'node:http';\n"
                "\n"
                "export class Gateway {\n"
                "  constructor(handler, store) {\n"
                "    this.store = store;\n"
                "    this.server = http.createServer(handler);\n"
                "    this.server.listen(8080);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.store.close();\n"
                "  }\n"
                "}\n",
                "import http from 'node:http';\n"
                "\n"
                "export class Gateway {\n"
                "  constructor(handler, store) {\n"
                "    this.store = store;\n"
                "    this.server = http.createServer(handler);\n"
                "    this.server.listen(8080);\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.store.close();\n"
                "    this.server.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/main.js",
                "the program is the server",
                "import http from 'node:http';\n"
                "\n"
                "function main(handler) {\n"
                "  const server = http.createServer(handler);\n"
                "  server.listen(8080);\n"
                "}\n"
                "main((request, response) => response.end());\n",
            ),
        ),
    ),
    Resource(
        id="node:net.connect",
        family=Family.SOCKET,
        tables=Tables.JAVASCRIPT,
        label="net.connect",
        noun="socket",
        ended="closed",
        acquired_by=(*sorted(paths("net", "connect createConnection Socket")), "tls.connect"),
        released_by=(Method("destroy"), Method("end"), Method("destroySoon"), Method("resetAndDestroy")),
        words=(b"net", b"tls"),
        counts=Counts.OWNED,
        gives=frozenset(
            {"on", "once", "addListener", "ref", "setTimeout", "setNoDelay", "setKeepAlive", "setEncoding", "connect"}
        ),
        detached_by=frozenset({"unref"}),
        error_leaks=False,
        source="https://nodejs.org/api/net.html#class-netsocket",
        leaking=(
            Example(
                "src/link.js",
                "forgotten-by-teardown",
                "import net from 'node:net';\n"
                "\n"
                "export class Link {\n"
                "  constructor(port, parser) {\n"
                "    this.parser = parser;\n"
                "    this.socket = net.connect(port);\n"
                "    this.socket.on('data', (data) => this.parser.take(data));\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.parser.end();\n"
                "  }\n"
                "}\n",
                "import net from 'node:net';\n"
                "\n"
                "export class Link {\n"
                "  constructor(port, parser) {\n"
                "    this.parser = parser;\n"
                "    this.socket = net.connect(port);\n"
                "    this.socket.on('data', (data) => this.parser.take(data));\n"
                "  }\n"
                "\n"
                "  close() {\n"
                "    this.socket.destroy();\n"
                "    this.parser.end();\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="node:dgram.createSocket",
        family=Family.SOCKET,
        tables=Tables.JAVASCRIPT,
        label="dgram.createSocket",
        noun="socket",
        ended="closed",
        acquired_by=("dgram.createSocket",),
        released_by=(Method("close"),),
        words=(b"dgram",),
        counts=Counts.OWNED,
        gives=frozenset({"on", "once", "addListener", "ref", "bind"}),
        detached_by=frozenset({"unref"}),
        released_by_options=("signal",),
        error_leaks=False,
        source="https://nodejs.org/api/dgram.html#socketclosecallback",
        leaking=(
            Example(
                "src/discovery.js",
                "forgotten-by-teardown",
                "import dgram from 'node:dgram';\n"
                "\n"
                "export class Discovery {\n"
                "  start() {\n"
                "    this.socket = dgram.createSocket('udp4');\n"
                "    this.socket.bind(1900);\n"
                "  }\n"
                "\n"
                "  stop() {\n"
                "    this.stopped = true;\n"
                "  }\n"
                "}\n",
                "import dgram from 'node:dgram';\n"
                "\n"
                "export class Discovery {\n"
                "  start() {\n"
                "    this.socket = dgram.createSocket('udp4');\n"
                "    this.socket.bind(1900);\n"
                "  }\n"
                "\n"
                "  stop() {\n"
                "    if (this.socket) {\n"
                "      this.socket.close();\n"
                "    }\n"
                "    this.stopped = true;\n"
                "  }\n"
                "}\n",
            ),
        ),
    ),
)
