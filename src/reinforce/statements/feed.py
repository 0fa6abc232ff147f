"""What a feed lets through, and how it names people: the part of a feed that concerns statements."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from reinforce.errors import InvalidValue
from reinforce.model.checks import are_keys, is_flag, is_key, member, plain_tuple
from reinforce.model.people import IdentifierKind, identifier_kind
from reinforce.statements import syntax
from reinforce.statements.actors import actor_key
from reinforce.statements.iri_patterns import check_pattern, fits
from reinforce.statements.kinds import FactKind, kind_of
from reinforce.statements.voice import ActorPolicy

Data = Mapping[str, Any]


class Whose(StrEnum):
    """Whose statements a feed lets through: those that we make, those that we were given, or both."""

    OURS = "ours"
    RECEIVED = "received"
    ALL = "all"


def _whose(value: Whose | str) -> Whose:
    return member(Whose, value)


def _kinds(values: object) -> tuple[FactKind, ...]:
    return tuple(member(FactKind, value) for value in plain_tuple(values))


def _are_patterns(instance: Any, attribute: Any, values: tuple[str, ...]) -> None:
    for value in values:
        try:
            check_pattern(value)
        except InvalidValue as problem:
            raise InvalidValue(f"{type(instance).__name__}.{attribute.name}: {problem}") from None


@frozen(kw_only=True)
class FeedFilter:
    """Which statements a feed lets through: those that meet every condition; one that is empty does not count.

    A statement that refers to another, as to take it back, may meet a condition through that one. That a person was
    erased is let through whatever else is asked for: who has statements of theirs may have to do the same.

    Attributes:
        whose: whose statements; what others sent us is not sent on unless that is asked for.
        kinds: the kinds of facts that ours tell, such as `mastered`; what we were given tells none.
        verbs: IRIs of verbs, in which `*` stands for anything.
        activities: IRIs of activities that statements are about, in which `*` stands for anything.
        teams: keys of teams; statements about people who are in them, or in the teams within them, at delivery.
        roles: keys of role profiles; statements about people who have one of them at delivery.
    """

    whose: Whose = field(default=Whose.OURS, converter=_whose)
    kinds: tuple[FactKind, ...] = field(default=(), converter=_kinds)
    verbs: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=_are_patterns)
    activities: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=_are_patterns)
    teams: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    roles: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)

    @property
    def looks_inside(self) -> bool:
        """Whether a statement must be read to know if it is let through."""
        return bool(self.kinds or self.verbs or self.activities or self.is_about_some)

    @property
    def is_about_some(self) -> bool:
        """Whether only statements about certain people are let through."""
        return bool(self.teams or self.roles)

    def takes(self, statements: Sequence[Data], people: Collection[str] = ()) -> bool:
        """Whether a statement is let through, as far as its contents go.

        Args:
            statements: the plain data of a checked one, and behind it of those that it refers to; a condition is met
                if one of them meets it.
            people: whom it may be about, as `actor_key` names them, if the filter is about some people only.
        """
        kinds = {kind_of(one) for one in statements}
        return FactKind.LEARNER_ERASED in kinds or (
            (not self.kinds or not kinds.isdisjoint(self.kinds))
            and (not self.verbs or any(_fits_one(self.verbs, one["verb"]["id"]) for one in statements))
            and (not self.activities or any(_fits_one(self.activities, iri) for iri in _each(_activities, statements)))
            and (not self.is_about_some or any(key in people for key in _each(_people, statements)))
        )


def _each(told: Callable[[Data], Iterator[str]], statements: Sequence[Data]) -> Iterator[str]:
    return chain.from_iterable(map(told, statements))


def _fits_one(patterns: Collection[str], iri: str) -> bool:
    return any(fits(pattern, iri) for pattern in patterns)


def _activities(statement: Data) -> Iterator[str]:
    """What a statement is about: its object, and the skills that it names beside that."""
    thing = statement["object"]
    if thing.get("objectType", "Activity") == "Activity":
        yield thing["id"]
    for several in statement.get("context", {}).get("contextActivities", {}).values():
        for one in several if isinstance(several, list) else [several]:
            yield one["id"]


def _people(statement: Data) -> Iterator[str]:
    """Who a statement is about: its actor, and its object where that is a person."""
    thing = statement["object"]
    about = [statement["actor"]] + [thing] * (thing.get("objectType") in ("Agent", "Group"))
    for actor in about:
        for one in (actor, *actor.get("member", ())):
            if (key := actor_key(one)) is not None:
                yield key


@frozen(kw_only=True)
class FeedActors:
    """How a feed names our learners, in place of how the log does; `Learner.xapi` wins over it.

    Attributes:
        kind: `account`, `mbox`, `mbox_sha1sum` or `openid`.
        home_page: the system that accounts belong to.
        is_opaque: whether an account's name is a hash of tenant and key rather than the key itself.
        secret_variable: the name of the environment variable with what makes the hash one that nobody else can compute.
        with_names: whether people's names are told, too.
    """

    kind: IdentifierKind = field(default=IdentifierKind.ACCOUNT, converter=identifier_kind)
    home_page: str = ""
    is_opaque: bool = field(default=True, validator=is_flag)
    secret_variable: str | None = field(default=None, validator=optional(is_key))
    with_names: bool = field(default=False, validator=is_flag)

    def __attrs_post_init__(self) -> None:
        if self.kind is IdentifierKind.ACCOUNT and not syntax.is_iri(self.home_page):
            raise InvalidValue(
                "FeedActors.home_page must say to which system accounts belong, such as https://lms.example.com, "
                f"not {self.home_page!r}"
            )

    def policy(self, environ: Mapping[str, str]) -> ActorPolicy:
        """The policy, with its secret from the environment.

        Raises:
            InvalidValue: the environment lacks it.
        """
        if self.secret_variable is not None and self.secret_variable not in environ:
            raise InvalidValue(
                f"the environment variable {self.secret_variable!r}, the secret of account names, is not set"
            )
        secret = "" if self.secret_variable is None else environ[self.secret_variable]
        home_page = self.home_page or _NO_HOME
        return ActorPolicy(home_page, self.kind, self.is_opaque, secret, self.with_names)


_NO_HOME = "urn:none"
"""Of policies that make no accounts."""
