"""Pages of statements: what an LRS answers, or a list, each statement with the text that it has there."""

from typing import Any

from attrs import frozen

from reinforce.statements.json_bytes import parse_at, refuse, skip_blanks, text_of


@frozen
class Element:
    """A statement of a list, unchecked.

    Attributes:
        data: its plain data.
        begin: where its text begins.
        end: where it ends.
    """

    data: Any
    begin: int
    end: int


@frozen
class Page:
    """What an LRS answers to a query for statements.

    Attributes:
        text: all of it.
        statements: one after the other.
        more: where the next page is; "": this is the last one.
    """

    text: str
    statements: tuple[Element, ...]
    more: str = ""

    def exact(self, one: Element) -> bytes:
        """The exact bytes of one of the statements."""
        return self.text[one.begin : one.end].encode()


def read_page(content: bytes) -> Page:
    """The page that an answer or a file holds: an object with `statements`, or the list alone.

    Raises:
        InvalidStatement: it is no JSON, or no page.
    """
    text = text_of(content)
    start = skip_blanks(text, 0)
    if text[start : start + 1] == "[":
        listed, end = _elements(text, start)
        page = Page(text, listed)
    else:
        page, end = _answer(text, start)
    if skip_blanks(text, end) != len(text):
        refuse(f"there is more after the JSON: {text[end : end + 20]!r}")
    return page


def _answer(text: str, start: int) -> tuple[Page, int]:
    if text[start : start + 1] != "{":
        refuse("there must be a list of statements, or an object that has one")
    listed: tuple[Element, ...] | None = None
    more: Any = ""
    at = skip_blanks(text, start + 1)
    while text[at : at + 1] != "}":
        name, at = _name(text, at)
        if name == "statements":
            listed, at = _elements(text, at)
        else:
            value, at = parse_at(text, at)
            more = value if name == "more" else more
        at = _after_comma(text, at, "}")
    if listed is None:
        refuse("an answer to a query for statements must have `statements`")
    if more is not None and not isinstance(more, str):
        refuse("`more` must be text", "$.more")
    return Page(text, listed, more or ""), at + 1


def _name(text: str, at: int) -> tuple[Any, int]:
    """The name of a member, and where its value begins."""
    name, end = parse_at(text, at)
    colon = skip_blanks(text, end)
    if text[colon : colon + 1] != ":":
        refuse(f"it is no JSON: a colon must follow the name {str(name)[:40]!r}")
    return name, skip_blanks(text, colon + 1)


def _elements(text: str, start: int) -> tuple[tuple[Element, ...], int]:
    """The elements of the array that begins at `start`, and where it ends."""
    if text[start : start + 1] != "[":
        refuse("`statements` must be a list", "$.statements")
    found: list[Element] = []
    at = skip_blanks(text, start + 1)
    while text[at : at + 1] != "]":
        value, end = parse_at(text, at)
        found.append(Element(value, at, end))
        at = _after_comma(text, end, "]")
    return tuple(found), at + 1


def _after_comma(text: str, end: int, closing: str) -> int:
    """Where the next element begins, or where the closing bracket stands."""
    at = skip_blanks(text, end)
    if text[at : at + 1] == closing:
        return at
    if text[at : at + 1] != ",":
        refuse(f"it is no JSON: a comma or {closing} must follow at character {at + 1}")
    at = skip_blanks(text, at + 1)
    if text[at : at + 1] == closing:
        refuse(f"it is no JSON: there is nothing behind the comma at character {at}")
    return at
