"""Meters: what a running program holds, read from outside, from hooks inside it, and from its databases.

They measure and judge nothing: each reading is a `Reading` of one moment, and what it could not measure is absent.
"""
