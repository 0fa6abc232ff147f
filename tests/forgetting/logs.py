"""Logs for the tests of prediction: the real one, and worlds of which the truth is known."""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np

from reinforce.forgetting.practice_log import Log

JOSH = Path(__file__).parents[1] / "data" / "anki_josh.csv"
JOSH_DAY_BEGINS_AT = 10 * 3600
"""He practised between 15:00 and 06:00 UTC; this is the middle of his night."""


def josh(limit: int | None = None) -> Log:
    """The real log of one person's flashcards."""
    with JOSH.open(newline="") as file:
        rows = list(csv.DictReader(file))[:limit]
    seconds = np.array([datetime.fromisoformat(row["review_time"]).timestamp() for row in rows])
    _, card = np.unique([row["card_id"] for row in rows], return_inverse=True)
    order = np.argsort(seconds, kind="stable")
    return Log.of(
        np.zeros(len(rows)),
        card[order],
        ((seconds - JOSH_DAY_BEGINS_AT) // 86400)[order],
        np.array([int(row["review_rating"]) for row in rows])[order],
        seconds=seconds[order],
    )


def class_of(learners: int = 40, skills: int = 12, days: int = 30, seed: int = 0, spread: float = 1.2) -> Log:
    """People of different ability and skills of different difficulty: what FSRS alone cannot know."""
    random = np.random.Generator(np.random.PCG64(seed))
    rows = learners * days * 4
    learner, skill = random.integers(learners, size=rows), random.integers(skills, size=rows)
    logit = random.normal(0, spread, learners)[learner] + random.normal(0, spread, skills)[skill]
    passed = random.random(rows) < 1 / (1 + np.exp(-logit))
    return Log.of(learner, skill, np.sort(random.integers(20000, 20000 + days, rows)), np.where(passed, 3, 1))
