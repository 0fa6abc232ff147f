"""Practice that was recorded while nobody was told, as facts: the log folded again, and told where nothing was told."""

from collections.abc import Iterator, Sequence

from attrs import evolve

from reinforce.model.practice import PracticeEvent
from reinforce.publishing.practice import facts_of_practice
from reinforce.publishing.publisher import Publisher
from reinforce.statements.identity import practice_id
from reinforce.statements.provenance import came_as_statement
from reinforce.store.driver import Driver
from reinforce.store.event_rows import Names
from reinforce.store.folding import Folded, fold
from reinforce.store.generation import present_sight
from reinforce.store.history import histories, known_skills
from reinforce.store.logged import LOGGED_COLUMNS, LOGGED_JOINS, LoggedRow, logged_event
from reinforce.store.means import Means
from reinforce.store.own_statements import known_ids
from reinforce.store.pair_rows import ReviewRow
from reinforce.store.parameters import ParameterSet
from reinforce.store.recording import Taken, names_of
from reinforce.store.resolving import Skills

LEARNERS_AT_ONCE = 100


def learners_of(driver: Driver, tenant_id: int) -> Iterator[Sequence[int]]:
    """The numbers of a tenant's people, some at a time."""
    rows = driver.rows("SELECT id FROM {learner} WHERE tenant_id = ? AND erased_at IS NULL ORDER BY id", tenant_id)
    numbers = [row[0] for row in rows]
    return (numbers[start : start + LEARNERS_AT_ONCE] for start in range(0, len(numbers), LEARNERS_AT_ONCE))


def tell_past(publisher: Publisher, parameters: ParameterSet, learners: Sequence[int]) -> int:
    """Tell the practice of some people of which nothing was told; how many statements that were.

    Each is told with the memory that the log gives for its moment under the present parameters. Voided events are
    left out, and so are those that came as statements.

    Args:
        publisher: within the transaction.
        parameters: the tenant's present ones.
        learners: their numbers.
    """
    driver = publisher.driver
    logged = _logged(driver, publisher.tenant_id, learners)
    events = [(row.id, logged_event(row)) for row in logged]
    new = _untold(publisher, events)
    if not new:
        return 0
    names = _names(driver, publisher.tenant_id, [event for _, event in events])
    pairs = histories(driver, learners, set(names.skills.by_id))
    means = Means(parameters, names.seeds, names.skills.by_id, present_sight(driver, publisher.tenant_id, learners))
    folded = Folded(fold(means, pairs, {}), {}, pairs, (), means)
    taken = Taken([number for number, _ in events], new, [], [], names, _reviews(driver, learners), folded)
    return publisher.tell(facts_of_practice(driver, [event for _, event in events], taken, publisher.mastered_days))


def _logged(driver: Driver, tenant_id: int, learners: Sequence[int]) -> list[LoggedRow]:
    rows = driver.rows(
        f"SELECT {LOGGED_COLUMNS} FROM {{practice_event}} e"
        + LOGGED_JOINS
        + " LEFT JOIN {practice_void} v ON v.tenant_id = e.tenant_id AND v.event_id = e.id"
        " WHERE e.tenant_id = ? AND e.learner_id {in} AND v.event_id IS NULL",
        tenant_id,
        driver.many(learners),
    )
    return sorted(map(LoggedRow._make, rows))


def _untold(publisher: Publisher, events: Sequence[tuple[bytes, PracticeEvent]]) -> list[int]:
    """The places of the events of which the log has no statement."""
    first = [
        practice_id(publisher.voice.tenant, event_id.hex(), event.outcomes[0].skill).bytes for event_id, event in events
    ]
    known = known_ids(publisher.driver, publisher.tenant_id, first)
    return [
        place
        for place, ((_, event), number) in enumerate(zip(events, first, strict=True))
        if number not in known and not came_as_statement(event.source)
    ]


def _reviews(driver: Driver, learners: Sequence[int]) -> list[ReviewRow]:
    columns = ", ".join(ReviewRow._fields)
    rows = driver.rows(f"SELECT {columns} FROM {{review}} WHERE learner_id {{in}}", driver.many(learners))
    return sorted(map(ReviewRow._make, rows))


def _names(driver: Driver, tenant_id: int, events: Sequence[PracticeEvent]) -> Names:
    """What the keys in the events stand for, with every skill, since what is refreshed implicitly may have changed."""
    return evolve(names_of(driver, tenant_id, events), skills=Skills.all_of(known_skills(driver, tenant_id)))
