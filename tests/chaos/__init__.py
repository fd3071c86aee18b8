"""Chaos and load: the real service as processes, against the fake GitHub, under faults and under pressure.

    python -m tests.chaos --events 10000 --seed 1           (make chaos)
    python -m tests.chaos.load --seconds 60 --rate 50       (make load)

`stage` is what both run on, `people` what happens on GitHub, `faults` what goes wrong meanwhile, `run` the order of it,
and `invariants` what has to be true at the end, by a model of its own.
"""
