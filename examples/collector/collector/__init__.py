"""Polls feeds and keeps what is new."""
