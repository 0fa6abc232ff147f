"""The flags of `import` as the table that a section [import.NAME] would be."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from attrs import frozen

from reinforce.cli.settings import Settings
from reinforce.errors import InvalidSettings
from reinforce.exchange.formats import PRESETS, FormatName
from reinforce.exchange.mapping import COLUMN_FIELDS

FORMATS = (*(name.value for name in FormatName), *PRESETS)

EVENTS = "Files of events"
LONGEST_LINE = 300


def event_flag(name: str, metavar: str, help_text: str) -> Any:
    """A flag that says how a file of events is written."""
    return typer.Option(f"--{name}", metavar=metavar, help=help_text, rich_help_panel=EVENTS)


Format = Annotated[str | None, event_flag("format", "NAME", f"One of {', '.join(FORMATS)}.")]
Section = Annotated[str | None, event_flag("mapping", "NAME", "As section import.NAME of reinforce.toml says.")]
Columns = Annotated[
    list[str] | None,
    event_flag("column", "FIELD=COLUMN", "Which column holds what, such as learner=user. Repeatable."),
]
Fields = Annotated[
    list[str] | None,
    event_flag("set", "FIELD=VALUE", "Any other field of such a section, such as outcome_kind=scaled. Repeatable."),
]
OneLearner = Annotated[str | None, event_flag("learner", "KEY", "The person whom the whole file is about.")]
OneSkill = Annotated[str | None, event_flag("skill", "KEY", "The skill that the whole file is about.")]

_SUFFIXES = {".csv": FormatName.CSV, ".jsonl": FormatName.JSONL, ".ndjson": FormatName.JSONL}


@frozen
class Assigned:
    """What the flags say about a file of events.

    Attributes:
        file_format: a format, or a preset by its name.
        mapping: the section of reinforce.toml to begin with.
        columns: FIELD=COLUMN.
        fields: FIELD=VALUE.
        learner: the person whom the whole file is about.
        skill: the skill that the whole file is about.
        time_zone: of stamps that name none.
    """

    file_format: str | None = None
    mapping: str | None = None
    columns: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    learner: str | None = None
    skill: str | None = None
    time_zone: str | None = None

    @property
    def are_for_events(self) -> bool:
        """Whether any of them was given."""
        return self != Assigned()


def flat_table(given: Assigned, settings: Settings, file: Path) -> dict[str, Any]:
    """The settings of an import: the section's, with those of the flags in their place.

    Raises:
        InvalidSettings: a flag makes no sense.
    """
    table = dict(settings.import_table(given.mapping)) if given.mapping else {}
    if given.file_format is not None:
        table |= _format(given.file_format)
    for field, column in _pairs("--column", given.columns):
        if field not in COLUMN_FIELDS:
            raise InvalidSettings(
                f"--column {field}={column}: there is no {field!r}; there are {', '.join(COLUMN_FIELDS)}"
            )
        _put(table, field, column)
    for field, text in _pairs("--set", given.fields):
        _put(table, field, _value(text))
    for field, value in (("learner_is", given.learner), ("skill_is", given.skill), ("time_zone", given.time_zone)):
        if value is not None:
            _put(table, field, value)
    if "format" not in table and "preset" not in table:
        table["format"] = _guessed(file, table)
    if "preset" not in table and table["format"] != FormatName.EVENTS and "occurred_at" not in table:
        raise InvalidSettings(
            f"{file}: which column holds what{_first_line(file)}? Pass --mapping NAME for a section of reinforce.toml, "
            "or --column learner=…, --column skill=…, --column occurred_at=…, --column outcome=…, "
            f"--set outcome_kind=…; for known kinds of files --format {' or '.join(PRESETS)}; "
            "for definitions, to `reinforce import`, --kind learners, skills or another"
        )
    return table


def _first_line(file: Path) -> str:
    """How a file begins, for whoever has to name its columns."""
    if not file.is_file():
        return ""
    with file.open("rb") as stream:
        line = stream.readline(LONGEST_LINE).decode("utf-8", errors="replace").strip()
    return f" (it begins: {line})" if line else ""


def _format(name: str) -> dict[str, str]:
    if name not in FORMATS:
        raise InvalidSettings(f"--format {name!r}: there are {', '.join(FORMATS)}")
    return {"preset": name} if name in PRESETS else {"format": name}


def _guessed(file: Path, table: Mapping[str, Any]) -> str:
    """The format that the file's name tells; JSON lines without a mapping are our own shape."""
    guess = _SUFFIXES.get(file.suffix.lower())
    if guess is None:
        raise InvalidSettings(f"{file}: its name does not tell what it is: pass --format, one of {', '.join(FORMATS)}")
    return FormatName.EVENTS if guess is FormatName.JSONL and not table else guess


def _pairs(flag: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        field, found, value = text.partition("=")
        if not found or not field:
            raise InvalidSettings(f"{flag} {text!r}: write it as field=value, such as learner=user")
        pairs.append((field, value))
    return pairs


def _put(table: dict[str, Any], field: str, value: Any) -> None:
    """Set a field, or one entry of it as in `outcomes.OK`; the column and the value for all replace each other."""
    field, is_entry, entry = field.partition(".")
    if is_entry:
        table[field] = {**table.get(field, {}), entry: value}
        return
    table[field] = value
    if field in ("learner", "skill"):
        table.pop(f"{field}_is", None)
    elif field in ("learner_is", "skill_is"):
        table.pop(field.removesuffix("_is"), None)


def _value(text: str) -> Any:
    """A number, truth or list as TOML writes them; anything else is text."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, bool | int | float | list | str) else text
