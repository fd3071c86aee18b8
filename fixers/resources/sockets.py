"""Sockets: WebSocket in browsers and in Node's `ws`; Python's socket."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables

RESOURCES = (
    Resource(
        id="web:WebSocket",
        family=Family.SOCKET,
        tables=Tables.JAVASCRIPT,
        label="WebSocket",
        noun="socket",
        ended="closed",
        acquired_by=(
            "global.WebSocket",
            "ws",
            "ws.WebSocket",
            "isomorphic-ws",
            "isomorphic-ws.WebSocket",
            "reconnecting-websocket",
        ),
        released_by=(Method("close"), Method("terminate")),
        words=(b"WebSocket", b"'ws'", b'"ws"', b"-websocket"),
        form="new",
        source="https://websockets.spec.whatwg.org/#garbage-collection: an open socket with listeners is not collected",
        leaking=(
            Example(
                "src/Ticker.jsx",
                "never-released",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function Ticker({ url }) {\n"
                "  const [price, setPrice] = useState(null);\n"
                "  useEffect(() => {\n"
                "    const socket = new WebSocket(url);\n"
                "    socket.onmessage = (event) => setPrice(event.data);\n"
                "  }, [url]);\n"
                "  return <b>{price}</b>;\n"
                "}\n",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function Ticker({ url }) {\n"
                "  const [price, setPrice] = useState(null);\n"
                "  useEffect(() => {\n"
                "    const socket = new WebSocket(url);\n"
                "    socket.onmessage = (event) => setPrice(event.data);\n"
                "    return () => socket.close();\n"
                "  }, [url]);\n"
                "  return <b>{price}</b>;\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/open.js",
                "the caller gets the socket",
                "export function open(url) {\n  const socket = new WebSocket(url);\n  return socket;\n}\n",
            ),
        ),
    ),
    Resource(
        id="socket.socket",
        family=Family.SOCKET,
        tables=Tables.PYTHON,
        label="socket",
        noun="socket",
        ended="closed",
        acquired_by=("socket.socket", "socket.create_connection", "socket.create_server"),
        released_by=(Method("close"), Method("detach")),
        words=(b"socket",),
        on_exit=OnExit.RELEASES,
        configured_by=frozenset({"settimeout", "setblocking", "setsockopt", "fileno", "gettimeout", "set_inheritable"}),
        wrappers=frozenset(
            {"ssl.SSLContext().wrap_socket", "ssl.create_default_context().wrap_socket", "ssl.wrap_socket"}
        ),
        source="https://docs.python.org/3/library/socket.html#socket.socket.close",
        leaking=(
            Example(
                "probe.py",
                "not-released-on-error",
                "import socket\n"
                "\n"
                "\n"
                "def probe(host, port):\n"
                "    sock = socket.socket()\n"
                "    sock.settimeout(2)\n"
                "    sock.connect((host, port))\n"
                "    sock.close()\n",
                "import socket\n"
                "\n"
                "\n"
                "def probe(host, port):\n"
                "    with socket.socket() as sock:\n"
                "        sock.settimeout(2)\n"
                "        sock.connect((host, port))\n",
            ),
        ),
        clean=(
            Clean(
                "dial.py",
                "closed on the error path, else given to the caller",
                "import socket\n"
                "\n"
                "\n"
                "def dial(address):\n"
                "    sock = socket.socket()\n"
                "    try:\n"
                "        sock.connect(address)\n"
                "    except OSError:\n"
                "        sock.close()\n"
                "        raise\n"
                "    return sock\n",
            ),
        ),
    ),
)
