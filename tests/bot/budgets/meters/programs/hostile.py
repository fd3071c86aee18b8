"""A program that changes what everybody relies on, and prints what it sees."""

import builtins
import json
import os
import sys
import threading
import warnings
from typing import Any


class Meta(type):
    def __hash__(cls) -> int:
        raise RuntimeError("hash ran")

    def __getattribute__(cls, name: str) -> Any:
        if name in ("__module__", "__qualname__"):
            raise RuntimeError("getattribute ran")
        return super().__getattribute__(name)


class Odd(metaclass=Meta):
    closed = property(lambda self: 1 / 0)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise RuntimeError("class ran")

    def __len__(self) -> int:
        raise RuntimeError("len ran")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq ran")

    def __hash__(self) -> int:
        raise RuntimeError("hash ran")


class Big(dict):  # type: ignore[type-arg]
    def __len__(self) -> int:
        raise RuntimeError("len ran")


kept = [Odd(), Big.fromkeys(range(100))]
shown: list[str] = []
warnings.showwarning = lambda message, *_: shown.append(str(message))
warnings.simplefilter("ignore")
warnings.filterwarnings("always", message="mine")
warnings.warn("mine", stacklevel=1)
open(__file__)
# As daemons do.
os.closerange(3, 64)
again = [os.open(__file__, os.O_RDONLY) for _ in range(5)]
seen = [shown, threading.active_count(), [type(thread).__name__ for thread in threading.enumerate()]]
seen += [[os.fstat(number).st_size > 0 for number in again], "stanch" in repr(sys.path), sys.modules.get("tracemalloc")]
try:
    sitecustomize = __import__("sitecustomize")
except ImportError as error:
    seen.append(str(error))
else:
    seen.append(sitecustomize.__file__)
print(json.dumps([*seen, builtins.open.__name__, callable(open)]))
print("ready", flush=True)
for _ in sys.stdin:
    print("done", flush=True)
sys.exit(3)
