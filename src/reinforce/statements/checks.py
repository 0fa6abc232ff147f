"""What checks are made of: each looks at one value and notes the rules that it breaks.

A check is called with the value, the place of what holds it, the value's name there, and the faults so far. Places
are only put together where something can go wrong below, so that a good statement costs little.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from reinforce.statements.faults import Faults, Place, Rule
from reinforce.statements.syntax import is_language_tag

Check = Callable[[Any, Place, str | int | None, Faults], None]
Also = Callable[[dict[str, Any], Place, Faults], None]
"""A further look at an object as a whole, once its members have been looked at."""


def text(fits: Callable[[str], object], rule: Rule) -> Check:
    """The check of a text that must look a certain way."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if type(value) is not str or not fits(value):
            faults.add((place, name), rule, value)

    return check


def of_type(wanted: type, rule: Rule) -> Check:
    """The check that a value is of exactly that type."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if type(value) is not wanted:
            faults.add((place, name), rule, value)

    return check


def number(fits: Callable[[float], bool], rule: Rule) -> Check:
    """The check of a number, which true and false are not."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if (type(value) is not int and type(value) is not float) or not fits(value):
            faults.add((place, name), rule, value)

    return check


def one_of(words: Collection[str], rule: Rule) -> Check:
    """The check that a value is one of a few words, in exactly that case."""
    known = frozenset(words)

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if type(value) is not str or value not in known:
            faults.add((place, name), rule, value)

    return check


def array(check_one: Check, rule: Rule, *, least: int = 0) -> Check:
    """The check of an array with a check for each of its elements."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        here = (place, name)
        if type(value) is not list or len(value) < least:
            faults.add(here, rule, value)
            return
        for position, one in enumerate(value):
            check_one(one, here, position, faults)

    return check


def language_map(rule: Rule, tag_rule: Rule, text_rule: Rule) -> Check:
    """The check of an object from language tags to texts."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if type(value) is not dict:
            faults.add((place, name), rule, value)
            return
        for tag, content in value.items():
            if type(content) is not str:
                faults.add(((place, name), tag), text_rule, content)
            if type(tag) is not str or not is_language_tag(tag):
                faults.add(((place, name), tag), tag_rule, tag)

    return check


def free_map(fits: Callable[[str], object], rule: Rule, key_rule: Rule) -> Check:
    """The check of an object whose keys must look a certain way and whose values are free."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if type(value) is not dict:
            faults.add((place, name), rule, value)
            return
        for key in value:
            if type(key) is not str or not fits(key):
                faults.add(((place, name), key), key_rule, key)

    return check


def record(
    rule: Rule,
    members: Mapping[str, Check],
    required: Mapping[str, Rule] | None = None,
    *also: Also,
    section: Rule | None = None,
) -> Check:
    """The check of an object with these members and no others.

    Args:
        rule: broken by what is no object.
        members: the check of each member.
        required: the rule that is broken if a member is missing.
        also: what the members must be together.
        section: the rule of unknown members, whose sections are named; by default `rule`.
    """
    needed = tuple((required or {}).items())
    stranger = section or rule

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        here = (place, name)
        if type(value) is not dict:
            faults.add(here, rule, value)
            return
        check_members(value, here, faults)

    def check_members(value: dict[str, Any], here: Place, faults: Faults) -> None:
        for key, inner in value.items():
            known = members.get(key)
            if known is None:
                faults.add((here, key), _unknown(key, members, stranger))
            else:
                known(inner, here, key, faults)
        for key, broken in needed:
            if key not in value:
                faults.add((here, key), broken)
        for look in also:
            look(value, here, faults)

    return check


def _unknown(key: object, members: Mapping[str, Check], stranger: Rule) -> Rule:
    """The rule that a member breaks which the specification does not know."""
    if isinstance(key, str):
        for known in members:
            if known.lower() == key.lower():
                return stranger._replace(says=f"there is no such property here; its case must be {known!r}")
    return stranger._replace(says=f"there is no such property here; there are {', '.join(members)}")


def whichever(choose: Callable[[dict[str, Any]], Check | None], rule: Rule, object_type_rule: Rule) -> Check:
    """The check of an object that can be of several kinds; `choose` picks the check by its content."""

    def check(value: Any, place: Place, name: str | int | None, faults: Faults) -> None:
        if type(value) is not dict:
            faults.add((place, name), rule, value)
            return
        chosen = choose(value)
        if chosen is None:
            faults.add(((place, name), "objectType"), object_type_rule, value.get("objectType"))
        else:
            chosen(value, place, name, faults)

    return check
