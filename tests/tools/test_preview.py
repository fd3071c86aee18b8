"""The preview: GitHub's kind of HTML, nothing else let through, and a picture."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from bot.decisions.comments import review_comment
from bot.reports.markdown_finding import Material
from tests.bot.reports.github_markdown import foreign_text
from tests.bot.reports.samples import fix_diffs, make_report, read_line
from tools.preview.__main__ import main
from tools.preview.page import body_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a\nb", "<p>a<br />\nb</p>\n"),
        ("~~a~~", "<p><s>a</s></p>\n"),
        ("<sub>a `b`</sub>", "<p><sub>a <code>b</code></sub></p>\n"),
        ("<!-- hidden -->\ntext", "\n<p>text</p>\n"),
        ("<details>\n<summary>a</summary>\n\nb\n\n</details>", "<details>\n<summary>a</summary>\n<p>b</p>\n</details>"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("a <img src=x onerror=y>", "<p>a &lt;img src=x onerror=y&gt;</p>\n"),
        ("- [x] done\n- [ ] not", '<li class="task-list-item"><input type="checkbox" disabled checked> done</li>'),
        ("```diff\n-a\n+b\n```", '<span class="pl-md">-a</span>\n<span class="pl-mi1">+b</span>'),
        ("```suggestion\n<b>\n```", "<div>Suggested change</div><pre>&lt;b&gt;</pre>"),
        ("```mermaid\ngraph TD\n```", '<pre class="mermaid">graph TD</pre>'),
        ("```nonesuch\n<b>\n```", "<pre>&lt;b&gt;</pre>"),
        ("| a |\n|---|\n| b |", "<td>b</td>"),
    ],
)
def test_markdown_becomes_html(markdown: str, html: str) -> None:
    assert html in body_of(markdown)


@given(foreign_text)
def test_no_script_survives(text: str) -> None:
    assert "<script" not in body_of(f"{text}<script>")


@pytest.mark.browser
@pytest.mark.parametrize("options", [[], ["--dark", "--open", "--width", "400"]], ids=["light", "dark and narrow"])
def test_a_comment_becomes_a_picture(tmp_path: Path, options: list[str]) -> None:
    comment = review_comment(make_report(), key="review", material=Material(read_line, fix_diffs()))
    assert comment is not None
    diagram = "\n```mermaid\nxychart-beta\n  line [1, 2, 3]\n```\n"
    (tmp_path / "comment.md").write_text(comment + diagram, encoding="utf-8")
    assert main([str(tmp_path / "comment.md"), str(tmp_path / "out.png"), *options]) == 0
    header = (tmp_path / "out.png").read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", header[16:])
    assert width == 2 * (400 if options else 860)
    assert height > 2000


def test_a_missing_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.md"), str(tmp_path / "out.png")]) == 2
    assert capsys.readouterr().err.startswith("No picture: ")
