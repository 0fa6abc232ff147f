"""The learning library: what people practise with."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import (
    are_keys,
    is_date,
    is_key,
    is_text,
    member,
    number,
    plain_dict,
    plain_tuple,
    weights,
    whole,
)


class RefresherKind(StrEnum):
    """What a person does with a refresher."""

    QUIZ = "quiz"
    ROLE_PLAY = "role-play"
    CASE = "case"
    EXERCISE = "exercise"
    OBSERVATION = "observation"
    VIDEO = "video"
    READING = "reading"


def _refresher_kind(value: RefresherKind | str) -> RefresherKind:
    return member(RefresherKind, value)


@frozen
class Refresher:
    """An item of the learning library.

    Attributes:
        key: the host's own id of the item.
        skills: the skills that it practises, by a weight above 0 to 1.
        roles: the roles that it is made for; empty means everyone.
        minutes: how long it takes, above 0 to 480.
        language: BCP 47 tag; None means that it fits every language.
        launch_url: where it is opened.
        valid_from: the first day on which it may be given.
        valid_until: the last day on which it may be given.
        cool_down_days: days before the same person gets it again; None takes the planning rules'.
    """

    key: str = field(validator=is_key)
    title: str = field(default="", validator=is_text)
    kind: RefresherKind = field(default=RefresherKind.QUIZ, converter=_refresher_kind)
    skills: Mapping[str, float] = field(factory=dict, converter=plain_dict, validator=weights(0, 1), hash=False)
    roles: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    minutes: float = field(default=5.0, validator=number(0, 480, above=True))
    language: str | None = field(default=None, validator=optional(is_key))
    launch_url: str | None = field(default=None, validator=optional(is_text))
    valid_from: date | None = field(default=None, validator=optional(is_date))
    valid_until: date | None = field(default=None, validator=optional(is_date))
    cool_down_days: int | None = field(default=None, validator=optional(whole(0, 3650)))

    def __attrs_post_init__(self) -> None:
        if not self.skills:
            raise InvalidValue(f"refresher {self.key!r} must name at least one skill that it practises")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise InvalidValue(f"refresher {self.key!r} ends ({self.valid_until}) before it begins ({self.valid_from})")

    @property
    def label(self) -> str:
        """The title, or the key of a refresher without one."""
        return self.title or self.key

    def is_valid_on(self, day: date) -> bool:
        """Whether it may be given on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )
