"""HTTP clients that keep connections: requests, httpx, aiohttp."""

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
)
