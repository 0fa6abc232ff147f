"""What kind of file events come in, the settings that say so, and the ones we know by name."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import attrs
from attrs import field, frozen

from reinforce.errors import InvalidSettings, InvalidValue
from reinforce.exchange.mapping import ColumnMapping
from reinforce.exchange.outcome_cells import outcome_of_word
from reinforce.model.checks import are_keys, is_text, member, plain_tuple
from reinforce.model.conversion import structure, unstructure
from reinforce.model.practice import Outcome, OutcomeKind


class FormatName(StrEnum):
    """How a file of events is laid out.

    CSV: a table of delimited text. JSONL: a JSON object a line, with fields of any name. EVENTS: a
    `PracticeEvent` a line, in our own shape.
    """

    CSV = "csv"
    JSONL = "jsonl"
    EVENTS = "events"


def _is_delimiter(_instance: object, _attribute: object, value: Any) -> None:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n\0':
        raise InvalidValue(f"a delimiter must be one character other than a quote or a line's end, not {value!r}")


@frozen
class FileFormat:
    """How a file of events is written.

    Attributes:
        delimiter: what stands between the fields of CSV; None: a comma, a semicolon or a tab, whichever parts
            the header. Without a header: a comma.
        columns: names the columns of a CSV file that has no header.
        encoding: of the bytes; a mark of UTF-8 at the beginning is left out.
    """

    format: FormatName = FormatName.CSV
    delimiter: str | None = field(default=None, validator=attrs.validators.optional(_is_delimiter))
    columns: tuple[str, ...] = field(default=(), converter=plain_tuple, validator=are_keys)
    encoding: str = field(default="utf-8", validator=is_text)


@frozen
class ImportSettings:
    """All that must be known to read a file of events.

    Attributes:
        mapping: None only for our own shape, which needs none.
    """

    file: FileFormat = FileFormat()
    mapping: ColumnMapping | None = None

    def __attrs_post_init__(self) -> None:
        if (self.mapping is None) != (self.file.format is FormatName.EVENTS):
            raise InvalidValue(
                "csv and jsonl need a mapping of columns; the format 'events' is our own shape and takes none"
            )


ANKI = ImportSettings(
    mapping=ColumnMapping(
        occurred_at="review_time",
        learner_is="me",
        skill="card_id",
        outcome="review_rating",
        outcome_kind=OutcomeKind.RATING,
        source_is="anki",
        context={"duration_ms": "review_duration"},
    )
)
"""A review log of Anki: one person, whose every card is a skill."""

LKT = ImportSettings(
    mapping=ColumnMapping(
        occurred_at="time_utc_naive",
        time_zone="UTC",
        learner="student",
        skill="kc",
        outcome="outcome",
        outcomes={
            "CORRECT": Outcome.success(True),
            "INCORRECT": Outcome.success(False),
            "STUDY": Outcome.exposure(),
        },
        source_is="lkt",
        context={"item": "item", "unit": "unit", "duration_s": "duration_s"},
    )
)
"""A class's practice as the LKT data sets have it; `skill = "item"` follows items in place of components."""

PRESETS: Mapping[str, ImportSettings] = {"anki": ANKI, "lkt": LKT}

_FILE_FIELDS = tuple(one.name for one in attrs.fields(FileFormat))
_MAPPING_FIELDS = tuple(one.name for one in attrs.fields(ColumnMapping))
_ALTERNATIVES = (("learner", "learner_is"), ("skill", "skill_is"))


def import_settings(table: Mapping[str, Any], where: str = "import settings") -> ImportSettings:
    """The settings that a flat table holds, such as `[import.NAME]` of reinforce.toml or a command's flags.

    Its fields are those of `FileFormat` and `ColumnMapping`; `preset` names settings to begin with, of
    which the others replace what they name. Outcomes may be said in a word.

    >>> settings = import_settings({"preset": "lkt", "skill": "item"})
    >>> settings.mapping.skill, settings.mapping.learner
    ('item', 'student')
    >>> import_settings({"format": "events"}).mapping is None
    True

    Args:
        table: plain data.
        where: what to call it in an error.

    Raises:
        InvalidSettings: names every field that is wrong and what would be right.
    """
    merged = {**_preset(table.get("preset"), table, where), **{k: v for k, v in table.items() if k != "preset"}}
    _refuse_unknown(merged, where)
    file = {name: merged[name] for name in _FILE_FIELDS if name in merged}
    mapping = {name: merged[name] for name in _MAPPING_FIELDS if name in merged}
    try:
        if "outcomes" in mapping:
            mapping["outcomes"] = _outcomes(mapping["outcomes"])
        if "outcome_kind" in mapping:
            mapping["outcome_kind"] = member(OutcomeKind, mapping["outcome_kind"])
        return ImportSettings(
            structure(file, FileFormat, where),
            structure(mapping, ColumnMapping, where) if mapping or file.get("format") != FormatName.EVENTS else None,
        )
    except InvalidValue as problem:
        said = str(problem)
        raise InvalidSettings(said if said.startswith(where) else f"{where}: {said}") from problem


def _preset(name: object, table: Mapping[str, Any], where: str) -> dict[str, Any]:
    if name is None:
        return {}
    if not isinstance(name, str) or name not in PRESETS:
        raise InvalidSettings(f"{where}: there is no preset {name!r}; there are {', '.join(PRESETS)}")
    settings = PRESETS[name]
    plain: dict[str, Any] = {**unstructure(settings.file), **unstructure(settings.mapping)}
    for pair in _ALTERNATIVES:
        if any(one in table for one in pair):
            for one in pair:
                plain.pop(one, None)
    return plain


def _refuse_unknown(merged: Mapping[str, Any], where: str) -> None:
    known = (*_FILE_FIELDS, *_MAPPING_FIELDS)
    for name in merged:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(('preset', *known))}"
            raise InvalidSettings(f"{where}: there is no field {name!r}; {hint}")


def _outcomes(value: Any) -> Any:
    """A vocabulary with its words as the plain data of outcomes."""
    if not isinstance(value, Mapping):
        raise InvalidValue(f"outcomes must map cells to outcomes, such as OK = 'pass', not {value!r}")
    return {
        cell: unstructure(outcome_of_word(meant)) if isinstance(meant, str) else meant for cell, meant in value.items()
    }
