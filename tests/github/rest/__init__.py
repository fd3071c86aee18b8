"""The REST API of the fake GitHub: one function per operation of the OpenAPI description."""

from __future__ import annotations

from tests.github.rest import apps, checks, commits, git, issues, others, pulls, reactions, repositories, reviews

__all__ = ["apps", "checks", "commits", "git", "issues", "others", "pulls", "reactions", "repositories", "reviews"]
