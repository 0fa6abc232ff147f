"""What a file is like can be said in reinforce.toml or by flags."""

import re
import tomllib
from typing import Any

import pytest

from reinforce.errors import InvalidSettings, InvalidValue
from reinforce.exchange.formats import ANKI, LKT, PRESETS, FileFormat, FormatName, ImportSettings, import_settings
from reinforce.exchange.mapping import COLUMN_FIELDS, ColumnMapping
from reinforce.model.conversion import structure, unstructure
from reinforce.model.practice import Outcome, OutcomeKind

MINIMUM = {"occurred_at": "at", "learner": "who", "skill": "what", "outcome": "how", "outcome_kind": "success"}


def test_a_section_of_toml() -> None:
    """A flat table holds how the file is written and which column holds what."""
    table = tomllib.loads(
        """
        [import.crm]
        delimiter = ";"
        encoding = "cp1252"
        occurred_at = "Date"
        time_format = "%d.%m.%Y %H:%M"
        time_zone = "Europe/Berlin"
        learner = "Owner"
        skill_is = "discovery"
        outcome = "Result"
        outcomes = { OK = "pass", KO = "fail", Half = { kind = "scaled", value = 0.5 } }
        kind_is = "field"
        context = { account = "Account Name" }
        """
    )["import"]["crm"]
    settings = import_settings(table)

    assert settings.file == FileFormat(delimiter=";", encoding="cp1252")
    assert settings.mapping is not None
    assert settings.mapping.outcomes == {
        "OK": Outcome.success(True),
        "KO": Outcome.success(False),
        "Half": Outcome.scaled(0.5),
    }
    assert settings.mapping.context == {"account": "Account Name"}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_plain_mappings(preset: str) -> None:
    """A preset is nothing that a table could not say itself."""
    settings = PRESETS[preset]
    assert settings.mapping is not None

    assert import_settings({"preset": preset}) == settings
    assert structure(unstructure(settings.mapping), ColumnMapping) == settings.mapping


def test_what_is_said_replaces_the_preset() -> None:
    """A table with a preset replaces what it names; a column takes the place of a constant."""
    settings = import_settings({"preset": "anki", "learner": "user", "delimiter": "\t"})
    assert settings.mapping is not None
    assert ANKI.mapping is not None

    assert (settings.mapping.learner, settings.mapping.learner_is) == ("user", None)
    assert settings.mapping.skill == ANKI.mapping.skill
    assert settings.file.delimiter == "\t"


def test_our_own_shape_needs_no_mapping() -> None:
    """The format of our own events is said by its name alone."""
    assert import_settings({"format": "events"}) == ImportSettings(FileFormat(FormatName.EVENTS), None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"preset": "moodle"}, "there is no preset 'moodle'; there are anki, lkt"),
        ({"learnr": "x"}, "there is no field 'learnr'; did you mean 'learner'?"),
        ({"xyz": "x"}, "there is no field 'xyz'; there are preset, format, delimiter"),
        ({"delimiter": ";;"}, "a delimiter must be one character"),
        ({"delimiter": '"'}, "a delimiter must be one character"),
        ({"format": "xls"}, "it must be one of 'csv', 'jsonl', 'events'"),
        ({"learner_is": "ann"}, "either which column holds the learner (learner) or which learner"),
        ({"learner": None}, "learner"),
        ({"time_zone": "Berlin"}, "there is no time zone 'Berlin'"),
        ({"time_format": "%d.%m.%Y"}, "set time_zone"),
        ({"time_format": "unix"}, "must be 'iso', 'epoch_s', 'epoch_ms'"),
        ({"outcome_kind": "vibes"}, "must be one of 'success', 'scaled'"),
        ({"outcome_kind": "rubric"}, "rubric outcomes need the highest level"),
        ({"outcomes": {"A": "great"}}, "there is no outcome 'great'; there are pass, fail, exposure"),
        ({"outcomes": ["A"]}, "outcomes must map cells to outcomes"),
        ({"weight_is": 2}, "must be a number from 0 to 1"),
        ({"format": "events"}, "takes none"),
        ({"columns": "a,b"}, "it must be a list of texts"),
    ],
)
def test_settings_that_make_no_sense(change: dict[str, Any], said: str) -> None:
    """A setting that makes no sense is refused with its place and what would be right."""
    with pytest.raises(InvalidSettings, match="^" + re.escape("[import.crm]: ") + ".*" + re.escape(said)):
        import_settings(MINIMUM | change, "[import.crm]")


@pytest.mark.parametrize("missing", MINIMUM)
def test_what_must_be_said(missing: str) -> None:
    """When, who, what and how it went must all be mapped."""
    with pytest.raises(InvalidSettings):
        import_settings({name: column for name, column in MINIMUM.items() if name != missing})


def test_settings_need_a_mapping_where_there_are_columns() -> None:
    """CSV without a mapping is refused when the settings are made, not when the file is read."""
    with pytest.raises(InvalidValue, match="csv and jsonl need a mapping"):
        ImportSettings()


def test_columns_of_a_mapping() -> None:
    """A mapping tells each column once, and every field that names one counts."""
    names = {name: f"c-{name}" for name in COLUMN_FIELDS}
    mapping = ColumnMapping(**names, outcome_kind=OutcomeKind.SUCCESS, context={"x": "c-x", "y": "c-note"})  # type: ignore[arg-type]

    assert mapping.columns == (*names.values(), "c-x")
    assert LKT.mapping is not None
    assert "kc" in LKT.mapping.columns
