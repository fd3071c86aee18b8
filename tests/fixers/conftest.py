"""Assertions in the helpers of these tests explain themselves, as those in tests do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.fixers.judging")
