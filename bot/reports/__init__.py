"""One Report, many faces: JSON, terminal, Markdown."""
