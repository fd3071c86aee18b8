"""`python -m tools.manual`: write the manual pages, man/stanch.1 and one for each command, from what click knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click_man.man import ManPage  # type: ignore[import-untyped]

from bot.cli import COMMANDS, stanch
from tools.release import version

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).resolve().parent.parent / "man"


def manual_pages() -> dict[str, str]:
    """The text of each page, by its file name."""
    whole = _context(stanch, "stanch", None)
    pages = dict(_pages(whole, "find resource leaks, and write the fixes"))
    return {f"{name.replace(' ', '-')}.1": text for name, text in pages.items()}


def _pages(context: click.Context, summary: str) -> Iterator[tuple[str, str]]:
    command = context.command
    page = ManPage(context.command_path)
    page.version = f"Stanch {version()}"
    page.date = ""
    page.short_help = _escaped(summary)
    page.synopsis = " ".join(command.collect_usage_pieces(context))
    page.description = _escaped(command.help or "")
    records = [parameter.get_help_record(context) for parameter in command.params]
    page.options = [(names, _escaped(text)) for names, text in filter(None, records)]
    below = _commands(context)
    page.commands = [(name, _escaped(text)) for name, (_, text) in below.items()]
    yield context.command_path, str(page)
    for name, (child, text) in below.items():
        yield from _pages(_context(child, name, context), text[:1].lower() + text[1:].rstrip("."))


def _commands(context: click.Context) -> dict[str, tuple[click.Command, str]]:
    """The commands of a group, with the line that its help has for each."""
    group = context.command
    if not isinstance(group, click.Group):
        return {}
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    summaries = COMMANDS if group is stanch else {}
    return {
        name: (command, summaries.get(name) or command.get_short_help_str(limit=200))
        for name, command in found.items()
        if command is not None
    }


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, info_name=name, parent=parent, terminal_width=200, **command.context_settings)


def _escaped(text: str) -> str:
    """Text in which roff sees neither escapes nor requests (groff(7))."""
    lines = (line.strip() for line in text.replace("\\", r"\e").replace("\b", "").strip().splitlines())
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in lines)


def main() -> None:
    """Writes the pages; those of commands that are no more go."""
    FOLDER.mkdir(exist_ok=True)
    pages = manual_pages()
    for path in FOLDER.glob("*.1"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
