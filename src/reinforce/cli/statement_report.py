"""What has become of statements, or would: counted, listed, and grouped by why they were not understood."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from attrs import define, field, frozen

from reinforce.cli.output import Column, Output, counted, moment
from reinforce.intake.readings import Fate, Reading
from reinforce.model.practice import Outcome, OutcomeKind, PracticeEvent

MOST_LISTED = 1000
"""So many of what was recorded, and so many groups, are listed; all are counted."""

NOT_UNDERSTOOD = (Fate.UNMATCHED, Fate.REFUSED)
_SPOKEN = {
    Fate.RECORDED: "recorded",
    Fate.KNOWN: "there already",
    Fate.VOIDING: "take others back",
    Fate.VOIDED: "taken back",
    Fate.OURS: "ours",
    Fate.CONFLICT: "in conflict",
    Fate.ERASED: "erased",
    Fate.UNMATCHED: "that no rule fits",
    Fate.REFUSED: "not recorded",
}


@frozen
class Kind:
    """Statements that were not understood for one reason."""

    fate: Fate
    reason: str
    verb: str
    activity_type: str
    mapping: str | None
    rule: str | None


@define
class Group:
    """How many there are of a kind, and the first of them."""

    count: int
    statement_id: str
    activity: str


@define
class Report:
    """What has become of statements so far."""

    counts: Counter[Fate] = field(factory=Counter)
    recorded: list[Reading] = field(factory=list)
    groups: dict[Kind, Group] = field(factory=dict)
    learners: set[str] = field(factory=set)

    def add(self, readings: Iterable[Reading]) -> None:
        """Take in what has become of some more."""
        for one in readings:
            self.counts[one.fate] += 1
            if one.fate is Fate.RECORDED:
                self._record(one)
            elif one.fate in NOT_UNDERSTOOD:
                self._group(one)

    def _record(self, one: Reading) -> None:
        if len(self.recorded) < MOST_LISTED:
            self.recorded.append(one)
        if one.newcomer is not None:
            self.learners.add(one.newcomer.key)

    def _group(self, one: Reading) -> None:
        kind = Kind(one.fate, one.reason, one.verb, one.activity_type, one.mapping, one.rule)
        known = self.groups.get(kind)
        if known is not None:
            known.count += 1
        else:
            self.groups[kind] = Group(1, one.statement_id, one.activity)

    @property
    def total(self) -> int:
        """How many statements there were."""
        return self.counts.total()

    @property
    def not_understood(self) -> int:
        """How many of them were kept and not recorded, for a reason that can be mended."""
        return sum(self.counts[fate] for fate in NOT_UNDERSTOOD)

    @property
    def document(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "statements": self.total,
            "counts": {fate.value: self.counts[fate] for fate in Fate},
            "learners": sorted(self.learners),
            "recorded": [_plain(one) for one in self.recorded],
            "unmatched": [
                {
                    "count": group.count,
                    "reason": kind.reason,
                    "verb": kind.verb,
                    "activity_type": kind.activity_type,
                    "mapping": kind.mapping,
                    "rule": kind.rule,
                    "example": {"statement_id": group.statement_id, "activity": group.activity},
                }
                for kind, group in self._largest()
            ],
        }

    def _largest(self) -> list[tuple[Kind, Group]]:
        ordered = sorted(self.groups.items(), key=lambda pair: (-pair[1].count, str(pair[0])))
        return ordered[:MOST_LISTED]

    def tell_counts(self, output: Output) -> None:
        """One line of how many came to what."""
        parts = [
            f"{self.counts[fate]:,} {_SPOKEN[fate]}" for fate in Fate if self.counts[fate] or fate is Fate.RECORDED
        ]
        output.line(f"{counted(self.total, 'statement')}: {', '.join(parts)}")
        if self.learners:
            output.line(f"{counted(len(self.learners), 'learner')} created: {', '.join(sorted(self.learners)[:10])}")

    def tell_recorded(self, output: Output) -> None:
        """A table of what was recorded, or would be."""
        output.table(
            (
                Column("learner", "learner"),
                Column("skill", "skill"),
                Column("occurred_at", "when", show=moment),
                Column("kind", "kind", unless="recall"),
                Column("outcome", "outcome"),
                Column("rule", "by"),
                Column("statement", "statement"),
            ),
            [_row(one, one.event) for one in self.recorded if one.event is not None],
        )

    def tell_unmatched(self, output: Output) -> None:
        """A table of what was not understood, the most frequent first."""
        output.table(
            (
                Column("count", "count", is_number=True),
                Column("reason", "reason"),
                Column("verb", "verb"),
                Column("activity_type", "activity type"),
                Column("activity", "such as"),
                Column("statement", "statement"),
            ),
            [
                (group.count, kind.reason, kind.verb, kind.activity_type, group.activity, group.statement_id)
                for kind, group in self._largest()
            ],
            "nothing that was not understood",
        )


def _row(one: Reading, event: PracticeEvent) -> tuple[Any, ...]:
    outcome = event.outcomes[0]
    return (
        event.learner,
        outcome.skill,
        event.occurred_at,
        event.kind.value,
        told(outcome.outcome),
        f"{one.mapping}: {one.rule}",
        one.statement_id,
    )


def _plain(one: Reading) -> dict[str, Any]:
    event = one.event
    outcome = event.outcomes[0] if event is not None else None
    return {
        "statement_id": one.statement_id,
        "learner": event and event.learner,
        "skill": outcome and outcome.skill,
        "occurred_at": event and event.occurred_at,
        "kind": event and event.kind,
        "outcome": outcome and {"kind": outcome.outcome.kind, "value": outcome.outcome.value},
        "weight": outcome and outcome.weight,
        "assessor": event and event.assessor,
        "mapping": one.mapping,
        "version": one.version,
        "rule": one.rule,
    }


def told(outcome: Outcome) -> str:
    """An outcome in a word or two.

    >>> told(Outcome.success(True)), told(Outcome.scaled(0.8)), told(Outcome.exposure())
    ('passed', '80 %', 'exposure')
    """
    if outcome.kind is OutcomeKind.SUCCESS:
        return "passed" if outcome.value else "failed"
    if outcome.kind is OutcomeKind.SCALED and outcome.value is not None:
        return f"{outcome.value * 100:.3g} %"
    return outcome.kind.value
