"""Cells become outcomes, in the source's own terms."""

import inspect

import pytest

from reinforce.errors import InvalidValue
from reinforce.exchange.outcome_cells import WORDS, outcome_of_word, outcome_reader
from reinforce.model.practice import Outcome, OutcomeKind


@pytest.mark.parametrize(
    ("kind", "cell", "highest", "outcome"),
    [
        (OutcomeKind.SUCCESS, "TRUE", None, Outcome.success(True)),
        (OutcomeKind.SUCCESS, " failed ", None, Outcome.success(False)),
        (OutcomeKind.SUCCESS, False, None, Outcome.success(False)),
        (OutcomeKind.SUCCESS, 1, None, Outcome.success(True)),
        (OutcomeKind.SCALED, "0.85", None, Outcome.scaled(0.85)),
        (OutcomeKind.SCALED, "17", 20.0, Outcome.scaled(0.85)),
        (OutcomeKind.SCALED, -10, 20.0, Outcome.scaled(-0.5)),
        (OutcomeKind.RUBRIC, "3", 4.0, Outcome.rubric(3, of=4)),
        (OutcomeKind.GRADE, "5", None, Outcome.grade(5)),
        (OutcomeKind.GRADE, 4.0, None, Outcome.grade(4)),
        (OutcomeKind.RATING, "2", None, Outcome.rated(2)),
        (OutcomeKind.RATING, "Easy", None, Outcome.rated(4)),
        (OutcomeKind.EXPOSURE, "whatever", None, Outcome.exposure()),
    ],
)
def test_kinds(kind: OutcomeKind, cell: object, highest: float | None, outcome: Outcome) -> None:
    """Each kind of outcome is read in its own terms."""
    assert outcome_reader(kind, {}, highest)(cell, None) == outcome


@pytest.mark.parametrize(
    ("kind", "cell", "highest", "said"),
    [
        (OutcomeKind.SUCCESS, "perhaps", None, "neither passed nor failed"),
        (OutcomeKind.SUCCESS, 2, None, "neither passed nor failed"),
        (OutcomeKind.SCALED, "85", None, "no scaled score from -1 to 1; for raw scores set highest"),
        (OutcomeKind.SCALED, "nan", None, "'?nan'? is no number"),
        (OutcomeKind.SCALED, "1e999", None, "is no number"),
        (OutcomeKind.SCALED, "0,85", None, "decimals are written with a point"),
        (OutcomeKind.SCALED, "1_0", 20.0, "is no number"),
        (OutcomeKind.SCALED, "21", 20.0, "outside of the highest, 20.0"),
        (OutcomeKind.SCALED, "21", 0.0, "the highest score must be above 0"),
        (OutcomeKind.SCALED, True, None, "True is no number"),
        (OutcomeKind.RUBRIC, "5", 4.0, "from 0 to its highest level"),
        (OutcomeKind.RUBRIC, "2.5", 4.0, "whole number"),
        (OutcomeKind.RUBRIC, "2", 4.5, "highest level must be a whole number"),
        (OutcomeKind.RUBRIC, "2", None, "set highest"),
        (OutcomeKind.GRADE, "6", None, "from 0 to 5"),
        (OutcomeKind.RATING, "0", None, "from 1 to 4"),
        (OutcomeKind.RATING, "", None, "is no number"),
        (None, "X", None, "'X' is no outcome that is known here: OK"),
    ],
)
def test_what_is_no_outcome(kind: OutcomeKind | None, cell: object, highest: float | None, said: str) -> None:
    """What does not fit the kind is refused with what would."""
    with pytest.raises(InvalidValue, match=said):
        outcome_reader(kind, {"OK": Outcome.success(True)}, highest)(cell, None)


def test_the_highest_of_the_row() -> None:
    """A highest score beside the score goes before the file's."""
    read = outcome_reader(OutcomeKind.SCALED, {}, 10)

    assert [read("5", "20"), read("5", None), read("5", "")] == [Outcome.scaled(score) for score in (0.25, 0.5, 0.5)]


def test_a_vocabulary_goes_first() -> None:
    """What the vocabulary holds has that meaning, and the rest is read by the kind."""
    read = outcome_reader(OutcomeKind.SCALED, {"absent": Outcome.exposure()}, None)

    assert [read("absent", None), read("0.5", None)] == [Outcome.exposure(), Outcome.scaled(0.5)]


def test_many_different_cells() -> None:
    """What is remembered of cells stays within bounds and changes no answer."""
    read = outcome_reader(OutcomeKind.SCALED, {}, 100_000)
    cells = (*range(10_000), 7)

    assert [read(str(n), None).value for n in cells] == [n / 100_000 for n in cells]
    assert len(inspect.getclosurevars(read).nonlocals["known"]) < 5_000


@pytest.mark.parametrize("word", WORDS)
def test_words(word: str) -> None:
    """A vocabulary may say an outcome in a word, in capitals too."""
    assert outcome_of_word(word.upper()) == WORDS[word]
