"""Reading the whole log, however the practice lies in it."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reinforce import Reinforcer
from reinforce.store.log_columns import tenant_log
from reinforcer.world import MONDAY, engine_of, practice, settle


def exported(reinforcer: Reinforcer) -> None:
    """Read the log as an export does."""
    reinforcer.export(io.StringIO())


def evaluated(reinforcer: Reinforcer) -> None:
    """Read the log as an evaluation does."""
    with reinforcer._store.read() as session:
        tenant_log(session.driver, session.tenant_id)


def steps(file: Path, events: int, read: Callable[[Reinforcer], None]) -> int:
    """How many thousands of instructions SQLite runs for reading the log of one person with so many events."""
    counted = [0]

    def step() -> int:
        counted[0] += 1
        return 0

    with engine_of(f"sqlite:///{file}") as engine:
        Reinforcer(engine).upgrade()
        with engine.connect() as connection:
            reinforcer = Reinforcer(connection)
            settle(reinforcer)
            log = [practice("ann", "price", 1 if n % 5 == 0 else 3, days=n, id=str(n)) for n in range(events)]
            reinforcer.record_many(log, at=MONDAY + timedelta(days=events))
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(step, 1000)
            read(reinforcer)
            driver.set_progress_handler(None, 0)
    return counted[0]


@pytest.mark.parametrize("read", [exported, evaluated])
def test_one_person_may_practise_very_often(tmp_path: Path, read: Callable[[Reinforcer], None]) -> None:
    """Four times the practice of one person takes about four times the work to read, not sixteen times."""
    few, many = (steps(tmp_path / f"{events}.db", events, read) for events in (500, 2000))

    assert few > 0
    assert many < 6 * few
