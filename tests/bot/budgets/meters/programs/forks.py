"""A server that forks a worker, as pre-forking servers do; both hold what each line of the input says."""

import os
import sys
import threading
import warnings

# Python 3.12 warns where a process with more than one thread forks.
warnings.simplefilter("error")
held: list[object] = []
requests, answers = os.pipe(), os.pipe()
assert threading.active_count() == 1


def hold(times: int) -> None:
    held.extend(open(__file__) for _ in range(times))


if os.fork() == 0:
    os.close(requests[1])
    with os.fdopen(requests[0]) as lines:
        for line in lines:
            hold(int(line))
            os.write(answers[1], b"x")
    os._exit(0)

print("ready", flush=True)
for line in sys.stdin:
    hold(int(line))
    os.write(requests[1], line.encode())
    os.read(answers[0], 1)
    print("done", flush=True)
