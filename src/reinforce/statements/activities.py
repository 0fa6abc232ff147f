"""What is done, and to what: verbs and activities."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen
class Verb:
    """What the actor did.

    Attributes:
        id: its IRI, which alone says what it means.
        display: how people read it, by language.
    """

    id: str
    display: Mapping[str, str] = field(factory=dict, hash=False)


@frozen
class InteractionComponent:
    """One choice, step, source, target or point of a scale."""

    id: str
    description: Mapping[str, str] = field(factory=dict, hash=False)


@frozen
class ActivityDefinition:
    """What an activity is.

    Attributes:
        type: IRI of the activity type.
        more_info: IRL of a page for people.
        interaction_type: what kind of question it is; None: it is none.
        correct_responses_pattern: the right responses; empty: there are none; None: not told, or all.
    """

    name: Mapping[str, str] = field(factory=dict, hash=False)
    description: Mapping[str, str] = field(factory=dict, hash=False)
    type: str | None = None
    more_info: str | None = None
    interaction_type: str | None = None
    correct_responses_pattern: tuple[str, ...] | None = None
    choices: tuple[InteractionComponent, ...] = ()
    scale: tuple[InteractionComponent, ...] = ()
    source: tuple[InteractionComponent, ...] = ()
    target: tuple[InteractionComponent, ...] = ()
    steps: tuple[InteractionComponent, ...] = ()
    extensions: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class Activity:
    """Something that can be done, read, practised or taken.

    Attributes:
        id: its IRI.
    """

    id: str
    definition: ActivityDefinition | None = None
