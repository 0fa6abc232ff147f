"""The log folded again: replays, voids, and due days after a change of aim."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from reinforce.errors import UnknownEvent
from reinforce.forgetting.interval import key_seed
from reinforce.model.memory import Replayed
from reinforce.store import folding
from reinforce.store.driver import Driver
from reinforce.store.event_rows import EVENT_COLUMNS, EventRow, Occasion
from reinforce.store.folding import MEMORY_COLUMNS
from reinforce.store.generation import present_sight
from reinforce.store.locks import require_latest
from reinforce.store.means import Means
from reinforce.store.pair_rows import MemoryRow, Pair, ReviewRow
from reinforce.store.parameters import ParameterSet, present_of
from reinforce.store.resolving import KnownSkill, skill_seed
from reinforce.store.scope import Scope
from reinforce.store.voids import VOID_COLUMNS, kept_reviews

LEARNERS_AT_ONCE = 2000
"""How many learners' histories are held in memory at once."""


def replay(driver: Driver, scope: Scope, parameters: ParameterSet, *, write: bool) -> Replayed:
    """Fold the reviews of a scope from the first one, and compare with what is stored.

    Args:
        driver: within the transaction; the tenant is locked if `write`.
        scope: which pairs.
        parameters: the tenant's present ones.
        write: whether memories that differ are replaced, and those without reviews removed.
    """
    means = present_means(driver, scope, parameters)
    chosen = {number for number, skill in means.skills.items() if scope.skill in (None, skill.key)}
    pairs = changed = removed = reviews = 0
    for numbers in chunks(sorted(means.seeds)):
        by_pair = histories(driver, numbers, chosen)
        stored = memories(driver, numbers, chosen)
        folded = folding.postponed(driver, folding.fold(means, by_pair, {}))
        differing = [row for row in folded if stored.pop(row[:2], None) != row]
        pairs += len(folded)
        reviews += sum(map(len, by_pair.values()))
        changed += len(differing)
        removed += len(stored)
        if write:
            folding.write(driver, differing)
            folding.forget(driver, list(stored))
    return Replayed(pairs, changed, removed, reviews, write)


def remembered(driver: Driver, scope: Scope, parameters: ParameterSet) -> MemoryRow | None:
    """One pair's memory from the log alone; nothing is written."""
    means = present_means(driver, scope, parameters)
    chosen = {number for number, skill in means.skills.items() if skill.key == scope.skill}
    rows = folding.postponed(driver, folding.fold(means, histories(driver, sorted(means.seeds), chosen), {}))
    return rows[0] if rows else None


def present_means(driver: Driver, scope: Scope, parameters: ParameterSet) -> Means:
    """What the memories of a scope's learners are made with; it has seeds of these alone."""
    learners = learner_keys(driver, scope)
    seen = present_sight(driver, scope.tenant_id, learners)
    return Means(parameters, seeds_of(learners), known_skills(driver, scope.tenant_id), seen)


def known_skills(driver: Driver, tenant_id: int) -> dict[int, KnownSkill]:
    """Every skill of the tenant, by number, with what its practice refreshes."""
    implicit: dict[int, list[tuple[int, float]]] = {}
    for skill_id, encompassed_id, weight in driver.rows(
        "SELECT i.skill_id, i.encompassed_id, i.weight FROM {implicit_practice} i"
        " JOIN {skill} s ON s.id = i.skill_id WHERE s.tenant_id = ? ORDER BY i.skill_id, i.encompassed_id",
        tenant_id,
    ):
        implicit.setdefault(skill_id, []).append((encompassed_id, weight))
    return {
        number: KnownSkill(number, key, retention, skill_seed(key), tuple(implicit.get(number, ())))
        for number, key, retention in driver.rows(
            "SELECT id, key, desired_retention FROM {skill} WHERE tenant_id = ?", tenant_id
        )
    }


def fold_again(driver: Driver, scope: Scope, parameters: ParameterSet, pairs: Sequence[Pair]) -> None:
    """Fold pairs of a scope from their first review, because some of their reviews are gone."""
    folding.fold_again(driver, present_means(driver, scope, parameters), pairs)


def void(driver: Driver, tenant_id: int, row: EventRow, *, reason: str, now: int) -> list[Pair]:
    """Void an event: its reviews go from the log into the void, it stays. Its pairs are still to be folded again.

    The learner is locked, so that the calibration is not closed meanwhile.
    """
    reviews = [
        ReviewRow._make(one)
        for one in driver.rows(
            f"SELECT {', '.join(ReviewRow._fields)} FROM {{review}} WHERE learner_id = ? AND event_id = ?",
            row.learner_id,
            row.id,
        )
    ]
    driver.run("DELETE FROM {review} WHERE learner_id = ? AND event_id = ?", row.learner_id, row.id)
    _, course = present_of(driver, tenant_id)
    kept = kept_reviews(reviews)
    driver.insert("practice_void", VOID_COLUMNS, [(row.id, tenant_id, now, reason, course.open_close, kept)])
    return [(one.learner_id, one.skill_id) for one in reviews]


def latest_revision(driver: Driver, tenant_id: int, source: str, external_id: str) -> tuple[EventRow, str, bool]:
    """The last revision of an event, its learner's key, and whether it is voided.

    Raises:
        UnknownEvent: nothing was recorded with that id.
    """
    rows = driver.rows(
        f"SELECT {EVENT_COLUMNS}, l.key, v.voided_at FROM {{practice_event}} e"
        " JOIN {learner} l ON l.id = e.learner_id"
        " LEFT JOIN {practice_void} v ON v.tenant_id = e.tenant_id AND v.event_id = e.id"
        " WHERE e.tenant_id = ? AND e.source = ? AND e.external_id = ? ORDER BY e.revision DESC LIMIT 1",
        tenant_id,
        source,
        external_id,
    )
    if not rows:
        raise UnknownEvent(f"no event {external_id!r} of source {source!r} was recorded")
    *columns, learner, voided_at = rows[0]
    return EventRow._make(columns), learner, voided_at is not None


def learner_keys(driver: Driver, scope: Scope) -> dict[int, str]:
    """The keys of a scope's learners, by number."""
    only = "" if scope.learner is None else " AND key = ?"
    parameters: Sequence[object] = () if scope.learner is None else (scope.learner,)
    rows = driver.rows(f"SELECT id, key FROM {{learner}} WHERE tenant_id = ?{only}", scope.tenant_id, *parameters)
    return dict(rows)


def seeds_of(learners: Mapping[int, str]) -> dict[int, int]:
    """Each learner's seed, by number, from their keys."""
    return {number: key_seed(key) for number, key in learners.items()}


def chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """The numbers of learners, so many at once as are held in memory."""
    return (numbers[start : start + LEARNERS_AT_ONCE] for start in range(0, len(numbers), LEARNERS_AT_ONCE))


def histories(driver: Driver, learners: Sequence[int], skills: set[int]) -> dict[Pair, list[ReviewRow]]:
    """The reviews of each pair of some learners and skills that move its memory, in order."""
    rows = driver.rows(
        f"SELECT {', '.join(ReviewRow._fields)} FROM {{review}}"
        " WHERE learner_id {in} AND rating IS NOT NULL AND weight > 0 ORDER BY learner_id, skill_id, event_id",
        driver.many(learners),
    )
    by_pair: dict[Pair, list[ReviewRow]] = {}
    for row in map(ReviewRow._make, rows):
        if row.skill_id in skills:
            by_pair.setdefault((row.learner_id, row.skill_id), []).append(row)
    return by_pair


def memories(driver: Driver, learners: Sequence[int], skills: set[int]) -> dict[Pair, MemoryRow]:
    """The stored memories of some learners and skills."""
    rows = driver.rows(f"SELECT {MEMORY_COLUMNS} FROM {{memory}} m WHERE m.learner_id {{in}}", driver.many(learners))
    return {(row[0], row[1]): MemoryRow._make(row) for row in rows if row[1] in skills}


Derive = Callable[[Occasion], Sequence[ReviewRow]]


def rederive(driver: Driver, tenant_id: int, derive: Derive, policy: str) -> int:
    """Replace the reviews of every event that is not void; memories are still to be replayed.

    Args:
        driver: within the transaction, after the tenant was locked.
        tenant_id: whose.
        derive: makes the reviews of an event, for the calendar day and the close for which they were recorded.
        policy: id of the policy that makes their ratings; the events name it from now on.

    Returns:
        How many reviews there are now.
    """
    count = 0
    for numbers in chunks(list(learner_keys(driver, Scope(tenant_id)))):
        many = driver.many(numbers)
        rows = driver.rows("SELECT event_id, day, generation FROM {review} WHERE learner_id {in}", many)
        recorded = {number: (day, generation) for number, day, generation in rows}
        events = driver.rows(
            f"SELECT {EVENT_COLUMNS} FROM {{practice_event}} e"
            " LEFT JOIN {practice_void} v ON v.tenant_id = e.tenant_id AND v.event_id = e.id"
            " WHERE e.tenant_id = ? AND e.learner_id {in} AND v.event_id IS NULL",
            tenant_id,
            many,
        )
        reviews = [review for row in map(EventRow._make, events) for review in derive(Occasion(row, *recorded[row.id]))]
        driver.run("DELETE FROM {review} WHERE learner_id {in}", many)
        driver.run_many(
            "UPDATE {practice_event} SET policy = ? WHERE id = ? AND tenant_id = ?",
            [(policy, row[0], tenant_id) for row in events if EventRow._make(row).policy != policy],
        )
        driver.insert("review", ReviewRow._fields, reviews)
        count += len(reviews)
    return count


def move_due_days(driver: Driver, tenant_id: int, parameters: ParameterSet, skills: Collection[int]) -> int:
    """Set the due days of skills whose desired retention has changed, of a tenant that is locked; how many moved."""
    require_latest(driver)
    means = present_means(driver, Scope(tenant_id), parameters)
    moved = 0
    for numbers in chunks(sorted(means.seeds)):
        rows = list(memories(driver, numbers, set(skills)).values())
        differing = [
            new for new, old in zip(folding.with_due_days(driver, means, rows), rows, strict=True) if new != old
        ]
        folding.write(driver, differing)
        moved += len(differing)
    return moved
