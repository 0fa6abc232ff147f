"""Values become plain data and come back."""

import importlib
import json
import pickle
import pkgutil
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reinforce.model
import values
from reinforce.errors import InvalidValue
from reinforce.model.conversion import structure, unstructure
from reinforce.model.library import Refresher
from reinforce.model.memory import RecordedMany
from reinforce.model.people import Calendar, DateRange, Learner
from reinforce.model.practice import PracticeEvent
from reinforce.model.skills import Skill, SkillModel

CLASSES = sorted(values.BY_CLASS, key=lambda cls: cls.__name__)
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["2026-03-31", "2026-03-31T09:00:00Z", "2026-03-31T09:00:00", "recall", "quiz"])
)
plain_data = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def test_every_class_of_the_model_has_a_strategy() -> None:
    """A class that is added to the model is added to these tests."""
    modules = [
        importlib.import_module(f"reinforce.model.{found.name}")
        for found in pkgutil.iter_modules(reinforce.model.__path__)
    ]
    classes = {
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and attrs.has(found) and found.__module__ == module.__name__
    }

    assert {cls.__name__ for cls in classes} == {cls.__name__ for cls in CLASSES}


@every_class
@given(data=st.data())
def test_what_goes_out_comes_back(cls: type, data: st.DataObject) -> None:
    """A value written as JSON and read again is the same value."""
    value = data.draw(values.BY_CLASS[cls])

    assert structure(json.loads(json.dumps(unstructure(value), allow_nan=False)), cls) == value


@every_class
@given(data=st.data())
def test_values_travel_between_processes(cls: type, data: st.DataObject) -> None:
    """Every value can be handed to an executor's process and back."""
    value = data.draw(values.BY_CLASS[cls])

    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 -- our own bytes


@every_class
@given(data=st.data())
def test_values_are_frozen_and_can_be_counted(cls: type, data: st.DataObject) -> None:
    """No field of a value can be set, and equal values have equal hashes."""
    value = data.draw(values.BY_CLASS[cls])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, attrs.fields(cls)[0].name, None)

    assert hash(pickle.loads(pickle.dumps(value))) == hash(value)  # noqa: S301 -- our own bytes


@every_class
@given(data=st.data())
def test_an_unknown_field_is_refused(cls: type, data: st.DataObject) -> None:
    """A misspelt field is never ignored: the error names it and those that there are."""
    plain = unstructure(data.draw(values.BY_CLASS[cls])) | {"colour": "red"}
    with pytest.raises(InvalidValue, match=r"there is no field 'colour'; there are ") as refusal:
        structure(plain, cls)

    assert all(field.name in str(refusal.value) for field in attrs.fields(cls))


@every_class
@given(data=st.data())
def test_anything_else_is_an_invalid_value(cls: type, data: st.DataObject) -> None:
    """Whatever a file holds, the answer is a value or an InvalidValue that begins with the place."""
    names = st.sampled_from([field.name for field in attrs.fields(cls)])
    plain = data.draw(plain_data | st.dictionaries(names, plain_data))
    said = ""
    try:
        assert isinstance(structure(plain, cls, where="team.toml, line 7"), cls)
    except InvalidValue as refusal:
        said = str(refusal)

    assert not said or said.startswith("team.toml, line 7: ")
    assert " object " not in said


def test_defaults_are_left_out() -> None:
    """Plain data holds only what differs from the defaults, so files stay short."""
    assert unstructure(Skill(key="pricing")) == {"key": "pricing"}


@pytest.mark.parametrize(
    ("cls", "plain", "said"),
    [
        (Skill, {"title": "Price"}, "the field 'key' is missing"),
        (Skill, {"key": 7}, "key: it must be text, not 7"),
        (Skill, {"key": "a", "version": "2"}, "version: it must be a whole number, not '2'"),
        (Skill, {"key": "a", "version": 2.0}, "version: it must be a whole number, not 2.0"),
        (RecordedMany, {"recorded": True, "unchanged": 0, "pairs": 0}, "recorded: it must be a whole number, not True"),
        (Skill, {"key": "a", "kind": "wisdom"}, "it must be one of 'knowledge', 'behaviour'"),
        (
            Skill,
            {"key": "a", "prerequisites": "pricing"},
            'prerequisites: it must be a list of texts such as ["a", "b"]',
        ),
        (Skill, {"key": "a", "encompasses": ["b"]}, "encompasses: it must be a mapping, not 'list'"),
        (Skill, {"key": "a", "encompasses": {"b": "much"}}, "it must be a number, not 'much'"),
        (SkillModel, {"key": "a", "stages": ["opening"]}, "stages[0]: it must be a mapping with the fields of a Stage"),
        (SkillModel, {"key": "a", "stages": 3}, "stages: it must be a list, not 'int'"),
        (
            SkillModel,
            {"key": "a", "stages": [{"key": "b"}, {"key": "c", "skill": []}]},
            "stages[1]: there is no field 'skill'; there are key, title, skills",
        ),
        (Learner, {"key": "a", "is_active": "no"}, "is_active: it must be true or false, not 'no'"),
        (Learner, {"key": "a", "time_zone": "Mars/Olympus"}, "Learner.time_zone: there is no time zone 'Mars/Olympus'"),
        (Calendar, {"key": "a", "holidays": ["31.12.2026"]}, "it must be a date such as 2026-03-31, not '31.12.2026'"),
        (DateRange, {"since": "2026-03-02", "until": "2026-03-01"}, "must not end (2026-03-01) before it begins"),
        (Refresher, {"key": "a"}, "refresher 'a' must name at least one skill"),
        (
            PracticeEvent,
            {"learner": "a", "occurred_at": "2026-03-31T09:00:00", "outcomes": []},
            "occurred_at: it is 2026-03-31T09:00:00, a moment without its time zone",
        ),
        (
            PracticeEvent,
            {"learner": "a", "occurred_at": "yesterday", "outcomes": []},
            "occurred_at: it must be a moment such as 2026-03-31T09:00:00+02:00, not 'yesterday'",
        ),
        (
            PracticeEvent,
            {
                "learner": "a",
                "occurred_at": "2026-03-31T09:00:00Z",
                "outcomes": [{"skill": "b", "outcome": {"kind": "scaled", "value": 85}}],
            },
            "outcomes[0].outcome: a scaled outcome must be a number from -1 to 1, not 85",
        ),
        (Skill, ["a"], "expected the fields of a Skill, not ['a']"),
    ],
)
def test_a_refusal_says_what_where_and_what_would_be_right(cls: type, plain: object, said: str) -> None:
    """Every refusal names the place in the data, what stood there and what would be right."""
    with pytest.raises(InvalidValue) as refusal:
        structure(plain, cls, where="team.toml")

    assert str(refusal.value).startswith("team.toml: ")
    assert said in str(refusal.value)


def test_every_fault_is_named_at_once() -> None:
    """Who has three mistakes in a record reads of three, and not of one after the other."""
    plain: Mapping[str, Any] = {"key": "a", "importance": "high", "version": "1", "titel": "A"}
    with pytest.raises(InvalidValue) as refusal:
        structure(plain, Skill)

    assert str(refusal.value).count(";") >= 3
    assert all(name in str(refusal.value) for name in ("importance", "version", "'titel'"))
