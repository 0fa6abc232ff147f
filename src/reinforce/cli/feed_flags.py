"""The flags of `feed add` as what a feed is made of."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from reinforce.errors import InvalidSettings, InvalidValue
from reinforce.model.checks import require_aware
from reinforce.model.people import IdentifierKind
from reinforce.statements.feed import FeedActors, FeedFilter, Whose
from reinforce.statements.kinds import FactKind


def settings_of(values: Sequence[str], secrets: Sequence[str]) -> dict[str, Any]:
    """The settings of a destination.

    >>> settings_of(["endpoint=https://lrs.example/xapi", "batch_size=50"], ["password=LRS_PASSWORD"])
    {'endpoint': 'https://lrs.example/xapi', 'batch_size': 50, 'password': {'env': 'LRS_PASSWORD'}}

    Args:
        values: SETTING=VALUE; numbers, true, false and "quoted text" mean what they mean in TOML, the rest is text.
        secrets: SETTING=VARIABLE, the environment variable that holds it.

    Raises:
        InvalidSettings: one is not written like that, or stands there twice.
    """
    settings: dict[str, Any] = {}
    for flag, texts in (("--set", values), ("--secret", secrets)):
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals or not name or not value:
                raise InvalidSettings(
                    f"{flag} {name}: write {flag} SETTING={'VALUE' if flag == '--set' else 'VARIABLE'}"
                )
            if name in settings:
                raise InvalidSettings(f"{flag} {name}: it was set before")
            settings[name] = _value(value) if flag == "--set" else {"env": value}
    return settings


def _value(text: str) -> Any:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, str | bool | int | float) else text


def filter_of(whose: str, conditions: Mapping[str, Sequence[str] | None]) -> FeedFilter:
    """Which statements a feed lets through.

    Raises:
        InvalidSettings: a condition makes no sense.
    """
    _require_one_of("--whose", Whose, whose)
    for kind in conditions.get("kinds") or ():
        _require_one_of("--kind", FactKind, kind)
    try:
        return FeedFilter(whose=whose, **{name: tuple(values or ()) for name, values in conditions.items()})
    except InvalidValue as problem:
        raise InvalidSettings(str(problem)) from problem


def actors_of(
    kind: str | None, home_page: str | None, secret: str | None, *, plain: bool, names: bool
) -> FeedActors | None:
    """How a feed names people; None: as the log does.

    Raises:
        InvalidSettings: there are flags about that which make no sense.
    """
    if kind is None:
        if home_page or secret or plain or names:
            raise InvalidSettings(
                "--home-page, --account-secret, --plain-accounts and --with-names say more about --actors: "
                "add --actors account, mbox, mbox_sha1sum or openid"
            )
        return None
    _require_one_of("--actors", IdentifierKind, kind)
    try:
        return FeedActors(
            kind=kind, home_page=home_page or "", is_opaque=not plain, secret_variable=secret, with_names=names
        )
    except InvalidValue as problem:
        raise InvalidSettings(str(problem)) from problem


def _require_one_of(flag: str, known: type[StrEnum], value: str) -> None:
    if value not in tuple(known):
        raise InvalidSettings(f"{flag} {value}: it must be one of {', '.join(known)}")


def since_of(text: str | None) -> datetime | None:
    """The moment that a person wrote after `--since`; a day begins at midnight in UTC.

    >>> since_of("2026-03-31")
    datetime.datetime(2026, 3, 31, 0, 0, tzinfo=datetime.timezone.utc)

    Raises:
        InvalidValue: it is neither a day nor a moment with its time zone.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise InvalidValue(f"--since {text!r} is neither a day such as 2026-03-31 nor a moment") from problem
    return moment.replace(tzinfo=UTC) if len(text) <= len("2026-03-31") else require_aware(moment, "--since")
