"""RSS and Atom to items."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Item:
    """Something a feed told us about."""

    feed: str
    key: str
    title: str
    link: str


def parse(feed: str, text: str) -> list[Item]:
    """The items of a feed, newest first, as the feed has them.

    Raises:
        ValueError: the text is neither RSS nor Atom.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"{feed}: not XML: {error}") from error
    if root.tag == "rss":
        return [_rss_item(feed, item) for item in root.iter("item")]
    if root.tag == f"{ATOM}feed":
        return [_atom_item(feed, entry) for entry in root.iter(f"{ATOM}entry")]
    raise ValueError(f"{feed}: neither RSS nor Atom, but <{root.tag}>")


def _rss_item(feed: str, item: ElementTree.Element) -> Item:
    link = item.findtext("link", "")
    return Item(feed, item.findtext("guid", link), item.findtext("title", ""), link)


def _atom_item(feed: str, entry: ElementTree.Element) -> Item:
    link = entry.find(f"{ATOM}link")
    href = link.get("href", "") if link is not None else ""
    return Item(feed, entry.findtext(f"{ATOM}id", href), entry.findtext(f"{ATOM}title", ""), href)
