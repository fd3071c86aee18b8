"""Tasks of asyncio, which their event loop does not keep alive."""

from fixers.findings import Family
from fixers.resources.model import Clean, Counts, Example, Method, Resource, Tables

_LOOPS = ("get_event_loop()", "get_running_loop()", "new_event_loop()", "AbstractEventLoop()", "BaseEventLoop()")

RESOURCES = (
    Resource(
        id="asyncio.create_task",
        family=Family.TASK,
        tables=Tables.PYTHON,
        label="asyncio.create_task",
        noun="task",
        ended="cancelled",
        acquired_by=(
            "asyncio.create_task",
            "asyncio.ensure_future",
            "asyncio.tasks.create_task",
            "asyncio.tasks.ensure_future",
            *(f"asyncio.{loop}.create_task" for loop in _LOOPS),
        ),
        released_by=(Method("cancel"),),
        words=(b"create_task", b"ensure_future"),
        counts=Counts.DROPPED,
        source="https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task: save a reference to the "
        "result; the loop only keeps weak ones",
        leaking=(
            Example(
                "app.py",
                "never-released",
                "import asyncio\n"
                "\n"
                "\n"
                "async def on_message(message, store):\n"
                "    asyncio.create_task(store.save(message))\n"
                "    await message.acknowledge()\n",
            ),
            Example(
                "reader.py",
                "never-released",
                "import asyncio\n"
                "\n"
                "\n"
                "class Reader:\n"
                "    def start(self):\n"
                "        loop = asyncio.get_running_loop()\n"
                "        loop.create_task(self._read())\n"
                "\n"
                "    async def _read(self):\n"
                "        await asyncio.sleep(1)\n",
            ),
        ),
        clean=(
            Clean(
                "background.py",
                "a set keeps it until it is done",
                "import asyncio\n"
                "\n"
                "_tasks = set()\n"
                "\n"
                "\n"
                "def in_background(work):\n"
                "    task = asyncio.create_task(work)\n"
                "    _tasks.add(task)\n"
                "    task.add_done_callback(_tasks.discard)\n",
            ),
            Clean(
                "both.py",
                "awaited, gathered, returned",
                "import asyncio\n"
                "\n"
                "\n"
                "async def both(first, second):\n"
                "    await asyncio.create_task(first())\n"
                "    await asyncio.gather(asyncio.create_task(first()), asyncio.create_task(second()))\n"
                "    return asyncio.create_task(second())\n",
            ),
            Clean(
                "group.py",
                "a task group keeps and awaits its tasks",
                "import asyncio\n"
                "\n"
                "\n"
                "async def all_of(works):\n"
                "    async with asyncio.TaskGroup() as group:\n"
                "        for work in works:\n"
                "            group.create_task(work())\n",
            ),
        ),
    ),
)
