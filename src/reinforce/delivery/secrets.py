"""Secrets that stand outside of the settings that need them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from reinforce.errors import InvalidSettings

_IS_SECRET = re.compile(
    r"(.*[_-])?(password|passwd|passphrase|secret|token|credentials?|(api|access|private|secret)[_-]?key)",
    re.IGNORECASE,
)
SHORTEST = 6
"""What is shorter is not looked for in messages: masking it would take words apart."""


def with_secrets(settings: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings with each `{"env": NAME}` replaced by what the environment holds under that name.

    >>> with_secrets({"username": "crm", "password": {"env": "LMS_PASSWORD"}}, {"LMS_PASSWORD": "s3cret"})
    {'username': 'crm', 'password': 's3cret'}

    Raises:
        InvalidSettings: the environment lacks a name.
    """
    return {name: _revealed(name, value, environ) for name, value in settings.items()}


def variables(settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that stand in the environment, with the names of their variables.

    >>> variables({"username": "crm", "password": {"env": "LMS_PASSWORD"}})
    {'password': 'LMS_PASSWORD'}
    """
    return {name: value["env"] for name, value in settings.items() if _is_reference(value)}


def stand_ins(settings: Mapping[str, Any]) -> dict[str, str]:
    """An environment in which settings can be looked at where they are set up, which need not hold their secrets.

    >>> stand_ins({"username": "crm", "password": {"env": "LMS_PASSWORD"}})
    {'LMS_PASSWORD': 'not-set'}
    """
    return dict.fromkeys(variables(settings).values(), "not-set")


def require_references(settings: Mapping[str, Any]) -> None:
    """Refuse settings that are to be kept and hold a secret as itself.

    Raises:
        InvalidSettings: names the setting, and never shows what it holds.
    """
    for name, value in settings.items():
        if isinstance(value, str) and (_IS_SECRET.fullmatch(name) or _has_password(value)):
            raise InvalidSettings(
                f"{name} holds a secret, which is not kept in a database: put it into an environment variable and "
                f"name that, as --secret {name}=VARIABLE or {{'env': 'VARIABLE'}}"
            )


def masked(text: str, settings: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The text with `***` in place of each secret that the settings refer to."""
    for secret in _secrets(settings, environ):
        text = text.replace(secret, "***")
    return text


def _secrets(settings: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[str]:
    for variable in variables(settings).values():
        secret = environ.get(variable, "")
        if len(secret) >= SHORTEST:
            yield secret


def _has_password(value: str) -> bool:
    try:
        return urlsplit(value).password is not None
    except ValueError:
        return False


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"env"}


def _revealed(setting: str, value: Any, environ: Mapping[str, str]) -> Any:
    if not _is_reference(value):
        return value
    name = value["env"]
    if not isinstance(name, str) or name not in environ:
        raise InvalidSettings(f"{setting} is to be read from the environment variable {name!r}, which is not set")
    return environ[name]
