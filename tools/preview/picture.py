"""A page as a picture, by the Chromium of the machine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tools.preview.assets import MERMAID

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--font-render-hinting=none",
]


class PreviewError(RuntimeError):
    """The picture cannot be made on this machine."""


def chromium() -> str | None:
    """The path of an installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def save_picture(page: str, picture: Path, *, width: int = 860, scale: int = 2, dark: bool = False) -> None:
    """Write the page, over its whole height, as a PNG. Nothing is fetched: the browser is offline.

    Args:
        page: the HTML.
        picture: the file to write.
        width: of the page, in CSS pixels.
        scale: pixels of the picture for each of them.
        dark: as on a machine whose colours are dark.

    Raises:
        PreviewError: there is no Chromium.
    """
    executable = chromium()
    if executable is None:
        raise PreviewError("there is no Chromium; install it, on Debian with `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        try:
            context = browser.new_context(
                viewport={"width": width, "height": 200},
                device_scale_factor=scale,
                color_scheme="dark" if dark else "light",
                offline=True,
            )
            tab = context.new_page()
            tab.set_content(page)
            _draw_diagrams(tab, page)
            tab.screenshot(path=picture, full_page=True, animations="disabled")
        finally:
            browser.close()


def _draw_diagrams(tab: Page, page: str) -> None:
    if '<pre class="mermaid">' not in page:
        return
    tab.add_script_tag(path=MERMAID)
    tab.evaluate("() => { mermaid.initialize({startOnLoad: false, securityLevel: 'strict'}); return mermaid.run(); }")
