"""Reading the parameters of a query, each by the rule that it must keep."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from reinforce.errors import InvalidStatement, InvalidValue
from reinforce.model.checks import to_micros
from reinforce.statements import grammar
from reinforce.statements.faults import Faults
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.syntax import is_iri, is_uuid
from reinforce.statements.timestamps import parse_timestamp
from reinforce.statements.versions import XapiVersion
from reinforce_adapters.lrs_server.exchange import Refused

T = TypeVar("T")


class Parameters:
    """The parameters of a request to a resource."""

    def __init__(self, given: Mapping[str, str], *known: str) -> None:
        """Take them.

        Raises:
            Refused: one is not known; their case counts.
        """
        self._given = given
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise Refused(
                400,
                f"there is no parameter {unknown[0][:80]!r} here; there are {', '.join(known) or 'none'} "
                "(Communication 3.2)",
            )

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def names(self) -> frozenset[str]:
        """Those that were given."""
        return frozenset(self._given)

    def text(self, name: str) -> str | None:
        """Any text."""
        found = self._given.get(name)
        if found is not None and "\0" in found:
            raise Refused(400, f"{name} may not hold the character NUL")
        return found

    def required(self, name: str, read: Callable[[str], T | None]) -> T:
        """A parameter that must be there."""
        found = read(name)
        if found is None:
            raise Refused(400, f"the parameter {name} is missing")
        return found

    def iri(self, name: str) -> str | None:
        """An IRI."""
        return self._checked(name, is_iri, "an IRI with its scheme")

    def uuid(self, name: str) -> UUID | None:
        """A UUID."""
        found = self._checked(name, is_uuid, "a UUID")
        return None if found is None else UUID(found)

    def flag(self, name: str) -> bool:
        """True or false; false if it was left out."""
        return self._checked(name, lambda text: text in ("true", "false"), "true or false") == "true"

    def whole(self, name: str) -> int | None:
        """A whole number, 0 or more."""

        def is_whole(text: str) -> bool:
            return text.isascii() and text.isdigit() and len(text) < 10

        found = self._checked(name, is_whole, "a whole number, 0 or more")
        return None if found is None else int(found)

    def word(self, name: str, *words: str) -> str:
        """One of some words; the first of them if it was left out."""
        return self._checked(name, lambda text: text in words, f"one of {', '.join(words)}") or words[0]

    def moment(self, name: str) -> int | None:
        """A moment, in epoch microseconds."""
        text = self._given.get(name)
        try:
            return None if text is None else to_micros(parse_timestamp(text, XapiVersion.V1))
        except InvalidValue as problem:
            raise Refused(400, f"{name}: {problem}") from problem

    def agent(self, name: str) -> dict[str, Any] | None:
        """An Agent or identified Group, as JSON."""
        text = self._given.get(name)
        if text is None:
            return None
        faults = Faults(XapiVersion.V2, name)
        try:
            value = parse_json(text.encode("utf-8", "surrogatepass"))
            grammar.actor(value, None, None, faults)
            faults.raise_if_any()
        except InvalidStatement as problem:
            raise Refused(400, f"{name}: {problem}", faults=problem.faults) from problem
        if not any(identifier in value for identifier in grammar.IDENTIFIERS):
            raise Refused(400, f"{name} must be an Agent or an identified Group")
        found: dict[str, Any] = value
        return found

    def _checked(self, name: str, fits: Callable[[str], object], what: str) -> str | None:
        text = self._given.get(name)
        if text is not None and not fits(text):
            raise Refused(400, f"{name} must be {what}, not {text[:80]!r}")
        return text
