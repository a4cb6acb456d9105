"""What a browser would make of a page."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> Exercise Nobody"
"""A record's words that would be markup."""


class Read(HTMLParser):
    """What a browser would make of a page: its tags, its words, its scripts' addresses, and its forms' hidden fields."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.scripts: list[str] = []
        self.hidden: dict[str, str] = {}
        self.links: list[str] = []
        self.rels: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        assert not [name for name in said if name.startswith("on") or name == "style"]
        if tag == "script":
            self.scripts.append(said.get("src", "in the page"))
        if said.get("type") == "hidden":
            self.hidden[said["name"]] = said["value"]
        if tag == "a":
            self.links.append(said["href"])
            self.rels[said.get("rel", "")] = said["href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def said_done(address: object) -> str:
    """Return the code of what the address of a page says was done."""
    return parse_qs(urlsplit(str(address)).query)["done"][0].partition(".")[0]
