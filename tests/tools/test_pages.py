"""The pictures of the setup page are made from the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.test_docs import picture_size
from tools.pages import main, pages
from tools.preview.picture import chromium

if TYPE_CHECKING:
    from pathlib import Path


def test_every_page_is_there() -> None:
    found = pages()
    assert list(found) == ["setup", "setup-faults", "setup-confirm", "setup-done", "setup-failed"]
    assert all(page.startswith("<!doctype html>") for page in found.values())


@pytest.mark.browser
def test_the_picture_can_be_made_anew(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["setup.png"]
    width, height = picture_size(tmp_path / "setup.png")
    assert width == 640
    assert height > 800


@pytest.mark.browser
def test_nothing_is_wider_than_a_small_telephone() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            tab = browser.new_context(viewport={"width": 320, "height": 600}, offline=True).new_page()
            for name, page in pages().items():
                tab.set_content(page.replace("<details>", "<details open>"))
                assert tab.evaluate("document.documentElement.scrollWidth") == 320, name
        finally:
            browser.close()


@pytest.mark.browser
def test_every_field_has_a_name_and_the_faults_are_told() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            tab = browser.new_context(offline=True).new_page()
            tab.set_content(pages()["setup-faults"])
            assert (
                tab.get_by_role("group", name="Who owns it?").get_by_role("radio", name="An organisation").is_checked()
            )
            assert tab.get_by_role("group", name="What may it do?").get_by_role("radio").count() == 2
            organisation = tab.get_by_role("textbox", name="Its name")
            assert organisation.get_attribute("aria-invalid") == "true"
            described = (organisation.get_attribute("aria-describedby") or "").split()
            assert "Write the organisation's name" in " ".join(
                tab.locator(f"#{each}").inner_text() for each in described
            )
            assert tab.get_by_role("alert").inner_text() == "Not yet: 2 answers need another look."
        finally:
            browser.close()
