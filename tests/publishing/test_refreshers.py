"""What became of refreshers is told: given, done, expired; and what has been forgotten."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from publishing.listening import XAPI, bodies, extension, heard, names, said
from reinforce import Calendar, Learner, Refresher, Reinforcer, Skill
from reinforce.jobs import nightly
from reinforcer.world import MONDAY, opened, practice

EVERY_DAY = Calendar("every-day", working_days=tuple(range(7)))
LIBRARY = (
    Skill("price", "Price objections"),
    Skill("pitch"),
    Refresher("prices", title="Five prices", skills={"price": 1}, minutes=4),
    Refresher("pitches", skills={"pitch": 1}),
)
PEOPLE = tuple(Learner(key, calendar="every-day") for key in ("ann", "bo"))
DAY = timedelta(days=1)
NIGHT = MONDAY.replace(hour=1)


def settle(reinforcer: Reinforcer) -> None:
    """Two people who have practised one skill each, on Monday; they are due some days later."""
    reinforcer.define(EVERY_DAY, *LIBRARY, *PEOPLE)
    reinforcer.record_many([practice(id="1"), practice("bo", "pitch", id="2")], at=MONDAY)


def night(url: str, days: int, **options: object) -> None:
    """The nightly run of so many days after that Monday."""
    (summary,) = nightly(
        url,
        as_of=MONDAY.date() + days * DAY,
        at=NIGHT + days * DAY,
        xapi=XAPI,
        **options,  # type: ignore[arg-type]
    )
    assert summary.error is None


def test_a_night_tells_what_was_forgotten_and_given(database_url: str) -> None:
    """Nothing while it is remembered; then the drop before the refresher that answers it; the same night no more."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        night(database_url, 1)
        assert names(reinforcer) == ["practised", "practised"]
        for _ in range(2):
            night(database_url, 6)
            assert said(reinforcer)[2:] == [
                ("retention-dropped", "2026-03-08"),
                ("retention-dropped", "2026-03-08"),
                ("refresher-assigned", "2026-03-08"),
                ("refresher-assigned", "2026-03-08"),
            ]
        dropped, given = heard(reinforcer)[2].data, heard(reinforcer)[4].data
        (assignment,) = reinforcer.assignments("ann")

    assert extension(dropped, "context", "desired-retention") == 0.9
    assert 0.5 < extension(dropped, "result", "retrievability") < 0.9
    assert given["object"]["definition"]["name"] == {"en": "Five prices"}
    assert extension(given, "context", "reason") == assignment.reason
    assert given["context"]["contextActivities"]["other"][0]["definition"]["name"] == {"en": "Price objections"}


def test_a_memory_that_has_dropped_is_told_once(database_url: str) -> None:
    """Later nights say nothing more of it, however many were skipped; practised and forgotten again, it is told."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        for days in (6, 7, 20):
            night(database_url, days)
        assert names(reinforcer).count("retention-dropped") == 2

        reinforcer.record(practice(id="3", rating=1, days=20.4), at=MONDAY + 20.4 * DAY)
        night(database_url, 40)
        assert names(reinforcer).count("retention-dropped") == 3


def test_an_assignment_that_ends_is_told(database_url: str) -> None:
    """Done by practice of its refresher, marked as done, or expired: each once, in one registration."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        night(database_url, 6)
        then = MONDAY + 6 * DAY
        reinforcer.record(practice(id="3", days=6, refresher="prices"), at=then)
        reinforcer.record(practice(id="3", days=6, refresher="prices"), at=then)
        assert names(reinforcer)[6:] == ["practised", "refresher-done"]

        night(database_url, 13)
        assert names(reinforcer)[8:] == ["refresher-expired", *names(reinforcer)[9:]]
        expired = heard(reinforcer)[8].data
        given = [one.data for one in heard(reinforcer) if one.data["verb"]["id"].endswith("was-assigned")]
        assert expired["context"]["registration"] in {one["context"]["registration"] for one in given}
        assert expired["object"]["id"].endswith("refreshers/pitches")

        (late,) = reinforcer.assignments("bo")
        for hours in (1, 2):
            reinforcer.complete(late.id, at=then + 8 * DAY + hours * timedelta(hours=1))
        assert names(reinforcer).count("refresher-done") == 2
        assert said(reinforcer)[-1] == ("refresher-done", "2026-03-16")


def test_practice_of_many_closes_what_each_was_given(database_url: str) -> None:
    """A batch tells of the assignments of everyone in it, and of no others."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        night(database_url, 6)
        then = MONDAY + 6 * DAY
        batch = [
            practice(id="3", days=6, refresher="prices"),
            practice("bo", "pitch", id="4", days=6, refresher="pitches"),
            practice("bo", "pitch", id="5", days=6, refresher="prices"),
        ]
        reinforcer.record_many(batch, at=then)

        assert names(reinforcer)[6:] == [*["practised"] * 3, *["refresher-done"] * 2]


def test_nights_say_the_same_however_they_are_cut(tmp_path: Path) -> None:
    """One shard or many: the same statements."""
    said_by = []
    for name, size in (("whole", 2000), ("cut", 1)):
        url = f"sqlite:///{tmp_path}/{name}.db"
        with opened(url, xapi=XAPI) as reinforcer:
            settle(reinforcer)
            night(url, 6, shard_size=size)
            said_by.append(sorted(bodies(reinforcer)))

    assert said_by[0] == said_by[1]


def test_a_night_that_fails_says_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a shard writes and what it tells are one transaction; tried again, it tells all."""
    with opened(database_url, xapi=XAPI) as reinforcer:
        settle(reinforcer)
        with monkeypatch.context() as patched:
            patched.setattr("reinforce.jobs.shard.keep_counts", _broken)
            (summary,) = nightly(database_url, as_of=date(2026, 3, 8), at=NIGHT + 6 * DAY, xapi=XAPI)
        assert "broken" in (summary.error or "")
        assert names(reinforcer) == ["practised", "practised"]

        night(database_url, 6)
        assert names(reinforcer).count("refresher-assigned") == 2


def _broken(*_: object) -> None:
    raise RuntimeError("broken")


def test_nights_tell_nothing_unless_asked(database_url: str) -> None:
    """Without settings, a night writes plans and no statement."""
    with opened(database_url) as reinforcer:
        settle(reinforcer)
        (summary,) = nightly(database_url, as_of=date(2026, 3, 8), at=NIGHT + 6 * DAY)
        reinforcer.record(practice(id="3", days=6, refresher="prices"), at=MONDAY + 6 * DAY)

        assert summary.assignments == 2
        assert heard(reinforcer) == []
