"""Files in Python and Node."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Function, Method, OnExit, Resource, Tables

RESOURCES = (
    Resource(
        id="builtins.open",
        family=Family.FILE,
        tables=Tables.PYTHON,
        label="open",
        noun="file",
        ended="closed",
        acquired_by=(
            "builtins.open",
            "io.open",
            "codecs.open",
            "gzip.open",
            "bz2.open",
            "lzma.open",
            "tarfile.open",
            "tarfile.TarFile",
            "zipfile.ZipFile",
            "pathlib.Path().open",
            "tokenize.open",
            "os.fdopen",
            "shelve.open",
        ),
        released_by=(Method("close"),),
        words=(b"open", b"ZipFile", b"TarFile"),
        on_exit=OnExit.RELEASES,
        source="https://docs.python.org/3/library/functions.html#open",
        leaking=(
            Example(
                "report.py",
                "not-released-on-error",
                "def write_report(path, rows):\n"
                "    out = open(path, 'w')\n"
                "    for row in rows:\n"
                "        out.write(row.text())\n"
                "    out.close()\n",
                "def write_report(path, rows):\n"
                "    with open(path, 'w') as out:\n"
                "        for row in rows:\n"
                "            out.write(row.text())\n",
            ),
            Example(
                "settings.py",
                "never-released",
                "import json\n\n\ndef settings(path):\n    return json.load(open(path))\n",
                "import json\n\n\ndef settings(path):\n    with open(path) as file:\n        return json.load(file)\n",
            ),
        ),
        clean=(
            Clean(
                "lines.py",
                "the caller gets the file",
                "def reader(path):\n    file = open(path)\n    return file\n",
            ),
            Clean(
                "copy.py",
                "an exit stack closes them",
                "from contextlib import ExitStack\n"
                "\n"
                "\n"
                "def join(paths, out):\n"
                "    with ExitStack() as stack:\n"
                "        for path in paths:\n"
                "            out.write(stack.enter_context(open(path)).read())\n",
            ),
        ),
    ),
    Resource(
        id="path.open",
        family=Family.FILE,
        tables=Tables.PYTHON,
        label="open",
        noun="file",
        ended="closed",
        acquired_by=("*.open",),
        released_by=(Method("close"),),
        words=(b"open",),
        on_exit=OnExit.RELEASES,
        first_argument="[rwxabt+U]{1,3}",
        evident=True,
        evident_by=frozenset({"read", "readline", "readlines", "write", "writelines"}),
        source="https://docs.python.org/3/library/pathlib.html#pathlib.Path.open; importlib.resources is used alike",
        leaking=(
            Example(
                "words.py",
                "never-released",
                "def words(path):\n    return path.open('r', encoding='utf-8').read().split()\n",
                "def words(path):\n"
                "    with path.open('r', encoding='utf-8') as file:\n"
                "        return file.read().split()\n",
            ),
        ),
        clean=(
            Clean(
                "shop.py",
                "nothing here says that it opens a file",
                "def enter(shop, hour):\n    shop.open(hour)\n    door = shop.open()\n    door.knock()\n",
            ),
            Clean(
                "fetch.py",
                "what is opened is no file by its mode",
                "def fetch(opener, url):\n    return opener.open(url).read()\n",
            ),
        ),
    ),
    Resource(
        id="zipfile.ZipFile.open",
        family=Family.FILE,
        tables=Tables.PYTHON,
        label="ZipFile.open",
        noun="archive member",
        ended="closed",
        acquired_by=("zipfile.ZipFile().open",),
        released_by=(Method("close"),),
        words=(b"ZipFile",),
        on_exit=OnExit.RELEASES,
        source="https://docs.python.org/3/library/zipfile.html#zipfile.ZipFile.open: the archive's file stays open "
        "until its members are closed",
        leaking=(
            Example(
                "manifest.py",
                "never-released",
                "import json\n"
                "import zipfile\n"
                "\n"
                "\n"
                "def manifest(archive: zipfile.ZipFile):\n"
                "    return json.load(archive.open('manifest.json'))\n",
                "import json\n"
                "import zipfile\n"
                "\n"
                "\n"
                "def manifest(archive: zipfile.ZipFile):\n"
                "    with archive.open('manifest.json') as file:\n"
                "        return json.load(file)\n",
            ),
        ),
    ),
    Resource(
        id="PIL.Image.open",
        family=Family.FILE,
        tables=Tables.PYTHON,
        label="Image.open",
        noun="image",
        ended="closed",
        acquired_by=("PIL.Image.open",),
        released_by=(Method("close"),),
        words=(b"Image",),
        on_exit=OnExit.RELEASES,
        evident=True,
        source="https://pillow.readthedocs.io/en/stable/reference/open_files.html: loading the pixels closes the file; "
        "who closes an image knows that it may not be loaded",
        leaking=(
            Example(
                "size.py",
                "not-released-on-error",
                "from PIL import Image\n"
                "\n"
                "\n"
                "def size(path):\n"
                "    image = Image.open(path)\n"
                "    image.verify()\n"
                "    found = image.size\n"
                "    image.close()\n"
                "    return found\n",
                "from PIL import Image\n"
                "\n"
                "\n"
                "def size(path):\n"
                "    with Image.open(path) as image:\n"
                "        image.verify()\n"
                "        found = image.size\n"
                "    return found\n",
            ),
        ),
        clean=(
            Clean(
                "gray.py",
                "converting loads the pixels, which closes the file",
                "from PIL import Image\n\n\ndef gray(path):\n    return Image.open(path).convert('L')\n",
            ),
        ),
    ),
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
        borrowers=frozenset(
            f"os.{name}"
            for name in "write read pread pwrite fsync fdatasync fchmod fchown ftruncate lseek set_inheritable".split()
        ),
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
        borrowers=frozenset(
            f"fs.{name}Sync"
            for name in "read readv readFile write writev writeFile appendFile fstat fsync fdatasync ftruncate fchmod "
            "futimes".split()
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
                "src/lines.js",
                "the stream that the caller gets closes it",
                "import fs from 'node:fs';\n"
                "\n"
                "export async function lines(path) {\n"
                "  const file = await fs.promises.open(path);\n"
                "  return file.createReadStream();\n"
                "}\n",
            ),
        ),
    ),
)
