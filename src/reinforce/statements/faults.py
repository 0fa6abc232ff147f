"""Collecting every rule that a statement breaks, each with its place."""

from typing import Any, NamedTuple

from reinforce.errors import InvalidStatement, StatementFault
from reinforce.statements.versions import XapiVersion

Place = tuple["Place", str | int | None] | None
"""Where a value is: the place of what holds it, and its name or number there. None, as either, is the whole."""

MOST_FAULTS = 50
LONGEST_QUOTE = 80
MOST_SHOWN = 10**20


class Rule(NamedTuple):
    """One rule of the specification.

    Attributes:
        says: what would be right, in our own words.
        in_1_0_3: the section of xAPI 1.0.3, part two, that says so.
        in_2_0: the section of IEEE 9274.1.1 (xAPI 2.0) that says so.
    """

    says: str
    in_1_0_3: str
    in_2_0: str

    def section(self, version: XapiVersion) -> str:
        """Where that version of the specification says so."""
        return f"xAPI 1.0.3, Data {self.in_1_0_3}" if version is XapiVersion.V1 else f"xAPI 2.0, {self.in_2_0}"


NOT_NULL = Rule("it may not be null, except inside of extensions; leave it out", "2.2", "4.2.1")


class Faults:
    """The faults found so far, of which at most `MOST_FAULTS` are kept."""

    __slots__ = ("_found", "_version", "_whole")

    def __init__(self, version: XapiVersion, whole: str = "$") -> None:
        self._found: list[StatementFault] = []
        self._version = version
        self._whole = whole

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: Place, rule: Rule, *given: Any) -> None:
        """Note that the value at that place breaks a rule; `given` is the value, if there is one to show."""
        if len(self._found) >= MOST_FAULTS:
            return
        if given and given[0] is None:
            rule, given = NOT_NULL, ()
        says = f"{rule.says}, not {quoted(given[0])}" if given else rule.says
        self._found.append(StatementFault(self._whole + json_path(place), says, rule.section(self._version)))

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            InvalidStatement: something was.
        """
        if self._found:
            raise InvalidStatement(faults=self._found)


def json_path(place: Place) -> str:
    """The place as a JSON path without its first `$`, such as `.context.extensions['http://…']` or `.member[2]`."""
    steps: list[str] = []
    while place is not None:
        place, name = place
        if name is None:
            continue
        if isinstance(name, int):
            steps.append(f"[{name}]")
        elif isinstance(name, str) and name.isidentifier():
            steps.append(f".{name}")
        else:
            steps.append(f"[{quoted(name)}]")
    return "".join(reversed(steps))


def quoted(value: Any) -> str:
    """The value as it can be shown in a message: short, and of containers only what they are."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST_QUOTE else f"{value[:LONGEST_QUOTE]}…")
    if isinstance(value, int | float):
        return str(value) if -MOST_SHOWN < value < MOST_SHOWN else "so large a number"
    return f"a {type(value).__name__}"
