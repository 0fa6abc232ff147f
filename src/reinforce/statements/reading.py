"""Statements from elsewhere, checked against every rule and kept as the exact text that came."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from reinforce.statements import grammar, rules
from reinforce.statements.faults import Faults
from reinforce.statements.json_bytes import check_plain, parse_at, parse_json, refuse, skip_blanks, text_of
from reinforce.statements.versions import XapiVersion


@frozen
class ReceivedStatement:
    """A statement as it came.

    Attributes:
        data: its plain data, which must not be changed.
        exact: its text, byte for byte, in UTF-8.
    """

    data: Mapping[str, Any] = field(hash=False)
    exact: bytes

    @property
    def id(self) -> str | None:
        """Its id in lower case; None: the LRS is to give it one."""
        found = self.data.get("id")
        return found.lower() if isinstance(found, str) else None


def check_statement(data: Any, version: XapiVersion = XapiVersion.V2, *, whole: str = "$") -> None:
    """Check plain data as a statement.

    Args:
        data: what JSON gave.
        version: the version of xAPI whose rules count.
        whole: what to call the statement in the paths of faults.

    Raises:
        InvalidStatement: it breaks a rule; holds every rule that it breaks.
    """
    faults = Faults(version, whole)
    grammar.statements[version](data, None, None, faults)
    if faults:
        faults.raise_if_any()


def read_statement(data: bytes, version: XapiVersion = XapiVersion.V2) -> ReceivedStatement:
    """The one statement that the bytes hold.

    Raises:
        InvalidStatement: they are no JSON, or it breaks a rule.
    """
    statement = parse_json(data)
    check_statement(statement, version)
    return ReceivedStatement(statement, data.strip(b" \t\r\n"))


def read_statements(data: bytes, version: XapiVersion = XapiVersion.V2) -> tuple[ReceivedStatement, ...]:
    """The statements that the bytes hold: one, or an array of them, each with its own exact text.

    Raises:
        InvalidStatement: they are no JSON, a statement breaks a rule, or two have the same id.
    """
    text = text_of(data)
    start = skip_blanks(text, 0)
    if text[start : start + 1] != "[":
        return (read_statement(data, version),)
    batch = _split(text, start, version)
    _check_ids(batch, version)
    return tuple(batch)


def _split(text: str, start: int, version: XapiVersion) -> list[ReceivedStatement]:
    """The statements of the array that begins at `start`."""
    batch: list[ReceivedStatement] = []
    at = skip_blanks(text, start + 1)
    closing = text[at : at + 1]
    while closing != "]":
        value, end = parse_at(text, at)
        check_statement(value, version, whole=f"$[{len(batch)}]")
        batch.append(ReceivedStatement(value, text[at:end].encode()))
        after = skip_blanks(text, end)
        closing = text[after : after + 1]
        if closing not in (",", "]"):
            refuse(f"it is no JSON: a comma or ] must follow statement {len(batch) - 1}")
        at = skip_blanks(text, after + 1)
        if closing == "," and text[at : at + 1] == "]":
            refuse(f"it is no JSON: a statement must follow the comma after statement {len(batch) - 1}")
    rest = at if batch else skip_blanks(text, at + 1)
    if rest != len(text):
        refuse(f"there is more after the JSON: {text[rest : rest + 20]!r}")
    return batch


def _check_ids(batch: list[ReceivedStatement], version: XapiVersion) -> None:
    faults = Faults(version)
    seen: set[str] = set()
    for position, statement in enumerate(batch):
        if statement.id is not None:
            if statement.id in seen:
                faults.add(((None, position), "id"), rules.TWICE, statement.id)
            seen.add(statement.id)
    faults.raise_if_any()


def checked_data(data: Any, version: XapiVersion = XapiVersion.V2) -> dict[str, Any]:
    """The plain data of a statement in any of its forms (bytes, text or a mapping), checked.

    Raises:
        InvalidStatement: it breaks a rule.
    """
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if isinstance(data, bytes):
        return dict(read_statement(data, version).data)
    plain = data if isinstance(data, dict) or not isinstance(data, Mapping) else dict(data)
    check_plain(plain)
    check_statement(plain, version)
    return dict(plain)
