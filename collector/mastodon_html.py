"""The HTML of a status, as far as its marks say more than its text."""

from html.parser import HTMLParser

_QUOTED = "quote-inline"
"""Class with which Mastodon marks the address of a quoted status, written for readers whose programs know no quotes."""
_EMPTY = frozenset({"br", "img", "hr", "wbr"})
"""Elements that have no end."""


class _LinkFinder(HTMLParser):
    """Collects the addresses of links that are neither mentions nor hashtags."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link."""
        if tag == "a":
            attributes = dict(attrs)
            kinds = (attributes.get("class") or "").split()
            address = attributes.get("href") or ""
            if address.startswith(("https://", "http://")) and "mention" not in kinds and "hashtag" not in kinds:
                self.links[address] = None


class _Unquoting(HTMLParser):
    """Writes the same HTML again without the elements that stand for a quoted status."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self.within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag, or begin to leave out."""
        if self.within:
            self.within += tag not in _EMPTY
        elif _QUOTED in (dict(attrs).get("class") or "").split() and tag not in _EMPTY:
            self.within = 1
        else:
            self.kept.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag that ends itself."""
        del tag, attrs
        self._keep(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        """Keep a tag, or end what is left out."""
        if self.within:
            self.within -= tag not in _EMPTY
        else:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        """Keep a character that is written by its name."""
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Keep a character that is written by its number."""
        self._keep(f"&#{name};")

    def _keep(self, written: str) -> None:
        if not self.within:
            self.kept.append(written)


def links_in(content: str) -> tuple[str, ...]:
    """Return the addresses of links that are neither mentions nor hashtags, each once."""
    finder = _LinkFinder()
    finder.feed(content)
    return tuple(finder.links)


def without_quoted(content: str) -> str:
    """Return a status without the line that stands for what it quotes; as it is where that line has no end."""
    if _QUOTED not in content:
        return content
    writer = _Unquoting()
    writer.feed(content)
    writer.close()
    return content if writer.within else "".join(writer.kept)
