"""People, their teams and their calendars."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import (
    are_all,
    are_keys,
    is_a,
    is_date,
    is_flag,
    is_key,
    is_text,
    is_time_zone,
    member,
    plain_tuple,
    whole,
)
from reinforce.model.days import DEFAULT_DAY_STARTS_AT
from reinforce.model.identifiers import is_iri, is_mailbox, is_sha1, is_uri

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


@frozen
class DateRange:
    """Every day from `since` to `until`, both included."""

    since: date = field(validator=is_date)
    until: date = field(validator=is_date)

    def __attrs_post_init__(self) -> None:
        if self.until < self.since:
            raise InvalidValue(f"a range of dates must not end ({self.until}) before it begins ({self.since})")

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.until


class IdentifierKind(StrEnum):
    """The inverse functional identifiers of xAPI."""

    ACCOUNT = "account"
    MBOX = "mbox"
    MBOX_SHA1SUM = "mbox_sha1sum"
    OPENID = "openid"


def identifier_kind(value: IdentifierKind | str) -> IdentifierKind:
    """The kind, or that of its name; for fields."""
    return member(IdentifierKind, value)


_LOOKS: Mapping[IdentifierKind, tuple[Callable[[str], object], str]] = {
    IdentifierKind.MBOX: (is_mailbox, "an address such as mailto:kim@example.org"),
    IdentifierKind.MBOX_SHA1SUM: (is_sha1, "the 40 hex digits of a SHA-1"),
    IdentifierKind.OPENID: (is_uri, "a URI such as https://kim.example.org"),
}


@frozen
class XapiIdentifier:
    """How xAPI names a person.

    Attributes:
        kind: which of the four inverse functional identifiers it is.
        value: the account's name, `mailto:…`, the hash of one, or an OpenID.
        home_page: the system that the account belongs to; for accounts only.
    """

    kind: IdentifierKind = field(converter=identifier_kind)
    value: str = field(validator=is_key)
    home_page: str | None = field(default=None, validator=optional(is_text))

    def __attrs_post_init__(self) -> None:
        if (self.home_page is not None) != (self.kind is IdentifierKind.ACCOUNT):
            raise InvalidValue(f"XapiIdentifier.home_page belongs to accounts and only to them (kind {self.kind})")
        if self.home_page is not None and not is_iri(self.home_page):
            raise InvalidValue(
                f"XapiIdentifier.home_page must be an IRI such as https://lms.example.org, not {self.home_page!r}"
            )
        looks_right, such_as = _LOOKS.get(self.kind, (None, ""))
        if looks_right is not None and not looks_right(self.value):
            raise InvalidValue(f"XapiIdentifier.value of an {self.kind} must be {such_as}, not {self.value!r}")


@frozen
class Learner:
    """A person who practises, coaches or assesses.

    Attributes:
        key: the host's own id of the person.
        name: how people call them.
        time_zone: IANA name; their days, and so their forgetting, are counted in it.
        day_starts_at: the hour at which their day begins, 0 to 12.
        roles: keys of their `RoleProfile`s.
        teams: keys of the teams that they are in.
        language: BCP 47 tag of the language that they learn in; None takes refreshers in any.
        calendar: key of the `Calendar` that they work by; None means Monday to Friday.
        absences: days on which nothing is planned for them alone.
        daily_minutes: their own budget, in place of the planning rules'.
        xapi: how xAPI names them; None lets each feed's policy decide.
        is_active: whether plans are made for them.
    """

    key: str = field(validator=is_key)
    name: str = field(default="", validator=is_text)
    time_zone: str = field(default="UTC", validator=is_time_zone)
    day_starts_at: int = field(default=DEFAULT_DAY_STARTS_AT, validator=whole(0, 12))
    roles: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    teams: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    language: str | None = field(default=None, validator=optional(is_key))
    calendar: str | None = field(default=None, validator=optional(is_key))
    absences: tuple[DateRange, ...] = field(default=(), converter=plain_tuple, validator=are_all(is_a(DateRange)))
    daily_minutes: int | None = field(default=None, validator=optional(whole(0, 24 * 60)))
    xapi: XapiIdentifier | None = field(default=None, validator=optional(is_a(XapiIdentifier)))
    is_active: bool = field(default=True, validator=is_flag)


@frozen
class Team:
    """People who work together.

    Attributes:
        key: the host's own id of the team.
        parent: key of the team that it is a part of.
        manager: key of the person who leads it.
        coaches: keys of the people who coach it.
    """

    key: str = field(validator=is_key)
    name: str = field(default="", validator=is_text)
    parent: str | None = field(default=None, validator=optional(is_key))
    manager: str | None = field(default=None, validator=optional(is_key))
    coaches: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)


def _are_weekdays(_instance: object, _attribute: object, value: tuple[int, ...]) -> None:
    fits = isinstance(value, tuple) and all(type(day) is int and 0 <= day <= 6 for day in value)
    if not fits or not value or len(set(value)) != len(value):
        raise InvalidValue(f"Calendar.working_days must be different numbers from 0 (Monday) to 6 (Sunday): {value}")


@frozen
class Calendar:
    """On which days people work.

    Attributes:
        key: what learners name it by.
        working_days: weekdays from 0 (Monday) to 6 (Sunday).
        holidays: days off.
        blackouts: days on which people work but nothing may be planned, such as the end of a quarter.
    """

    key: str = field(validator=is_key)
    working_days: tuple[int, ...] = field(default=MONDAY_TO_FRIDAY, converter=plain_tuple, validator=_are_weekdays)
    holidays: tuple[date, ...] = field(default=(), converter=plain_tuple, validator=are_all(is_date))
    blackouts: tuple[DateRange, ...] = field(default=(), converter=plain_tuple, validator=are_all(is_a(DateRange)))

    def is_open(self, day: date) -> bool:
        """Whether something may be planned for people of this calendar on that day."""
        return (
            day.weekday() in self.working_days
            and day not in self.holidays
            and not any(day in blackout for blackout in self.blackouts)
        )
