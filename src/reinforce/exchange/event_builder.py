"""A row's cells to the practice event that they tell of."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from reinforce.errors import InvalidValue, NaiveDatetime
from reinforce.exchange.mapping import COLUMN_FIELDS, ColumnMapping
from reinforce.exchange.outcome_cells import outcome_reader
from reinforce.exchange.rows import BadCell
from reinforce.exchange.stamps import stamp_reader
from reinforce.model.checks import to_micros
from reinforce.model.practice import PracticeEvent, PracticeKind, SkillOutcome

Cells = Sequence[object]


def content_id(event: PracticeEvent) -> str:
    """An external id made of all that the event says, for sources that give none.

    The same content gives the same id, whichever file or format it comes in.
    """
    return _id_of(
        event.learner,
        event.occurred_at,
        event.outcomes,
        event.kind,
        event.assessor,
        event.refresher,
        event.context,
        event.note,
    )


def _id_of(
    learner: str,
    occurred_at: datetime,
    outcomes: tuple[SkillOutcome, ...],
    kind: PracticeKind,
    assessor: str | None,
    refresher: str | None,
    context: Mapping[str, str],
    note: str | None,
) -> str:
    # Keys hold no control characters, and free text comes with its length: no two contents join to one text.
    parts = [learner, str(to_micros(occurred_at)), kind, assessor or "", refresher or ""]
    for skill, outcome, weight in [(one.skill, one.outcome, one.weight) for one in outcomes]:
        parts += (skill, outcome.kind, str(float(outcome.value)), str(outcome.of), str(float(weight)))
    parts += [f"{name}\x1f{len(context[name])}\x1f{context[name]}" for name in sorted(context)]
    if note is not None:
        parts.append(f"\x1e{len(note)}\x1f{note}")
    return "row-" + blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class EventBuilder:
    """Makes events of cells that stand in the order of `mapping.columns`."""

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping
        position = {column: n for n, column in enumerate(mapping.columns)}
        self._at = {name: position.get(getattr(mapping, name)) for name in COLUMN_FIELDS}
        self._context = [(name, position[column]) for name, column in mapping.context.items()]
        self._moment = stamp_reader(mapping.time_format, mapping.time_zone)
        self._outcome = outcome_reader(mapping.outcome_kind, mapping.outcomes, mapping.highest)
        self._kinds = {kind.value: kind for kind in PracticeKind} | dict(mapping.kinds)

    def __call__(self, cells: Cells) -> PracticeEvent:
        """The event of a row.

        Raises:
            BadCell: a cell is not what its column is mapped to.
            NaiveDatetime: the stamp names no time zone, nor does the mapping.
        """
        try:
            return self._event(cells)
        except (BadCell, NaiveDatetime):
            raise
        except InvalidValue as problem:
            raise BadCell(self._column_of(str(problem)), str(problem)) from problem

    def _event(self, cells: Cells) -> PracticeEvent:
        mapping = self._mapping
        said = (
            mapping.learner_is or self._required("learner", cells),
            self._occurred_at(cells),
            self._outcomes(cells),
            self._kind(cells) if mapping.kind is not None else mapping.kind_is,
            self._text("assessor", cells) if mapping.assessor is not None else None,
            self._text("refresher", cells) if mapping.refresher is not None else None,
            self._context_of(cells) if self._context else {},
            self._text("note", cells) if mapping.note is not None else None,
        )
        external_id = _id_of(*said) if mapping.external_id is None else self._required("external_id", cells)
        source = (self._text("source", cells) if mapping.source is not None else None) or mapping.source_is
        learner, occurred_at, outcomes, kind, assessor, refresher, context, note = said
        return PracticeEvent(
            learner, occurred_at, outcomes, kind, source, external_id, assessor, refresher, context, note
        )

    def _text(self, name: str, cells: Cells) -> str | None:
        """The text of a cell; None where there is no column or nothing in it."""
        at = self._at[name]
        if at is None:
            return None
        cell = cells[at]
        if type(cell) is str:
            return cell.strip() or None
        return _plain_text(cell, self._column(name))

    def _required(self, name: str, cells: Cells) -> str:
        text = self._text(name, cells)
        if text is None:
            raise BadCell(self._column(name), f"it is empty, and every event needs its {name.replace('_', ' ')}")
        return text

    def _column(self, name: str) -> str | None:
        column: str | None = getattr(self._mapping, name)
        return column

    def _cell(self, name: str, cells: Cells) -> object:
        at = self._at[name]
        return None if at is None else cells[at]

    def _occurred_at(self, cells: Cells) -> datetime:
        cell = self._cell("occurred_at", cells)
        try:
            return self._moment(cell)
        except NaiveDatetime:
            raise
        except InvalidValue as problem:
            raise BadCell(self._column("occurred_at"), str(problem)) from problem

    def _outcomes(self, cells: Cells) -> tuple[SkillOutcome, ...]:
        try:
            outcome = self._outcome(self._cell("outcome", cells), self._cell("highest_column", cells))
        except InvalidValue as problem:
            raise BadCell(self._column("outcome"), str(problem)) from problem
        weight = self._weight(cells)
        skill = self._mapping.skill_is
        if skill is None and self._is_several(cells):
            return tuple(SkillOutcome(key, outcome, weight) for key in self._skills(cells))
        return (SkillOutcome(skill or self._required("skill", cells), outcome, weight),)

    def _is_several(self, cells: Cells) -> bool:
        return self._mapping.skill_separator is not None or isinstance(self._cell("skill", cells), list)

    def _skills(self, cells: Cells) -> list[str]:
        cell = self._cell("skill", cells)
        if isinstance(cell, list):
            if not cell or not all(isinstance(one, str) for one in cell):
                raise BadCell(self._column("skill"), f"{cell!r} is no list of the keys of skills")
            return cell
        return [key.strip() for key in self._required("skill", cells).split(self._mapping.skill_separator)]

    def _kind(self, cells: Cells) -> PracticeKind:
        text = self._text("kind", cells)
        if text is None:
            return self._mapping.kind_is
        if text not in self._kinds:
            raise BadCell(self._column("kind"), f"{text!r} is no kind of practice: use {', '.join(self._kinds)}")
        return self._kinds[text]

    def _weight(self, cells: Cells) -> float:
        text = self._text("weight", cells)
        if text is None:
            return self._mapping.weight_is
        try:
            return float(text)
        except ValueError:
            raise BadCell(self._column("weight"), f"{text!r} is no number from 0 to 1") from None

    def _context_of(self, cells: Cells) -> dict[str, str]:
        texts = {name: _plain_text(cells[at], self._mapping.context[name]) for name, at in self._context}
        return {name: text for name, text in texts.items() if text is not None}

    def _column_of(self, complaint: str) -> str | None:
        """The column of the field that a value's own complaint names."""
        named = re.match(r"(?:PracticeEvent|SkillOutcome|Outcome)\.(\w+)", complaint)
        name = named.group(1) if named else ""
        name = {"outcomes": "skill", "value": "outcome"}.get(name, name)
        return getattr(self._mapping, name, None) if name in COLUMN_FIELDS else None


def _plain_text(cell: object, column: str | None) -> str | None:
    """The text of a cell of CSV or JSON; None if it is empty."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, bool | int | float):
        return json.dumps(cell)
    raise BadCell(column, f"{cell!r} is no text")
