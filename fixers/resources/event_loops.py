"""Event loops and selectors in Python, which hold file descriptors."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables, paths

RESOURCES = (
    Resource(
        id="asyncio.new_event_loop",
        family=Family.SOCKET,
        tables=Tables.PYTHON,
        label="new_event_loop",
        noun="event loop",
        ended="closed",
        acquired_by=("asyncio.new_event_loop", "asyncio.SelectorEventLoop", "asyncio.ProactorEventLoop"),
        released_by=(Method("close"),),
        words=(b"EventLoop", b"event_loop"),
        source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.close; it holds a selector and a "
        "pair of sockets",
        leaking=(
            Example(
                "runner.py",
                "not-released-on-error",
                "import asyncio\n"
                "\n"
                "\n"
                "def run(main):\n"
                "    loop = asyncio.new_event_loop()\n"
                "    outcome = loop.run_until_complete(main())\n"
                "    loop.close()\n"
                "    return outcome\n",
                "import asyncio\n"
                "\n"
                "\n"
                "def run(main):\n"
                "    loop = asyncio.new_event_loop()\n"
                "    try:\n"
                "        outcome = loop.run_until_complete(main())\n"
                "    finally:\n"
                "        loop.close()\n"
                "    return outcome\n",
            ),
        ),
        clean=(
            Clean(
                "current.py",
                "the thread has it from here on",
                "import asyncio\n"
                "\n"
                "\n"
                "def prepare_thread():\n"
                "    loop = asyncio.new_event_loop()\n"
                "    asyncio.set_event_loop(loop)\n",
            ),
        ),
    ),
    Resource(
        id="selectors.DefaultSelector",
        family=Family.FILE,
        tables=Tables.PYTHON,
        label="DefaultSelector",
        noun="selector",
        ended="closed",
        acquired_by=tuple(
            sorted(
                paths(
                    "selectors",
                    "DefaultSelector EpollSelector KqueueSelector DevpollSelector PollSelector SelectSelector",
                )
            )
        ),
        released_by=(Method("close"),),
        words=(b"selectors",),
        on_exit=OnExit.RELEASES,
        source="https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.close",
        leaking=(
            Example(
                "wait.py",
                "never-released",
                "import selectors\n"
                "\n"
                "\n"
                "def wait(connection, seconds):\n"
                "    selector = selectors.DefaultSelector()\n"
                "    selector.register(connection, selectors.EVENT_READ)\n"
                "    return bool(selector.select(seconds))\n",
                "import selectors\n"
                "\n"
                "\n"
                "def wait(connection, seconds):\n"
                "    with selectors.DefaultSelector() as selector:\n"
                "        selector.register(connection, selectors.EVENT_READ)\n"
                "        return bool(selector.select(seconds))\n",
            ),
        ),
        clean=(
            Clean(
                "server.py",
                "the class closes it",
                "import selectors\n"
                "\n"
                "\n"
                "class Server:\n"
                "    def __init__(self):\n"
                "        self.selector = selectors.DefaultSelector()\n"
                "\n"
                "    def stop(self):\n"
                "        self.selector.close()\n",
            ),
        ),
    ),
)
