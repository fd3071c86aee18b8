"""Tools for those who work on Stanch; no part of the product."""
