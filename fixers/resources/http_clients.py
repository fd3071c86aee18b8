"""HTTP clients that keep connections, and answers that do: requests, httpx, aiohttp, http.client, urllib."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables

RESOURCES = (
    Resource(
        id="requests.Session",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="requests.Session",
        noun="HTTP session",
        ended="closed",
        acquired_by=("requests.Session", "requests.session", "requests.sessions.Session"),
        released_by=(Method("close"),),
        words=(b"requests",),
        on_exit=OnExit.RELEASES,
        source="https://requests.readthedocs.io/en/latest/user/advanced/#session-objects",
        leaking=(
            Example(
                "fetch.py",
                "never-released",
                "import requests\n"
                "\n"
                "\n"
                "def titles(urls):\n"
                "    session = requests.Session()\n"
                "    return [session.get(url).json()['title'] for url in urls]\n",
                "import requests\n"
                "\n"
                "\n"
                "def titles(urls):\n"
                "    with requests.Session() as session:\n"
                "        return [session.get(url).json()['title'] for url in urls]\n",
            ),
            Example(
                "client.py",
                "forgotten-by-teardown",
                "import requests\n"
                "\n"
                "\n"
                "class Client:\n"
                "    def __init__(self, store):\n"
                "        self.store = store\n"
                "        self.session = requests.Session()\n"
                "\n"
                "    def close(self):\n"
                "        self.store.flush()\n",
                "import requests\n"
                "\n"
                "\n"
                "class Client:\n"
                "    def __init__(self, store):\n"
                "        self.store = store\n"
                "        self.session = requests.Session()\n"
                "\n"
                "    def close(self):\n"
                "        self.session.close()\n"
                "        self.store.flush()\n",
            ),
        ),
        clean=(
            Clean(
                "shared.py",
                "the caller gets the session",
                "import requests\n"
                "\n"
                "\n"
                "def make():\n"
                "    session = requests.Session()\n"
                "    session.trust_env = False\n"
                "    return session\n",
            ),
        ),
    ),
    Resource(
        id="aiohttp.ClientSession",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="aiohttp.ClientSession",
        noun="HTTP session",
        ended="closed",
        acquired_by=("aiohttp.ClientSession", "aiohttp.client.ClientSession"),
        released_by=(Method("close", awaited=True),),
        words=(b"aiohttp",),
        on_exit=OnExit.RELEASES,
        source="https://docs.aiohttp.org/en/stable/client_reference.html#aiohttp.ClientSession.close",
        leaking=(
            Example(
                "ping.py",
                "not-released-on-error",
                "import aiohttp\n"
                "\n"
                "\n"
                "async def ping(url):\n"
                "    session = aiohttp.ClientSession()\n"
                "    response = await session.get(url)\n"
                "    await session.close()\n"
                "    return response.status\n",
                "import aiohttp\n"
                "\n"
                "\n"
                "async def ping(url):\n"
                "    async with aiohttp.ClientSession() as session:\n"
                "        response = await session.get(url)\n"
                "    return response.status\n",
            ),
        ),
    ),
    Resource(
        id="httpx.Client",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="httpx.Client",
        noun="HTTP client",
        ended="closed",
        acquired_by=("httpx.Client",),
        released_by=(Method("close"),),
        words=(b"httpx",),
        on_exit=OnExit.RELEASES,
        source="https://www.python-httpx.org/advanced/clients/",
        leaking=(
            Example(
                "status.py",
                "never-released",
                "import httpx\n"
                "\n"
                "\n"
                "def status(url):\n"
                "    client = httpx.Client(timeout=5)\n"
                "    return client.get(url).status_code\n",
                "import httpx\n"
                "\n"
                "\n"
                "def status(url):\n"
                "    with httpx.Client(timeout=5) as client:\n"
                "        return client.get(url).status_code\n",
            ),
        ),
    ),
    Resource(
        id="httpx.AsyncClient",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="httpx.AsyncClient",
        noun="HTTP client",
        ended="closed",
        acquired_by=("httpx.AsyncClient",),
        released_by=(Method("aclose", awaited=True),),
        words=(b"httpx",),
        on_exit=OnExit.RELEASES,
        source="https://www.python-httpx.org/async/#opening-and-closing-clients",
    ),
    Resource(
        id="requests.get",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="requests.get",
        noun="streamed response",
        ended="closed",
        acquired_by=tuple(
            f"{owner}.{method}"
            for owner in ("requests", "requests.Session()", "requests.session()")
            for method in ("get", "post", "put", "patch", "delete", "request")
        ),
        # What is read to its end gives its connection back.
        released_by=(Method("close"), Method("iter_content"), Method("iter_lines"), Method("json")),
        words=(b"requests",),
        on_exit=OnExit.RELEASES,
        only_with=(("stream", "True"),),
        dependents=frozenset({"content", "text", "raw"}),
        error_leaks=False,
        source="https://requests.readthedocs.io/en/latest/user/advanced/#body-content-workflow",
        leaking=(
            Example(
                "check.py",
                "never-released",
                "import requests\n"
                "\n"
                "\n"
                "def is_there(url):\n"
                "    response = requests.get(url, stream=True)\n"
                "    return response.status_code == 200\n",
                "import requests\n"
                "\n"
                "\n"
                "def is_there(url):\n"
                "    with requests.get(url, stream=True) as response:\n"
                "        return response.status_code == 200\n",
            ),
        ),
        clean=(
            Clean(
                "status.py",
                "without stream the answer is read at once",
                "import requests\n\n\ndef status(url):\n    return requests.get(url).status_code\n",
            ),
            Clean(
                "download.py",
                "read to its end",
                "import requests\n"
                "\n"
                "\n"
                "def download(url, out):\n"
                "    response = requests.get(url, stream=True)\n"
                "    for chunk in response.iter_content(65536):\n"
                "        out.write(chunk)\n",
            ),
        ),
    ),
    Resource(
        id="http.client.HTTPConnection",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="HTTPConnection",
        noun="HTTP connection",
        ended="closed",
        acquired_by=("http.client.HTTPConnection", "http.client.HTTPSConnection"),
        released_by=(Method("close"),),
        words=(b"http.client", b"from http"),
        opens_by=frozenset({"connect"}),
        dependents=frozenset({"getresponse"}),
        source="https://docs.python.org/3/library/http.client.html#http.client.HTTPConnection.close",
        leaking=(
            Example(
                "ask.py",
                "never-released",
                "from http.client import HTTPSConnection\n"
                "\n"
                "\n"
                "def ask(host):\n"
                "    connection = HTTPSConnection(host)\n"
                "    connection.request('GET', '/status')\n"
                "    return connection.getresponse().read()\n",
                "from http.client import HTTPSConnection\n"
                "\n"
                "\n"
                "def ask(host):\n"
                "    connection = HTTPSConnection(host)\n"
                "    try:\n"
                "        connection.request('GET', '/status')\n"
                "        return connection.getresponse().read()\n"
                "    finally:\n"
                "        connection.close()\n",
            ),
        ),
        clean=(
            Clean(
                "connect.py",
                "the caller gets the connection",
                "from http.client import HTTPConnection\n"
                "\n"
                "\n"
                "def connect(host):\n"
                "    connection = HTTPConnection(host, timeout=5)\n"
                "    connection.connect()\n"
                "    return connection\n",
            ),
        ),
    ),
    Resource(
        id="urllib.request.urlopen",
        family=Family.HTTP,
        tables=Tables.PYTHON,
        label="urlopen",
        noun="response",
        ended="closed",
        acquired_by=("urllib.request.urlopen",),
        released_by=(Method("close"),),
        words=(b"urllib",),
        on_exit=OnExit.RELEASES,
        evident=True,
        source="https://docs.python.org/3/library/urllib.request.html#urllib.request.urlopen: read to its end it "
        "closes itself; who closes it knows that it may not be",
        leaking=(
            Example(
                "page.py",
                "not-released-on-error",
                "from urllib.request import urlopen\n"
                "\n"
                "\n"
                "def page(url):\n"
                "    response = urlopen(url)\n"
                "    text = response.read(4096).decode()\n"
                "    response.close()\n"
                "    return text\n",
                "from urllib.request import urlopen\n"
                "\n"
                "\n"
                "def page(url):\n"
                "    with urlopen(url) as response:\n"
                "        text = response.read(4096).decode()\n"
                "    return text\n",
            ),
        ),
        clean=(
            Clean(
                "whole.py",
                "read to its end it closes itself",
                "from urllib.request import urlopen\n\n\ndef whole(url):\n    return urlopen(url).read()\n",
            ),
        ),
    ),
)
