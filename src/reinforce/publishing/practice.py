"""From a batch of events, and what they did to memory, to facts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from attrs import frozen

from reinforce.forgetting.mastery import is_mastered
from reinforce.model.memory import MemoryState
from reinforce.model.practice import PracticeEvent, PracticeKind, Rating, SkillOutcome
from reinforce.statements.facts import Fact, Lapsed, Mastered, Observed, Practised
from reinforce.statements.provenance import came_as_statement
from reinforce.store.driver import Driver
from reinforce.store.generation import recall_single
from reinforce.store.labels import Labels, labels
from reinforce.store.pair_rows import MemoryRow, Pair
from reinforce.store.reading import memory_state
from reinforce.store.recording import Taken
from reinforce.store.steps import Step, steps


def facts_of_practice(
    driver: Driver, events: Sequence[PracticeEvent], taken: Taken, mastered_days: int
) -> Iterator[Fact]:
    """What is new in a batch of events, in the order in which it occurred.

    An event that came as a statement is not told again; what followed of it is.

    Args:
        driver: of the transaction that has recorded them.
        events: the batch.
        taken: what became of it.
        mastered_days: see `XapiSettings`.
    """
    new = sorted((event_id, place) for place in taken.new if (event_id := taken.event_ids[place]) is not None)
    recorded = [(event_id, events[place]) for event_id, place in new]
    batch = _Batch(
        taken,
        _labels(driver, taken, [event for _, event in recorded]),
        {(one.event_id, one.skill_id): one.rating for one in taken.reviews if not one.implicit},
        _steps(taken, {event_id for event_id, _ in recorded}),
        {row[:2]: row for row in taken.memories} if taken.folded.late else {},
        mastered_days,
    )
    for event in recorded:
        yield from batch.facts(*event)


def _labels(driver: Driver, taken: Taken, events: Sequence[PracticeEvent]) -> Labels:
    names = taken.names
    people = {event.learner for event in events} | {event.assessor for event in events if event.assessor}
    given = {event.refresher for event in events if event.refresher}
    skills = {review.skill_id for review in taken.reviews}
    return labels(driver, {names.people[key].id for key in people}, skills, {names.refreshers[key] for key in given})


def _steps(taken: Taken, new: Collection[bytes]) -> dict[bytes, list[Step]]:
    found: dict[bytes, list[Step]] = {}
    for step in steps(taken.folded, new):
        found.setdefault(step.review.event_id, []).append(step)
    return found


@frozen(eq=False)
class _Batch:
    """What the facts of a batch are made of.

    Attributes:
        ratings: of each event and skill that it names.
        steps: what each event did to memories.
        present: the memories that changed, by pair, if there were late events.
    """

    taken: Taken
    labels: Labels
    ratings: Mapping[tuple[bytes, int], int | None]
    steps: Mapping[bytes, Sequence[Step]]
    present: Mapping[Pair, MemoryRow]
    mastered_days: int

    def facts(self, event_id: bytes, event: PracticeEvent) -> Iterator[Fact]:
        """What an event tells: each practice with what followed of it, in the order of its outcomes."""
        is_ours = not came_as_statement(event.source)
        by_skill = {step.review.skill_id: step for step in self.steps.get(event_id, ())}
        for outcome in event.outcomes:
            number = self.taken.names.skills.by_key[outcome.skill].id
            step = by_skill.pop(number, None)
            if is_ours:
                yield self._practised(event_id, event, outcome, step)
            if step is not None:
                yield from self._followed(event, step)
        for step in by_skill.values():  # of skills that were practised implicitly
            yield from self._followed(event, step)
        if is_ours and event.kind is PracticeKind.OBSERVED and event.assessor is not None:
            yield self._observed(event_id, event, event.assessor)

    def _practised(self, event_id: bytes, event: PracticeEvent, outcome: SkillOutcome, step: Step | None) -> Practised:
        names, known = self.taken.names, self.labels
        number = names.skills.by_key[outcome.skill].id
        rating = self.ratings[event_id, number]
        return Practised(
            event_id.hex(),
            event,
            known.people[names.people[event.learner].id],
            known.skills[number],
            outcome,
            None if rating is None else Rating(rating),
            None if step is None else self._state(step.after),
            None if step is None else self._recall_before(step),
            None if event.assessor is None else known.people[names.people[event.assessor].id],
            None if event.refresher is None else known.refreshers[names.refreshers[event.refresher]],
        )

    def _followed(self, event: PracticeEvent, step: Step) -> Iterator[Fact]:
        """A lapse, where what was known failed; and mastery, where it was reached."""
        review, before, after = step.review, step.before, step.after
        about = (self.labels.people[review.learner_id], self.labels.skills[review.skill_id])
        event_id = review.event_id.hex()
        if before is not None and after.lapses > before.lapses:
            told_by = _statement_of(event) if came_as_statement(event.source) else None
            recall = self._recall_before(step)
            yield Lapsed(event_id, event.occurred_at, *about, self._state(after), recall, told_by)
        state = self._mastered_by(step)
        if state is not None:
            yield Mastered(event_id, event.occurred_at, *about, self._state(state))

    def _mastered_by(self, step: Step) -> MemoryRow | None:
        """The memory with which a review reached mastery; None: it did not.

        Where an event came late, what stands after all that is known counts, and the last of the new ones reached it:
        otherwise what was told of the later ones would be told twice.
        """
        before, after = step.before, step.after
        pair = after[:2]
        if pair in self.taken.folded.late:
            if not step.is_last:
                return None
            before, after = self.taken.folded.before.get(pair), self.present[pair]
        is_reached = self._is_mastered(after) and not (before is not None and self._is_mastered(before))
        return after if is_reached else None

    def _is_mastered(self, row: MemoryRow) -> bool:
        aim = self.taken.names.skills.by_id[row.skill_id].desired_retention
        return is_mastered(self.taken.folded.means.parameters.forgetting, row.stability, aim, self.mastered_days)

    def _recall_before(self, step: Step) -> float | None:
        if step.before is None:
            return None
        before, means = step.before, self.taken.folded.means
        return recall_single(means.parameters.forgetting, means.sight, before[:2], before.state, step.review.day)

    def _state(self, row: MemoryRow) -> MemoryState:
        return memory_state(row, self.taken.folded.means.parameters.algorithm)

    def _observed(self, event_id: bytes, event: PracticeEvent, assessor: str) -> Observed:
        people, skills = self.taken.names.people, self.taken.names.skills.by_key
        return Observed(
            event_id.hex(),
            event.occurred_at,
            self.labels.people[people[assessor].id],
            self.labels.people[people[event.learner].id],
            tuple(self.labels.skills[skills[one.skill].id] for one in event.outcomes),
        )


def _statement_of(event: PracticeEvent) -> UUID | None:
    """The id of the statement that an event came as, if that is how its source names it."""
    try:
        return UUID(event.external_id or "")
    except ValueError:
        return None
