"""The adapters that are installed, ours and other people's, found by their entry points."""

import os
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from attrs import frozen

from reinforce.delivery.adapter import Adapter, AdapterFactory
from reinforce.delivery.secrets import with_secrets
from reinforce.errors import AdapterNotFound

GROUP = "reinforce.adapters"


@frozen
class InstalledAdapter:
    """An adapter that some distribution says it has.

    Attributes:
        name: by which feeds refer to it.
        distribution: that brought it.
        factory: what makes it; None: it cannot be used.
        problem: why not.
    """

    name: str
    distribution: str
    factory: AdapterFactory | None
    problem: str | None = None


def installed_adapters(found: Iterable[EntryPoint] | None = None) -> tuple[InstalledAdapter, ...]:
    """Every adapter that is installed, by name, also those that cannot be used.

    Args:
        found: the entry points; None: those of this environment.
    """
    points = sorted(_points(found), key=lambda point: (point.name, _distribution(point)))
    return tuple(_loaded(point, points) for point in points)


def make_adapter(
    name: str,
    settings: Mapping[str, Any],
    *,
    environ: Mapping[str, str] | None = None,
    found: Iterable[EntryPoint] | None = None,
) -> Adapter:
    """The adapter of that name for a destination; no other is loaded.

    Args:
        name: of the adapter.
        settings: of the destination; `{"env": NAME}` stands for a secret in the environment.
        environ: the environment; None: this process's.
        found: the entry points; None: those of this environment.

    Raises:
        AdapterNotFound: there is none, or it cannot be used.
        InvalidSettings: its settings make no sense.
        MissingExtra: its settings need a package that is not installed.
    """
    points = _points(found)
    point = next((one for one in points if one.name == name), None)
    if point is None:
        known = ", ".join(sorted({one.name for one in points})) or "none"
        raise AdapterNotFound(f"there is no adapter {name!r}; installed are: {known}")
    adapter = _loaded(point, points)
    if adapter.factory is None:
        raise AdapterNotFound(f"the adapter {name!r} of {adapter.distribution} cannot be used: {adapter.problem}")
    return adapter.factory(with_secrets(settings, os.environ if environ is None else environ))


def _points(found: Iterable[EntryPoint] | None) -> list[EntryPoint]:
    """Each entry point once: an environment may list the same twice."""
    listed = entry_points(group=GROUP) if found is None else found
    return list({(_distribution(point), point.name, point.value): point for point in listed}.values())


def _loaded(point: EntryPoint, points: Iterable[EntryPoint]) -> InstalledAdapter:
    distribution = _distribution(point)
    others = sorted(_distribution(one) for one in points if one.name == point.name and one is not point)
    if others:
        problem = f"{', '.join(others)} offers an adapter of the same name"
        return InstalledAdapter(point.name, distribution, None, problem)
    try:
        factory = point.load()
    except Exception as problem:  # another's code may fail in any way, and must not take ours along
        reason = f"{point.value} does not load: {type(problem).__name__}: {problem}"
        return InstalledAdapter(point.name, distribution, None, reason)
    if not callable(factory):
        return InstalledAdapter(point.name, distribution, None, f"{point.value} is nothing that can be called")
    return InstalledAdapter(point.name, distribution, cast("AdapterFactory", factory))


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown distribution"
