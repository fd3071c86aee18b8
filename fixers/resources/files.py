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
)
