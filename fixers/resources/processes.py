"""Child processes: subprocess and os.popen in Python; child_process in Node."""

from fixers.findings import Family
from fixers.resources.model import Clean, Counts, Example, Method, OnExit, Resource, Tables

RESOURCES = (
    Resource(
        id="subprocess.Popen",
        family=Family.PROCESS,
        tables=Tables.PYTHON,
        label="Popen",
        noun="child process",
        ended="waited for",
        acquired_by=("subprocess.Popen",),
        # A child that is killed or watched may still have to be waited for, but its author has thought of its end.
        released_by=(Method("wait"), Method("communicate"), Method("poll"), Method("kill"), Method("terminate")),
        words=(b"Popen",),
        on_exit=OnExit.RELEASES,
        release_waits=True,
        only_with=tuple((stream, "subprocess.PIPE") for stream in ("stdin", "stdout", "stderr")),
        dependents=frozenset({"stdin", "stdout", "stderr"}),
        error_leaks=False,
        source="https://docs.python.org/3/library/subprocess.html#subprocess.Popen: leaving `with` closes the pipes "
        "and waits; without pipes a child may be meant to go on by itself",
        leaking=(
            Example(
                "version.py",
                "never-released",
                "import subprocess\n"
                "\n"
                "\n"
                "def version(command):\n"
                "    child = subprocess.Popen([command, '--version'], stdout=subprocess.PIPE)\n"
                "    line = child.stdout.readline()\n"
                "    print(line)\n",
            ),
        ),
        clean=(
            Clean(
                "output.py",
                "communicate waits",
                "import subprocess\n"
                "\n"
                "\n"
                "def output(command):\n"
                "    child = subprocess.Popen(command, stdout=subprocess.PIPE)\n"
                "    return child.communicate()[0]\n",
            ),
            Clean(
                "browser.py",
                "no pipes: the child goes on by itself",
                "import subprocess\n\n\ndef show(url):\n    subprocess.Popen(['xdg-open', url])\n",
            ),
            Clean(
                "pipeline.py",
                "what reads its output ends it",
                "import subprocess\n"
                "\n"
                "\n"
                "def count(folder):\n"
                "    listing = subprocess.Popen(['ls', folder], stdout=subprocess.PIPE)\n"
                "    counting = subprocess.Popen(['wc', '-l'], stdin=listing.stdout, stdout=subprocess.PIPE)\n"
                "    return counting.communicate()[0]\n",
            ),
        ),
    ),
    Resource(
        id="os.popen",
        family=Family.PROCESS,
        tables=Tables.PYTHON,
        label="os.popen",
        noun="pipe",
        ended="closed",
        acquired_by=("os.popen",),
        released_by=(Method("close"),),
        words=(b"popen",),
        on_exit=OnExit.RELEASES,
        release_waits=True,
        source="https://docs.python.org/3/library/os.html#os.popen: close waits for the command, and gives its status",
        leaking=(
            Example(
                "disks.py",
                "never-released",
                "import os\n\n\ndef disks():\n    return os.popen('df').readlines()\n",
            ),
        ),
        clean=(
            Clean(
                "users.py",
                "leaving `with` closes it",
                "import os\n"
                "\n"
                "\n"
                "def users():\n"
                "    who = os.popen('who')\n"
                "    with who:\n"
                "        return who.readlines()\n",
            ),
        ),
    ),
    Resource(
        id="node:child_process.spawn",
        family=Family.PROCESS,
        tables=Tables.JAVASCRIPT,
        label="spawn",
        noun="child process",
        ended="killed",
        acquired_by=tuple(f"child_process.{name}" for name in ("spawn", "fork", "exec", "execFile")),
        released_by=(Method("kill"), Method("disconnect")),
        words=(b"child_process",),
        counts=Counts.OWNED,
        detached_by=frozenset({"unref"}),
        gives=frozenset({"on", "once", "addListener"}),
        one_shot=True,
        error_leaks=False,
        source="https://nodejs.org/api/child_process.html#subprocesskillsignal",
        leaking=(
            Example(
                "src/server.js",
                "forgotten-by-teardown",
                "import { spawn } from 'node:child_process';\n"
                "\n"
                "export class Server {\n"
                "  start() {\n"
                "    this.child = spawn('server', ['--stdio']);\n"
                "  }\n"
                "\n"
                "  restart() {\n"
                "    this.child.kill();\n"
                "    this.start();\n"
                "  }\n"
                "\n"
                "  dispose() {\n"
                "    this.disposed = true;\n"
                "  }\n"
                "}\n",
                "import { spawn } from 'node:child_process';\n"
                "\n"
                "export class Server {\n"
                "  start() {\n"
                "    this.child = spawn('server', ['--stdio']);\n"
                "  }\n"
                "\n"
                "  restart() {\n"
                "    this.child.kill();\n"
                "    this.start();\n"
                "  }\n"
                "\n"
                "  dispose() {\n"
                "    if (this.child) {\n"
                "      this.child.kill();\n"
                "    }\n"
                "    this.disposed = true;\n"
                "  }\n"
                "}\n",
            ),
        ),
        clean=(
            Clean(
                "src/list.js",
                "it ends by itself",
                "import { spawn } from 'node:child_process';\n"
                "\n"
                "export function list(folder, done) {\n"
                "  const child = spawn('ls', [folder]);\n"
                "  child.on('close', done);\n"
                "}\n",
            ),
        ),
    ),
)
