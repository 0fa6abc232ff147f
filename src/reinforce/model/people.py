"""People, their teams and their calendars."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.model.checks import are_keys, is_key, is_text, is_time_zone, plain_tuple, whole
from reinforce.model.days import DEFAULT_DAY_STARTS_AT

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


@frozen
class DateRange:
    """Every day from `since` to `until`, both included."""

    since: date
    until: date

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


@frozen
class XapiIdentifier:
    """How xAPI names a person.

    Attributes:
        kind: which of the four inverse functional identifiers it is.
        value: the account's name, `mailto:…`, the hash of one, or an OpenID.
        home_page: the system that the account belongs to; for accounts only.
    """

    kind: IdentifierKind
    value: str = field(validator=is_key)
    home_page: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.home_page is not None) != (self.kind is IdentifierKind.ACCOUNT):
            raise InvalidValue(f"XapiIdentifier.home_page belongs to accounts and only to them (kind {self.kind})")
        if self.kind is IdentifierKind.MBOX and not self.value.startswith("mailto:"):
            raise InvalidValue(f"XapiIdentifier.value of an mbox must begin with 'mailto:', not {self.value!r}")


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
    language: str | None = None
    calendar: str | None = None
    absences: tuple[DateRange, ...] = field(default=(), converter=plain_tuple)
    daily_minutes: int | None = None
    xapi: XapiIdentifier | None = None
    is_active: bool = True

    def __attrs_post_init__(self) -> None:
        if self.daily_minutes is not None and not 0 <= self.daily_minutes <= 24 * 60:
            raise InvalidValue(f"Learner.daily_minutes must be from 0 to 1440, not {self.daily_minutes}")


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
    parent: str | None = None
    manager: str | None = None
    coaches: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)


def _are_weekdays(_instance: object, _attribute: object, value: tuple[int, ...]) -> None:
    if not value or len(set(value)) != len(value) or not all(type(day) is int and 0 <= day <= 6 for day in value):
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
    holidays: tuple[date, ...] = field(default=(), converter=plain_tuple)
    blackouts: tuple[DateRange, ...] = field(default=(), converter=plain_tuple)

    def is_open(self, day: date) -> bool:
        """Whether something may be planned for people of this calendar on that day."""
        return (
            day.weekday() in self.working_days
            and day not in self.holidays
            and not any(day in blackout for blackout in self.blackouts)
        )


def teams_above(parents: Mapping[str, str | None], team: str) -> tuple[str, ...]:
    """The team itself and every team that it is a part of, nearest first.

    Args:
        parents: each team's parent.
        team: where to begin.
    """
    line: list[str] = []
    above: str | None = team
    while above is not None and above not in line:
        line.append(above)
        above = parents.get(above)
    return tuple(line)
