"""Parameters of the forgetting, their fits and adoptions, as an export holds them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs
from attrs import field, frozen

from reinforce.model.checks import in_utc, is_key, is_moment, is_text, plain_dict, whole

_is_number = whole(0, 2**63 - 1)


@frozen
class LoggedParameters:
    """Parameters of the forgetting that made, or make, a tenant's memories.

    Attributes:
        number: by which the file speaks of them.
        algorithm: what the document means.
        document: plain data; whoever computes with it checks it.
        is_present: whether they are the ones in use.
        created_at: when they were stored; None: it is not told, as before version 3.
    """

    number: int = field(validator=_is_number)
    algorithm: str = field(validator=is_key)
    document: Mapping[str, Any] = field(converter=plain_dict, hash=False)
    is_present: bool = False
    created_at: datetime | None = field(
        default=None, converter=attrs.converters.optional(in_utc), validator=attrs.validators.optional(is_moment)
    )


@frozen
class LoggedFit:
    """That a fit gave parameters, with its proof.

    Attributes:
        parameters: their number.
        document: plain data of the record; the set that it names as compared with is one of the file.
    """

    parameters: int = field(validator=_is_number)
    document: Mapping[str, Any] = field(converter=plain_dict, hash=False)


@frozen
class LoggedAdoption:
    """That parameters were put in force.

    Attributes:
        parameters: their number.
        replaced: the number of those that were in force before.
        at: when.
        by: who; None: not told.
        is_roll_back: whether it took back an adoption.
    """

    parameters: int = field(validator=_is_number)
    replaced: int = field(validator=_is_number)
    at: datetime = field(converter=in_utc, validator=is_moment)
    by: str | None = field(default=None, validator=attrs.validators.optional(is_text))
    is_roll_back: bool = False
