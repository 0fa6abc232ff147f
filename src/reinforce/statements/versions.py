"""The versions of xAPI that we speak."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from reinforce.errors import InvalidValue


class XapiVersion(StrEnum):
    """A version of the specification; the value is what the version header says."""

    V1 = "1.0.3"
    V2 = "2.0.0"

    @classmethod
    def of_header(cls, header: str) -> "XapiVersion":
        """The version that a request's `X-Experience-API-Version` asks for.

        >>> XapiVersion.of_header("1.0"), XapiVersion.of_header("2.0.0")
        (<XapiVersion.V1: '1.0.3'>, <XapiVersion.V2: '2.0.0'>)

        Raises:
            InvalidValue: it is neither 1.0.x nor 2.0.x.
        """
        if _IS_2_0.fullmatch(header):
            return cls.V2
        if _IS_1_0.fullmatch(header):
            return cls.V1
        raise InvalidValue(f"an xAPI version must be 1.0, 1.0.x, 2.0 or 2.0.x, such as 1.0.3 or 2.0.0, not {header!r}")


_IS_1_0 = re.compile(r"1\.0(\.(0|[1-9][0-9]{0,5}))?")
_IS_2_0 = re.compile(r"2\.0(\.(0|[1-9][0-9]{0,5}))?")


def may_be_in(statement_version: str, spoken: XapiVersion) -> bool:
    """Whether a statement may say that version of itself in a request of the version `spoken`."""
    if _IS_1_0.fullmatch(statement_version):
        return True
    return spoken is XapiVersion.V2 and _IS_2_0.fullmatch(statement_version) is not None


def version_of(statement: Mapping[str, Any]) -> XapiVersion:
    """The version that a statement is written in, by what it says and what it uses."""
    told = statement.get("version")
    context = statement.get("context")
    is_newer = isinstance(told, str) and told.startswith("2.")
    uses_newer = isinstance(context, Mapping) and ("contextAgents" in context or "contextGroups" in context)
    return XapiVersion.V2 if is_newer or (told is None and uses_newer) else XapiVersion.V1
