"""File descriptors and handles: os.open in Python, fs.openSync and fs.promises.open in Node."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Function, Method, Resource, Tables, paths

RESOURCES = (
    Resource(
        id="os.open",
        family=Family.FILE,
        tables=Tables.PYTHON,
        label="os.open",
        noun="file descriptor",
        ended="closed",
        acquired_by=("os.open",),
        released_by=(Function("os.close"),),
        words=(b"os.open", b"from os"),
        takers=frozenset({"os.fdopen", "builtins.open", "io.open"}),
        borrowers=paths("os", "write read pread pwrite fsync fdatasync fchmod fchown ftruncate lseek set_inheritable"),
        source="https://docs.python.org/3/library/os.html#os.open",
        leaking=(
            Example(
                "claim.py",
                "never-released",
                "import os\n"
                "\n"
                "\n"
                "def claim(path):\n"
                "    descriptor = os.open(path, os.O_CREAT | os.O_EXCL)\n"
                "    os.fsync(descriptor)\n",
            ),
        ),
        clean=(
            Clean(
                "sync.py",
                "closed in finally",
                "import os\n"
                "\n"
                "\n"
                "def sync(folder):\n"
                "    descriptor = os.open(folder, os.O_RDONLY)\n"
                "    try:\n"
                "        os.fsync(descriptor)\n"
                "    finally:\n"
                "        os.close(descriptor)\n",
            ),
        ),
    ),
    Resource(
        id="node:fs.openSync",
        family=Family.FILE,
        tables=Tables.JAVASCRIPT,
        label="fs.openSync",
        noun="file descriptor",
        ended="closed",
        acquired_by=("fs.openSync", "fs-extra.openSync"),
        released_by=(Function("fs.closeSync"), Function("fs.close"), Function("fs-extra.closeSync")),
        words=(b"openSync",),
        borrowers=paths(
            "fs",
            "readSync readvSync readFileSync writeSync writevSync writeFileSync appendFileSync fstatSync fsyncSync "
            "fdatasyncSync ftruncateSync fchmodSync futimesSync",
        ),
        source="https://nodejs.org/api/fs.html#fsopensyncpath-flags-mode",
        leaking=(
            Example(
                "src/head.js",
                "not-released-on-error",
                "import fs from 'node:fs';\n"
                "\n"
                "export function head(file, length) {\n"
                "  const descriptor = fs.openSync(file, 'r');\n"
                "  const buffer = Buffer.alloc(length);\n"
                "  fs.readSync(descriptor, buffer, 0, length, 0);\n"
                "  fs.closeSync(descriptor);\n"
                "  return buffer;\n"
                "}\n",
                "import fs from 'node:fs';\n"
                "\n"
                "export function head(file, length) {\n"
                "  const descriptor = fs.openSync(file, 'r');\n"
                "  try {\n"
                "    const buffer = Buffer.alloc(length);\n"
                "    fs.readSync(descriptor, buffer, 0, length, 0);\n"
                "    return buffer;\n"
                "  } finally {\n"
                "    fs.closeSync(descriptor);\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/log.js",
                "the child writes to it",
                "import { spawn } from 'node:child_process';\n"
                "import fs from 'node:fs';\n"
                "\n"
                "export function start(command, log) {\n"
                "  const out = fs.openSync(log, 'a');\n"
                "  return spawn(command, { stdio: ['ignore', out, out] });\n"
                "}\n",
            ),
        ),
    ),
    Resource(
        id="node:fs.promises.open",
        family=Family.FILE,
        tables=Tables.JAVASCRIPT,
        label="fs.promises.open",
        noun="file handle",
        ended="closed",
        acquired_by=("fs.promises.open", "fs/promises.open"),
        released_by=(Method("close", awaited=True),),
        words=(b"promises",),
        dependents=frozenset({"createReadStream", "createWriteStream", "readLines", "readableWebStream"}),
        source="https://nodejs.org/api/fs.html#class-filehandle: one that is not closed is an error in the end",
        leaking=(
            Example(
                "src/append.js",
                "not-released-on-error",
                "import { open } from 'node:fs/promises';\n"
                "\n"
                "export async function append(path, line) {\n"
                "  const file = await open(path, 'a');\n"
                "  await file.write(line);\n"
                "  await file.close();\n"
                "}\n",
                "import { open } from 'node:fs/promises';\n"
                "\n"
                "export async function append(path, line) {\n"
                "  const file = await open(path, 'a');\n"
                "  try {\n"
                "    await file.write(line);\n"
                "  } finally {\n"
                "    await file.close();\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/lock.js",
                "the caller gets the handle",
                "import fs from 'node:fs';\n"
                "\n"
                "export async function lock(path) {\n"
                "  const file = await fs.promises.open(path, 'wx');\n"
                "  return { file, path };\n"
                "}\n",
            ),
        ),
    ),
)
