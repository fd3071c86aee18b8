"""Measures Stanch: its scores on labelled leaks of public repositories, and its speed."""
