"""What well-known functions do with a handle that they are given. Access paths; see `fixers/names.py`."""

from __future__ import annotations

from typing import Final

from fixers.facts import ELEMENT
from fixers.resources.model import paths

BORROWERS: Final = frozenset(
    paths("global.console", "log info warn error debug trace dir assert")
    | paths("global.JSON", "stringify parse")
    | paths("global", "String Number Boolean isNaN parseInt parseFloat structuredClone encodeURIComponent")
    | paths("global.Array", "isArray")
    | paths("global.Object", "keys is")
    | paths(
        "builtins",
        "print len isinstance issubclass str repr type id bool int float hasattr callable hash dir vars",
    )
    | paths(
        "builtins",
        "sum min max any all",
    )
    | paths("json", "load dump")
    | paths("pickle", "load dump")
    | paths("marshal", "load dump")
    | paths("plistlib", "load dump")
    | paths("tomllib", "load")
    | paths("tomli", "load")
    | paths("toml", "load dump")
    | paths("yaml", "load safe_load full_load dump safe_dump")
    | paths("shutil", "copyfileobj")
    | paths("logging", "debug info warning error exception critical log")
    | paths("select", "select")
    | paths("fcntl", "flock lockf fcntl ioctl")
    | paths("os", "fsync fstat")
    | paths("ast", "literal_eval")
    | paths("hashlib", "file_digest")
    | paths("configparser.ConfigParser()", "read_file readfp write")
    | {"subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}
)
"""They use the handle and are done with it when they return."""

COPIES: Final = frozenset(
    paths("builtins", "list sorted tuple set frozenset iter reversed")
    | paths("global.Object", "values")
    | {"global.Array.from", "global.Set", "global.Array"}
)
"""They give the elements of a container anew."""

DEPENDENT_RESULTS: Final = frozenset(
    paths("csv", "reader DictReader writer DictWriter")
    | paths("builtins", "map filter zip enumerate next")
    | paths("itertools", "islice chain takewhile dropwhile groupby")
    | paths("os.path", "join abspath realpath normpath")
)
"""What they return reads the handle later: whoever gets the result has the handle."""

WRAPPERS: Final = frozenset(
    {
        "contextlib.closing",
        "contextlib.aclosing",
        "io.TextIOWrapper",
        "io.BufferedReader",
        "io.BufferedWriter",
        "codecs.getreader()",
        "codecs.getwriter()",
        "os.fdopen",
    }
)
"""Their result takes the handle over: ending it ends the handle."""

NEVER_THROWING: Final = frozenset(
    paths("global.console", "log info warn error debug trace dir group groupEnd time timeEnd")
    | paths(
        "global",
        "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask String Boolean",
    )
    | paths("global.Date", "now")
    | paths("global.performance", "now")
    | paths("global.Math", "random floor ceil round min max abs")
    | paths("global.Array", "isArray")
    | {"global.Promise.resolve", "global.Date", "global.Map", "global.Set", "global.WeakMap", "global.WeakSet"}
    | paths("builtins", "print len isinstance issubclass repr type id bool hasattr callable super list dict set tuple")
    | paths("logging", "debug info warning error exception critical log getLogger")
    | paths("logging.getLogger()", "debug info warning warn error exception critical log")
    | paths("time", "time monotonic perf_counter")
    | {"ssl.create_default_context", "ssl.SSLContext"}
    | paths("os.path", "join basename dirname split splitext normpath abspath isabs exists isfile isdir")
)
"""Calls after which no error path begins, so that a statement between acquire and release is not held against it."""

QUIET_METHODS: Final = frozenset(
    {"on", "once", "off", "addListener", "removeListener", "addEventListener", "removeEventListener"}
)
"""JavaScript methods that only register something, of any receiver."""

FUNCTION_WRAPPERS: Final = frozenset(
    f"{module}.useCallback" for module in ("react", "global.React", "preact/hooks", "preact/compat")
)
"""Their result runs the function that they get, and is the same one each time."""

THREADS: Final = frozenset({"threading.Thread", "multiprocessing.Process"})
"""They run their second argument, `target`, until it returns."""

REMOVING_METHODS: Final = frozenset({"off", "removeListener", "removeEventListener", "unsubscribe", "unlisten"})
"""Methods that take a function off a target, of any receiver."""

STORE_METHODS: Final = frozenset({"push", "add", "set", "append", "appendleft", "unshift", "insert", "setdefault"})
"""Methods that put an argument into their container."""

COLLECTED: Final = (ELEMENT, "sink")
"""Path steps to what a collection holds that ends all of it at once; `sink` is that of SubSink, which adds what it is
assigned.
"""

ELEMENT_METHODS: Final = frozenset({"pop", "popleft", "shift", "get", "popitem", "at", "find"})
"""Methods that give one element of their container."""

VIEW_METHODS: Final = frozenset(
    {"values", "entries", "items", "slice", "splice", "copy", "concat", "filter", "reverse"}
)
"""Methods that give the elements of their container in another one."""

VISITOR_METHODS: Final = frozenset({"forEach", "map", "flatMap", "some", "every", "each", "reduce"})
"""Methods that run a function on each element, before they return."""
