"""Secrets that stand outside of the settings that need them."""

from collections.abc import Mapping
from typing import Any

from reinforce.errors import InvalidSettings


def with_secrets(settings: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings with each `{"env": NAME}` replaced by what the environment holds under that name.

    >>> with_secrets({"username": "crm", "password": {"env": "LMS_PASSWORD"}}, {"LMS_PASSWORD": "s3cret"})
    {'username': 'crm', 'password': 's3cret'}

    Raises:
        InvalidSettings: the environment lacks a name.
    """
    return {name: _revealed(name, value, environ) for name, value in settings.items()}


def _revealed(setting: str, value: Any, environ: Mapping[str, str]) -> Any:
    if not isinstance(value, Mapping) or set(value) != {"env"}:
        return value
    name = value["env"]
    if not isinstance(name, str) or name not in environ:
        raise InvalidSettings(f"{setting} is to be read from the environment variable {name!r}, which is not set")
    return environ[name]
