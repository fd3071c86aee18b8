"""Fuzzing: generated programs, mutated real files and raw bytes through scan and fix; see docs/benchmark.md."""
