"""A tenant to plan for, the same every time it is built."""

import random
from datetime import UTC, date, datetime
from typing import Any

from attrs import frozen
from sqlalchemy import insert, select

from reinforce.model.days import day_number
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner
from reinforce.model.skills import RoleProfile, RoleSkill, Skill
from reinforce.store.catalogue import Catalogue
from reinforce.store.database import Database, Target
from reinforce.store.tenants import ensure_tenant
from reinforce.store.upgrade import upgrade

MONDAY = date(2026, 3, 2)
AT_NIGHT = datetime(2026, 3, 2, 1, tzinfo=UTC)


@frozen
class Crowd:
    """How many of everything a tenant has."""

    tenant: str = "acme"
    learners: int = 40
    skills: int = 8
    refreshers: int = 12
    seed: int = 7


def build(url: Target, *crowds: Crowd, schema: str | None = None) -> None:
    """Make the tables and fill them, memory included."""
    database = Database(url, schema)
    upgrade(database)
    for crowd in crowds or (Crowd(),):
        _fill(database, crowd)
    database.close()


def _fill(database: Database, crowd: Crowd) -> None:
    rng = random.Random(crowd.seed)
    tables = database.tables
    with database.write() as connection:
        tenant_id = ensure_tenant(connection, tables, crowd.tenant, 0)
        Catalogue(connection, tables, tenant_id).define([*_library(crowd, rng), *_people(crowd, rng)])
        numbers = {
            table: connection.scalars(
                select(table.c.id).where(table.c.tenant_id == tenant_id).order_by(table.c.key)
            ).all()
            for table in (tables.learner, tables.skill)
        }
        rows = [
            _memory(rng, learner, skill)
            for learner in numbers[tables.learner]
            for skill in numbers[tables.skill]
            if rng.random() < 0.9
        ]
        if rows:
            connection.execute(insert(tables.memory), rows)


def _library(crowd: Crowd, rng: random.Random) -> list[Any]:
    skills = [Skill(f"skill-{n:03}", importance=1 + n % 3) for n in range(crowd.skills)]
    keys = [skill.key for skill in skills]
    roles = [RoleProfile("seller", skills={key: RoleSkill(weight=1.5) for key in keys[::2]})] if keys else []
    refreshers = [
        Refresher(
            f"refresher-{n:03}",
            title=f"Übung {n}",
            skills={key: round(rng.uniform(0.3, 1.0), 2) for key in rng.sample(keys, min(len(keys), 1 + n % 2))},
            minutes=rng.choice([3, 5, 8]),
            cool_down_days=rng.choice([None, 0, 5]),
        )
        for n in range(crowd.refreshers)
    ]
    return [Calendar("every-day", working_days=tuple(range(7))), *skills, *roles, *refreshers]


def _people(crowd: Crowd, rng: random.Random) -> list[Learner]:
    return [
        Learner(
            f"learner-{n:05}",
            time_zone=rng.choice(["Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles"]),
            roles=("seller",) if n % 2 and crowd.skills else (),
            calendar="every-day",
            is_active=n % 10 != 9,
        )
        for n in range(crowd.learners)
    ]


def _memory(rng: random.Random, learner: int, skill: int) -> dict[str, Any]:
    last_day = day_number(MONDAY) - rng.randrange(1, 60)
    stability = round(rng.uniform(1, 60), 6)
    return {
        "learner_id": learner,
        "skill_id": skill,
        "stability": stability,
        "difficulty": 5.0,
        "last_day": last_day,
        "due_day": last_day + max(1, round(stability)),
        "reviews": 3,
        "lapses": 0,
        "last_event": bytes(16),
        "parameter_set_id": 1,
    }


def assignment_rows(url: Target, schema: str | None = None) -> list[tuple[Any, ...]]:
    """Every assignment, every column, in the order of their ids."""
    database = Database(url, schema)
    table = database.tables.assignment
    with database.read() as connection:
        rows = [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
    database.close()
    return rows


def run_rows(url: Target) -> list[tuple[Any, ...]]:
    """Tenant, day, moments and attempts of every run."""
    database = Database(url)
    table = database.tables.job_run
    with database.read() as connection:
        rows = [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
    database.close()
    return rows
