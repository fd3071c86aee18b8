"""Markdown of a comment -> an HTML page that looks like a comment on GitHub."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from bot.reports.inert import markdown_text
from tools.preview.assets import install, stylesheet
from tools.preview.highlight import highlighted

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

    from bot.decisions.checks import CheckRun

# What a comment of Stanch may hold. GitHub allows more; whatever else turns up here shows as text, to be noticed.
_ALLOWED_TAG = re.compile(r"</?(?:details|summary|sub)>|<br>")
_HTML_PIECE = re.compile(r"(<!--.*?-->|</?[a-z]+>)", re.DOTALL)
_TASK = re.compile(r"<li>\[([ x])\] ")

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
{stylesheet}
{frame}
</style>
</head>
<body>
<div class="comment">
<div class="bar">{bar}</div>
<article class="markdown-body">
{body}
</article>
</div>
<p class="imitated">Preview. Imitated: the frame and its bar, the colours of code, the suggestion box, diagrams.</p>
</body>
</html>
"""

_COMMENT_BAR = (
    '<span class="avatar" aria-hidden="true"></span><strong>stanch</strong>\n'
    '<span class="label">bot</span> <span class="muted">commented</span>'
)

_FRAME = """\
body { margin: 16px; background: %(canvas)s; color: %(text)s; }
body, .bar { font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
.comment { border: 1px solid %(line)s; border-radius: 6px; }
.bar { background: %(bar)s; border-bottom: 1px solid %(line)s; border-radius: 6px 6px 0 0; padding: 8px 16px; }
.avatar { background: #1a7f64; border-radius: 50%%; display: inline-block; height: 20px; margin: 0 8px -5px 0;
  width: 20px; }
.label { border: 1px solid %(line)s; border-radius: 2em; font-size: 12px; padding: 0 7px; }
.button { background: %(canvas)s; border: 1px solid %(line)s; border-radius: 6px; float: right; font-size: 12px;
  margin-left: 8px; padding: 1px 10px; }
.muted, .imitated { color: %(muted)s; }
.markdown-body { border-radius: 0 0 6px 6px; font-size: 14px; padding: 16px; }
.imitated { font-size: 11px; margin: 8px 0 0; }
.suggestion { border: 1px solid %(line)s; border-radius: 6px; margin-bottom: 16px; }
.suggestion > div { border-bottom: 1px solid %(line)s; font-size: 12px; padding: 6px 12px; }
.suggestion > pre { background: %(added)s !important; border-radius: 0 0 6px 6px !important; margin: 0 !important; }
pre.mermaid { background: transparent !important; text-align: center; }
"""
_LIGHT = {
    "canvas": "#ffffff",
    "text": "#1f2328",
    "line": "#d1d9e0",
    "bar": "#f6f8fa",
    "muted": "#59636e",
    "added": "#dafbe1",
}
_DARK = {
    "canvas": "#0d1117",
    "text": "#f0f6fc",
    "line": "#3d444d",
    "bar": "#151b23",
    "muted": "#9198a1",
    "added": "#12261e",
}


def body_of(markdown: str) -> str:
    """The Markdown as GitHub's kind of HTML; only a few bare tags pass as such, all other HTML shows as text."""
    # GitHub breaks the line at every line end of a comment (not of a file).
    parser = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("html_block", _render_html)
    parser.add_render_rule("html_inline", _render_html)
    parser.add_render_rule("fence", _render_fence)
    return _TASK.sub(_checkbox, parser.render(markdown))


def page_of(markdown: str, *, dark: bool = False, unfold: bool = False) -> str:
    """The whole page, without anything that is loaded from elsewhere; `unfold` opens every `<details>`."""
    return _page(_COMMENT_BAR, markdown, dark=dark, unfold=unfold)


def check_page(check: CheckRun, *, dark: bool = False) -> str:
    """The page of a check run."""
    buttons = "".join(f'<span class="button">{escape(action.label)}</span>' for action in reversed(check.actions))
    result = f'<span class="label">{escape(check.conclusion)}</span>'
    bar = f"{buttons}<strong>{escape(check.name)}</strong> {result}"
    return _page(bar, f"### {markdown_text(check.output.title)}\n\n{check.output.summary}", dark=dark)


def _page(bar: str, markdown: str, *, dark: bool, unfold: bool = False) -> str:
    install()
    body = body_of(markdown)
    if unfold:
        body = body.replace("<details>", "<details open>")
    frame = _FRAME % (_DARK if dark else _LIGHT)
    return _PAGE.format(bar=bar, stylesheet=stylesheet(dark=dark), frame=frame, body=body)


def _render_html(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: MutableMapping[str, Any]
) -> str:
    pieces = _HTML_PIECE.split(tokens[index].content)
    return "".join(map(_sanitised, pieces))


def _sanitised(piece: str) -> str:
    if piece.startswith("<!--") and piece.endswith("-->"):
        return ""
    return piece if _ALLOWED_TAG.fullmatch(piece) else escape(piece)


def _render_fence(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    language = token.info.strip()
    code = token.content.removesuffix("\n")
    if language == "mermaid":
        return f'<pre class="mermaid">{escape(code)}</pre>\n'
    if language == "suggestion":
        return f'<div class="suggestion"><div>Suggested change</div><pre>{escape(code)}</pre></div>\n'
    return f'<div class="highlight"><pre>{highlighted(code, language)}</pre></div>\n'


def _checkbox(match: re.Match[str]) -> str:
    checked = " checked" if match.group(1) == "x" else ""
    return f'<li class="task-list-item"><input type="checkbox" disabled{checked}> '
