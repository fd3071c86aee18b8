"""The hooks inside Python programs: they answer what the program holds, and never break it.

Nothing here is imported later than at the start, when no module of the program can be taken for one of Python's own,
and nothing starts a thread that `threading` knows.
"""
