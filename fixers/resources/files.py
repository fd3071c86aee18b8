"""Files in Python."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Method, OnExit, Resource, Tables

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
)
