"""Which column of a file holds what."""

from collections.abc import Mapping

import attrs
from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.exchange.stamps import check_time_format
from reinforce.model.checks import is_key, is_text, is_time_zone, number, plain_dict
from reinforce.model.practice import Outcome, OutcomeKind, PracticeKind

_a_column = attrs.validators.optional(is_text)
_a_key = attrs.validators.optional(is_key)


@frozen
class ColumnMapping:
    """Which column of a file holds which part of a `PracticeEvent`.

    A field that names a column takes each row's cell of it; its sibling that ends in `_is` is one value for
    the whole file (for learner and skill: instead of the column; for the others: where there is no column
    or its cell is empty). In JSON lines a column is a field, or a path such as `user.id` to an inner one.

    Attributes:
        occurred_at: column of the moment.
        time_format: "iso" (ISO 8601), "epoch_s", "epoch_ms", or a strptime format.
        time_zone: IANA name for stamps that name none.
        learner: column of the learner's key; or `learner_is`.
        skill: column of the skill's key; or `skill_is`.
        skill_separator: what stands between the keys of a cell with several skills.
        outcome: column of the outcome; None only if the outcome kind is exposure.
        outcome_kind: its terms: success, scaled, rubric, grade, rating or exposure.
        outcomes: what certain cells mean, whatever the kind; without a kind, all that may come.
        highest: the rubric's highest level, or the maximum of raw scores that become scaled ones.
        highest_column: column of that, where it differs from row to row.
        kind: column of the kind of practice; `kind_is` is recall.
        kinds: what certain cells of it mean.
        source: column of the system that it comes from; `source_is` is "import".
        external_id: column of that system's id; None: one is made of the row's mapped content, so
            importing the same rows again changes nothing, and two rows of the same content are one event.
        assessor: column of the key of the person who judged it.
        refresher: column of the key of the refresher that was practised.
        weight: column of how far it moves the memory, 0 to 1; `weight_is` is 1.
        note: column of free text.
        context: columns to keep beside the event, by the name that they get there.
    """

    occurred_at: str = field(validator=is_text)
    time_format: str = "iso"
    time_zone: str | None = field(default=None, validator=attrs.validators.optional(is_time_zone))
    learner: str | None = field(default=None, validator=_a_column)
    learner_is: str | None = field(default=None, validator=_a_key)
    skill: str | None = field(default=None, validator=_a_column)
    skill_is: str | None = field(default=None, validator=_a_key)
    skill_separator: str | None = field(default=None, validator=_a_column)
    outcome: str | None = field(default=None, validator=_a_column)
    outcome_kind: OutcomeKind | None = None
    outcomes: Mapping[str, Outcome] = field(factory=dict, converter=plain_dict, hash=False)
    highest: float | None = None
    highest_column: str | None = field(default=None, validator=_a_column)
    kind: str | None = field(default=None, validator=_a_column)
    kind_is: PracticeKind = PracticeKind.RECALL
    kinds: Mapping[str, PracticeKind] = field(factory=dict, converter=plain_dict, hash=False)
    source: str | None = field(default=None, validator=_a_column)
    source_is: str = field(default="import", validator=is_key)
    external_id: str | None = field(default=None, validator=_a_column)
    assessor: str | None = field(default=None, validator=_a_column)
    refresher: str | None = field(default=None, validator=_a_column)
    weight: str | None = field(default=None, validator=_a_column)
    weight_is: float = field(default=1.0, validator=number(0, 1))
    note: str | None = field(default=None, validator=_a_column)
    context: Mapping[str, str] = field(factory=dict, converter=plain_dict, hash=False)

    def __attrs_post_init__(self) -> None:
        check_time_format(self.time_format, self.time_zone)
        for name in ("learner", "skill"):
            if (getattr(self, name) is None) == (getattr(self, f"{name}_is") is None):
                raise InvalidValue(
                    f"a mapping must say either which column holds the {name} ({name}) "
                    f"or which {name} the whole file is about ({name}_is), and not both"
                )
        self._check_outcome()

    def _check_outcome(self) -> None:
        if self.outcome is None and self.outcome_kind is not OutcomeKind.EXPOSURE:
            raise InvalidValue("a mapping must say which column holds the outcome, or that outcome_kind is 'exposure'")
        if self.outcome_kind is None and not self.outcomes:
            raise InvalidValue(
                "a mapping must say in which terms outcomes are given: outcome_kind is one of "
                f"{', '.join(OutcomeKind)}; or what each cell means: outcomes = {{ OK = 'pass', KO = 'fail' }}"
            )
        if self.outcome_kind is OutcomeKind.RUBRIC and self.highest is None and self.highest_column is None:
            raise InvalidValue("rubric outcomes need the highest level: set highest, or highest_column")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names, once each, in the order of the fields."""
        named = [getattr(self, name) for name in COLUMN_FIELDS]
        return tuple(dict.fromkeys([column for column in named if column is not None] + list(self.context.values())))


COLUMN_FIELDS = (
    "occurred_at",
    "learner",
    "skill",
    "outcome",
    "highest_column",
    "kind",
    "source",
    "external_id",
    "assessor",
    "refresher",
    "weight",
    "note",
)
"""The fields of a mapping that name one column each."""
