"""The HTML report: complete, inert whatever is in it, bounded, and fit for a browser without script or network."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from playwright.sync_api import sync_playwright

from bot.reports.html import MAX_LISTED, MAX_OPEN, report_html
from bot.reports.html_elements import Html, element, joined, prose, text
from bot.reports.html_style import STYLE
from bot.reports.inert import terminal_text
from bot.reports.markdown_finding import Material
from bot.reports.paths import with_printable_paths
from fixers.findings import Confidence, Severity, Suppressed
from fixers.source import Skipped
from tests.bot.reports.github_markdown import foreign_text
from tests.bot.reports.samples import (
    ALL_FINDINGS,
    BACKFILL_FINDING,
    CLEAN_REPORT,
    EXPORT_TEST_FINDING,
    HEARTBEAT_FINDING,
    JOBS_FINDING,
    STORE_FINDING,
    UNSURE_FINDING,
    fix_diffs,
    make_report,
    read_line,
)
from tools.preview.picture import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

MATERIAL = Material(read_line, fix_diffs())
replace = msgspec.structs.replace


class Parsed(HTMLParser):
    """What a browser would make of it: elements with their attributes, and the text outside of the style."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.others: list[str] = []
        self._open: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def classes(self) -> set[str]:
        return {name for _, attributes in self.elements for name in (attributes.get("class") or "").split()}

    def attributes(self) -> set[tuple[str, str]]:
        return {(tag, name) for tag, attributes in self.elements for name in attributes}


def parsed(*findings: Any, **options: Any) -> Parsed:
    return Parsed(report_html(make_report(findings or ALL_FINDINGS), material=MATERIAL, **options))


EXPECTED = Parsed(
    report_html(
        make_report(),
        material=Material(read_line, fix_diffs(), "https://example.org/blob"),
        confidence=Confidence.LOW,
    )
)


def test_a_report_shows_its_findings() -> None:
    page = parsed()
    assert "5 leaks, 1 unclean shutdown and 1 leak in tests or examples introduced by this change" in page.words
    for finding in ALL_FINDINGS:
        shown = finding.message.removesuffix(".").replace("`", "")
        assert (shown in page.words) == (finding is not UNSURE_FINDING)
    assert "1less certain, not shown" in page.words
    assert "Incomplete: leaks may be missing, because 1 file was not judged as a whole" in page.words
    assert "an old line that leaks because of this change" in page.words
    assert "collector/legacy.py python2, print statement in line 3" in page.words
    assert "The set client.rooms only grows." in page.words
    assert "By pragma: one-off script" in page.words


def test_a_finding_shows_code_reasons_fix_and_trail() -> None:
    document = report_html(make_report((STORE_FINDING,)), material=MATERIAL)
    assert '<span class="number">10 </span>conn = <mark>psycopg.connect(dsn)</mark>' in document
    words = Parsed(document).words
    assert "at line 11: parse may raise" in words
    assert "(and 2 more exits)" in words
    assert "+1 connection per call (batch-of-bad-lines)" in words
    assert f"closes conn in a finally; stanch fix --id {STORE_FINDING.id}" in words
    assert '<span class="line added">+    try:</span>' in document
    assert '<span class="line removed">-    conn.commit()</span>' in document
    assert document.count("<li>") >= len(STORE_FINDING.trail)


def test_without_code_the_rest_is_there() -> None:
    page = Parsed(report_html(make_report((STORE_FINDING,))))
    assert "pre" not in page.tags()
    assert "at line 11: parse may raise" in page.words


def test_a_clean_report_says_so() -> None:
    page = Parsed(report_html(CLEAN_REPORT))
    assert "No leaks" in page.words
    assert "article" not in page.tags()
    assert "Incomplete" not in page.words


def test_what_the_answer_depends_on_is_all_there() -> None:
    report = make_report()
    words = Parsed(report_html(report)).words
    assert report.tree is not None
    assert report.base is not None
    for value in (report.tree, report.base, report.config, '{"confidence": "low"}', report.engine.version):
        assert value in words


def test_equal_reports_give_equal_text() -> None:
    report = make_report()
    turned = replace(report, findings=report.findings[::-1], skipped=report.skipped[::-1])
    assert report_html(report, material=MATERIAL) == report_html(turned, material=MATERIAL)


def test_places_are_links_where_there_is_something_to_link_to() -> None:
    assert ("a", "href") not in parsed().attributes()
    finding = replace(HEARTBEAT_FINDING, path="src/\udcff #1.ts")
    report = with_printable_paths(make_report((finding,), resolved=()))
    page = Parsed(report_html(report, material=Material(blob_url="https://example.org/blob")))
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert links == [f"https://example.org/blob/src/%FF%20%231.ts#L{finding.line}"]


def test_the_policy_allows_the_style_and_nothing_else() -> None:
    page = parsed()
    policies = [
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert f"<style>{STYLE}</style>" in report_html(make_report())
    assert page.tags().isdisjoint({"script", "img", "link", "iframe", "form", "object"})


@given(foreign_text)
def test_foreign_text_makes_no_element_and_no_attribute(foreign: str) -> None:
    # No file's name holds other surrogates than those for its bytes.
    path = foreign.replace("\ud800", "\udcff")
    finding = replace(
        STORE_FINDING,
        message=f"The file `{foreign}` {foreign}",
        path=path,
        resource_id=foreign,
        rule=f"file/{foreign}",
        trail=tuple(replace(step, text=foreign, path=path) for step in STORE_FINDING.trail),
        fix=replace(STORE_FINDING.fix, summary=foreign, why=foreign),
        witness=replace(STORE_FINDING.witness, rate=foreign, profile=foreign) if STORE_FINDING.witness else None,
    )
    silenced = replace(finding, id="silenced", suppressed=Suppressed(by="pragma", reason=foreign))
    report = replace(
        make_report((finding, silenced), resolved=(finding,), skipped=(Skipped(path, "limit", foreign),)),
        options={"paths": [foreign]},
        prefix=path,
    )
    page = Parsed(report_html(report, material=Material(lambda _path, _line: foreign, {}, "https://example.org")))
    assert page.tags() <= EXPECTED.tags() | {"pre", "mark"}
    assert page.attributes() <= EXPECTED.attributes()
    assert page.classes() <= EXPECTED.classes()
    assert page.others == []
    assert all(
        str(attributes["href"]).startswith("https://example.org/")
        for _, attributes in page.elements
        if "href" in attributes
    )


@given(foreign_text)
def test_text_is_shown_as_what_it_is(foreign: str) -> None:
    for made in (text(foreign), element("p", foreign), element("p", title=foreign), joined([foreign])):
        assert isinstance(made, Html)
    assert Parsed(element("p", foreign)).words == terminal_text(foreign)
    assert Parsed(element("p", title=foreign)).elements == [("p", {"title": terminal_text(foreign)} if foreign else {})]
    assert Parsed(prose(f"a `{foreign}`")).tags() <= {"code"}


def many(number: int) -> tuple[Any, ...]:
    return tuple(replace(STORE_FINDING, id=f"{at:016x}-1", path=f"src/{at:05}.py") for at in range(number))


def test_the_first_files_are_open_and_the_others_folded() -> None:
    page = parsed(*many(MAX_OPEN + 10), EXPORT_TEST_FINDING)
    files = [attributes for tag, attributes in page.elements if tag == "details" and attributes["class"] == "file"]
    assert [("open" in attributes) for attributes in files] == [True] * MAX_OPEN + [False] * 11


def test_a_report_is_bounded_and_says_what_it_left_out() -> None:
    advice = tuple(replace(finding, severity=Severity.ADVICE) for finding in many(200))
    report = make_report((*advice, replace(HEARTBEAT_FINDING, path="zzz.ts")))
    document = report_html(report, material=MATERIAL, limit=60_000)
    assert len(document.encode()) <= 60_000
    page = Parsed(document)
    shown = sum(tag == "article" for tag, _ in page.elements)
    assert 0 < shown < 201
    assert f"{201 - shown} more findings do not fit here" in page.words
    assert "keeps firing after" in page.words


def test_lists_and_long_texts_are_bounded() -> None:
    skipped = tuple(Skipped(f"{'p/' * 2_000}{at}.js", "minified", "d" * 5_000) for at in range(1_000))
    silenced = tuple(replace(BACKFILL_FINDING, id=f"s-{at}", message="m" * 5_000) for at in range(1_000))
    finding = replace(JOBS_FINDING, message="m" * 50_000, trail=JOBS_FINDING.trail * 500)
    report = make_report((finding, *silenced), skipped=skipped)
    diff = "--- a/x\n+++ b/x\n@@ -1 +1,5000 @@\n x\n" + "+y\n" * 4_999
    document = report_html(report, material=Material(lambda _path, _line: "z" * 100_000, {finding.id: diff}))
    assert len(document) < 600_000
    words = Parsed(document).words
    assert words.count(f"and {1_000 - MAX_LISTED:,} more") == 2
    assert "The fix has 5,00" in words
    assert "more steps; stanch explain" in words


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("html") / "report.html"
    file.write_text(report_html(make_report(), material=MATERIAL), encoding="utf-8")
    return file


def opened(browser: Browser, file: Path, events: list[str], **options: Any) -> Page:
    tab = browser.new_context(**options).new_page()
    tab.on("request", lambda request: events.append(request.url))
    tab.on("console", lambda message: events.append(message.text))
    tab.on("pageerror", lambda error: events.append(str(error)))
    tab.goto(file.as_uri())
    return tab


def background(tab: Page) -> str:
    color: str = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    return color


@pytest.mark.browser
@pytest.mark.parametrize("width", [1200, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_alone_and_without_script(
    browser: Browser, page_file: Path, scheme: str, width: int
) -> None:
    events: list[str] = []
    tab = opened(
        browser,
        page_file,
        events,
        java_script_enabled=False,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    trail = tab.locator("details.trail").first
    steps = trail.locator("ol")
    assert not steps.is_visible()
    trail.locator("summary").click()
    assert steps.is_visible()
    file = tab.locator("details.file").first
    assert file.locator("article").is_visible()
    file.locator("summary").first.click()
    assert not file.locator("article").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert background(tab) == ("rgb(246, 247, 249)" if scheme == "light" else "rgb(20, 23, 28)")
    assert events == [page_file.as_uri()]


@pytest.mark.browser
def test_on_paper_nothing_is_folded(browser: Browser, page_file: Path) -> None:
    tab = opened(browser, page_file, [], color_scheme="dark")
    assert not tab.locator("details.trail ol").first.is_visible()
    tab.emulate_media(media="print")
    assert tab.locator("details.trail ol").first.is_visible()
    assert background(tab) == "rgb(255, 255, 255)"
