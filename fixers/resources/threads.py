"""Threads and processes that wait for work: pools and executors in Python, workers in JavaScript."""

from fixers.findings import Family
from fixers.resources.model import Clean, Counts, Example, Method, OnExit, Resource, Tables

RESOURCES = (
    Resource(
        id="multiprocessing.Pool",
        family=Family.THREAD,
        tables=Tables.PYTHON,
        label="Pool",
        noun="worker pool",
        ended="closed",
        acquired_by=(
            "multiprocessing.Pool",
            "multiprocessing.get_context().Pool",
            "multiprocessing.pool.Pool",
            "multiprocessing.pool.ThreadPool",
            "multiprocessing.dummy.Pool",
        ),
        released_by=(Method("close"), Method("terminate")),
        words=(b"Pool",),
        on_exit=OnExit.DIFFERS,
        dependents=frozenset({"apply_async", "map_async", "starmap_async", "imap", "imap_unordered"}),
        source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool: failure to close or "
        "terminate it can hang the process at its end; leaving `with` terminates it",
        leaking=(
            Example(
                "thumbnails.py",
                "never-released",
                "from multiprocessing.pool import ThreadPool\n"
                "\n"
                "\n"
                "def thumbnails(paths, shrink):\n"
                "    pool = ThreadPool(8)\n"
                "    images = pool.map(shrink, paths)\n"
                "    return images\n",
                "from contextlib import closing\n"
                "from multiprocessing.pool import ThreadPool\n"
                "\n"
                "\n"
                "def thumbnails(paths, shrink):\n"
                "    with closing(ThreadPool(8)) as pool:\n"
                "        images = pool.map(shrink, paths)\n"
                "    return images\n",
            ),
        ),
        clean=(
            Clean(
                "squares.py",
                "leaving `with` terminates it",
                "import multiprocessing\n"
                "\n"
                "\n"
                "def squares(numbers, square):\n"
                "    pool = multiprocessing.Pool()\n"
                "    with pool:\n"
                "        return pool.map(square, numbers)\n",
            ),
        ),
    ),
    Resource(
        id="concurrent.futures.Executor",
        family=Family.THREAD,
        tables=Tables.PYTHON,
        label="ThreadPoolExecutor",
        noun="executor",
        ended="shut down",
        acquired_by=(
            "concurrent.futures.ThreadPoolExecutor",
            "concurrent.futures.ProcessPoolExecutor",
            "concurrent.futures.thread.ThreadPoolExecutor",
            "concurrent.futures.process.ProcessPoolExecutor",
        ),
        released_by=(Method("shutdown"),),
        words=(b"PoolExecutor",),
        on_exit=OnExit.RELEASES,
        release_waits=True,
        dependents=frozenset({"submit", "map"}),
        error_leaks=False,
        source="https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown",
        leaking=(
            Example(
                "uploads.py",
                "forgotten-by-teardown",
                "from concurrent.futures import ThreadPoolExecutor\n"
                "\n"
                "\n"
                "class Uploads:\n"
                "    def __init__(self, client):\n"
                "        self.client = client\n"
                "        self.executor = ThreadPoolExecutor(4)\n"
                "\n"
                "    def send(self, file):\n"
                "        return self.executor.submit(self.client.put, file)\n"
                "\n"
                "    def close(self):\n"
                "        self.client.close()\n",
            ),
        ),
        clean=(
            Clean(
                "fetch_all.py",
                "leaving `with` shuts it down",
                "from concurrent.futures import ThreadPoolExecutor\n"
                "\n"
                "\n"
                "def fetch_all(urls, fetch):\n"
                "    executor = ThreadPoolExecutor()\n"
                "    with executor:\n"
                "        return list(executor.map(fetch, urls))\n",
            ),
            Clean(
                "run.py",
                "it may be the loop's from here on",
                "import asyncio\n"
                "from concurrent.futures import ThreadPoolExecutor\n"
                "\n"
                "\n"
                "def use_threads(loop):\n"
                "    executor = ThreadPoolExecutor(2)\n"
                "    loop.set_default_executor(executor)\n",
            ),
        ),
    ),
    Resource(
        id="web:Worker",
        family=Family.THREAD,
        tables=Tables.JAVASCRIPT,
        label="Worker",
        noun="worker",
        ended="terminated",
        acquired_by=("global.Worker", "worker_threads.Worker"),
        released_by=(Method("terminate"),),
        words=(b"Worker",),
        form="new",
        counts=Counts.OWNED,
        gives=frozenset({"on", "once", "addListener"}),
        error_leaks=False,
        source="https://html.spec.whatwg.org/multipage/workers.html#dom-worker-terminate; a worker may also end itself",
        leaking=(
            Example(
                "src/Search.jsx",
                "never-released",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function Search({ query }) {\n"
                "  const [hits, setHits] = useState([]);\n"
                "  useEffect(() => {\n"
                "    const worker = new Worker('/search.js');\n"
                "    worker.onmessage = (event) => setHits(event.data);\n"
                "    worker.postMessage(query);\n"
                "  }, [query]);\n"
                "  return <output>{hits.length}</output>;\n"
                "}\n",
                "import { useEffect, useState } from 'react';\n"
                "\n"
                "export function Search({ query }) {\n"
                "  const [hits, setHits] = useState([]);\n"
                "  useEffect(() => {\n"
                "    const worker = new Worker('/search.js');\n"
                "    worker.onmessage = (event) => setHits(event.data);\n"
                "    worker.postMessage(query);\n"
                "    return () => worker.terminate();\n"
                "  }, [query]);\n"
                "  return <output>{hits.length}</output>;\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/hash.js",
                "the worker ends when its script does",
                "import { Worker } from 'node:worker_threads';\n"
                "\n"
                "export function hash(file, done) {\n"
                "  const worker = new Worker('./hash-worker.js', { workerData: file });\n"
                "  worker.once('message', done);\n"
                "}\n",
            ),
        ),
    ),
)
