"""What the whole test run needs: hypothesis without a clock, a cache folder of its own, and a last line that says what
was left out.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tools.preview.picture import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

hypothesis.settings.register_profile("stanch", deadline=None)
hypothesis.settings.load_profile("stanch")

HAS_CHROMIUM = chromium() is not None
REQUIRES_ALL = bool(os.environ.get("STANCH_REQUIRE_ALL"))


@pytest.fixture(autouse=True, scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or leaves results in the cache folder of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_configure(config: pytest.Config) -> None:
    if REQUIRES_ALL and not HAS_CHROMIUM:
        raise pytest.UsageError(
            "STANCH_REQUIRE_ALL is set, but there is no chromium for the browser tests; apt-get install chromium"
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if HAS_CHROMIUM:
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_unconfigure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not HAS_CHROMIUM and not REQUIRES_ALL:
        print("Left out: the browser tests, because there is no chromium (apt-get install chromium).")
