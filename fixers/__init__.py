"""The engine: source text in; findings and edits out.

Nothing in this package knows GitHub, a network, a clock or a process, and nothing in it imports `bot`.
"""
