"""Temporary files and directories in Python: tempfile."""

from fixers.findings import Family
from fixers.resources.model import Clean, Example, Function, Method, OnExit, Resource, Tables, paths

_FILE_SYSTEM = (
    paths("os", "listdir scandir makedirs mkdir chmod stat access symlink link rename replace remove unlink")
    | paths("os.path", "exists isdir isfile basename dirname getsize relpath")
    | paths("shutil", "copy copy2 copyfile copytree unpack_archive")
    | {"builtins.open", "io.open", "zipfile.ZipFile", "tarfile.open"}
)
"""What is given a path, and does not thereby own what lies there."""

RESOURCES = (
    Resource(
        id="tempfile.TemporaryFile",
        family=Family.TEMPFILE,
        tables=Tables.PYTHON,
        label="NamedTemporaryFile",
        noun="temporary file",
        ended="closed",
        acquired_by=("tempfile.NamedTemporaryFile", "tempfile.TemporaryFile", "tempfile.SpooledTemporaryFile"),
        released_by=(Method("close"),),
        words=(b"TemporaryFile",),
        on_exit=OnExit.RELEASES,
        source="https://docs.python.org/3/library/tempfile.html#tempfile.NamedTemporaryFile",
        leaking=(
            Example(
                "pages.py",
                "not-released-on-error",
                "import tempfile\n"
                "\n"
                "\n"
                "def spool(pages):\n"
                "    file = tempfile.TemporaryFile()\n"
                "    for page in pages:\n"
                "        file.write(page.render())\n"
                "    size = file.tell()\n"
                "    file.close()\n"
                "    return size\n",
                "import tempfile\n"
                "\n"
                "\n"
                "def spool(pages):\n"
                "    with tempfile.TemporaryFile() as file:\n"
                "        for page in pages:\n"
                "            file.write(page.render())\n"
                "        size = file.tell()\n"
                "    return size\n",
            ),
        ),
        clean=(
            Clean(
                "spooled.py",
                "the caller gets the file",
                "import tempfile\n"
                "\n"
                "\n"
                "def spooled(data):\n"
                "    file = tempfile.SpooledTemporaryFile()\n"
                "    return file\n",
            ),
        ),
    ),
    Resource(
        id="tempfile.TemporaryDirectory",
        family=Family.TEMPFILE,
        tables=Tables.PYTHON,
        label="TemporaryDirectory",
        noun="temporary directory",
        ended="cleaned up",
        acquired_by=("tempfile.TemporaryDirectory",),
        released_by=(Method("cleanup"),),
        words=(b"TemporaryDirectory",),
        on_exit=OnExit.RELEASES,
        source="https://docs.python.org/3/library/tempfile.html#tempfile.TemporaryDirectory",
        leaking=(
            Example(
                "unpack.py",
                "not-released-on-error",
                "import shutil\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def unpack(archive, install):\n"
                "    folder = tempfile.TemporaryDirectory()\n"
                "    shutil.unpack_archive(archive, folder.name)\n"
                "    install(folder.name)\n"
                "    folder.cleanup()\n",
                "import shutil\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def unpack(archive, install):\n"
                "    with tempfile.TemporaryDirectory() as folder:\n"
                "        shutil.unpack_archive(archive, folder.name)\n"
                "        install(folder.name)\n",
            ),
        ),
    ),
    Resource(
        id="tempfile.mkstemp",
        family=Family.TEMPFILE,
        tables=Tables.PYTHON,
        label="mkstemp",
        noun="file descriptor",
        ended="closed",
        acquired_by=("tempfile.mkstemp",),
        released_by=(Function("os.close"),),
        words=(b"mkstemp",),
        member=("[0]",),
        takers=frozenset({"os.fdopen", "builtins.open", "io.open"}),
        borrowers=paths("os", "write read fsync fchmod fchown fstat ftruncate lseek set_inheritable"),
        source="https://docs.python.org/3/library/tempfile.html#tempfile.mkstemp: an open descriptor and a path",
        leaking=(
            Example(
                "save.py",
                "never-released",
                "import tempfile\n"
                "\n"
                "\n"
                "def save(text):\n"
                "    _, path = tempfile.mkstemp()\n"
                "    with open(path, 'w') as file:\n"
                "        file.write(text)\n"
                "    return path\n",
            ),
        ),
        clean=(
            Clean(
                "atomic.py",
                "the file closes it",
                "import os\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def replace(path, text):\n"
                "    descriptor, name = tempfile.mkstemp(dir=os.path.dirname(path))\n"
                "    with os.fdopen(descriptor, 'w') as file:\n"
                "        file.write(text)\n"
                "    os.replace(name, path)\n",
            ),
            Clean(
                "names.py",
                "closed at once",
                "import os\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def new_name():\n"
                "    descriptor, name = tempfile.mkstemp()\n"
                "    os.close(descriptor)\n"
                "    return name\n",
            ),
        ),
    ),
    Resource(
        id="tempfile.mkdtemp",
        family=Family.TEMPFILE,
        tables=Tables.PYTHON,
        label="mkdtemp",
        noun="temporary directory",
        ended="removed",
        acquired_by=("tempfile.mkdtemp",),
        released_by=(Function("shutil.rmtree"), Function("os.rmdir")),
        words=(b"mkdtemp",),
        borrowers=_FILE_SYSTEM,
        takers=frozenset({"builtins.print"}),  # who is told the name may want the directory
        wrappers=frozenset({"pathlib.Path"}),
        source="https://docs.python.org/3/library/tempfile.html#tempfile.mkdtemp: whoever calls it has to delete it",
        leaking=(
            Example(
                "render.py",
                "never-released",
                "import os\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def render(pages):\n"
                "    folder = tempfile.mkdtemp()\n"
                "    for number, page in enumerate(pages):\n"
                "        with open(os.path.join(folder, f'{number}.html'), 'w') as file:\n"
                "            file.write(page.html())\n"
                "    return len(os.listdir(folder))\n",
            ),
        ),
        clean=(
            Clean(
                "build.py",
                "removed in finally",
                "import shutil\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def build(source, compile):\n"
                "    folder = tempfile.mkdtemp()\n"
                "    try:\n"
                "        shutil.copytree(source, folder, dirs_exist_ok=True)\n"
                "        return compile(folder)\n"
                "    finally:\n"
                "        shutil.rmtree(folder)\n",
            ),
            Clean(
                "scratch.py",
                "the caller gets a path in it",
                "import os\n"
                "import tempfile\n"
                "\n"
                "\n"
                "def scratch(name):\n"
                "    return os.path.join(tempfile.mkdtemp(), name)\n",
            ),
        ),
    ),
)
