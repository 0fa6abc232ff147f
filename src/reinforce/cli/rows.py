"""What the rows of our tables are called among people."""

from collections.abc import Mapping

from reinforce.cli.output import counted
from reinforce.store.table_parts import PREFIX

_NAMES: Mapping[str, tuple[str, str]] = {
    "calibration_offset": ("offset of the calibration", "offsets of the calibration"),
    "learner": ("learner", "learners"),
    "learner_actor": ("xAPI name", "xAPI names"),
    "lrs_credential": ("key to the LRS", "keys to the LRS"),
    "lrs_document": ("document of an LRS", "documents of an LRS"),
    "memory": ("memory", "memories"),
    "postponement": ("postponed due day", "postponed due days"),
    "practice_event": ("event", "events"),
    "practice_void": ("taken back event", "taken back events"),
    "statement_attachment": ("attachment", "attachments"),
    "team": ("team that they led", "teams that they led"),
    "team_member": ("place in a team", "places in teams"),
}
"""Of the tables that are not simply called what their rows are."""


def named(table: str) -> tuple[str, str]:
    """One row of a table in words, and several.

    >>> named("practice_event"), named("review"), named("dead_letter")
    (('event', 'events'), ('review', 'reviews'), ('dead letter', 'dead letters'))
    """
    word = table.replace("_", " ")
    return _NAMES.get(table, (word, f"{word}s"))


def place(mention: str) -> str:
    """Where something stands, told as "table.column: how many", in words.

    >>> place("reinforce_practice_event.note: 2")
    'the note of 2 events'
    """
    where, _, count = mention.partition(": ")
    table, _, column = where.removeprefix(PREFIX).partition(".")
    return f"the {column.replace('_', ' ')} of {counted(int(count), *named(table))}"
