"""Watching a live process from outside: samples, alerts, a view and a report, in bounded memory."""
