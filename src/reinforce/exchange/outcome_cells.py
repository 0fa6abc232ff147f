"""Cells to outcomes: by a vocabulary, or in the terms of one kind of outcome."""

import math
from collections.abc import Callable, Mapping

from reinforce.errors import InvalidValue
from reinforce.model.practice import Outcome, OutcomeKind, Rating

ReadOutcome = Callable[[object, object], Outcome]
"""Makes an outcome of its cell and the cell with the highest score or level (None: there is none)."""

_PASSES = frozenset({"true", "1", "yes", "y", "pass", "passed", "correct", "success"})
_FAILS = frozenset({"false", "0", "no", "n", "fail", "failed", "incorrect", "failure"})

WORDS: Mapping[str, Outcome] = {
    "pass": Outcome.success(True),
    "fail": Outcome.success(False),
    "exposure": Outcome.exposure(),
    "again": Outcome.rated(Rating.AGAIN),
    "hard": Outcome.rated(Rating.HARD),
    "good": Outcome.rated(Rating.GOOD),
    "easy": Outcome.rated(Rating.EASY),
}
"""What a vocabulary may say in place of an outcome."""


def outcome_of_word(word: str) -> Outcome:
    """The outcome that a word of a vocabulary stands for.

    >>> outcome_of_word("fail")
    Outcome(kind=<OutcomeKind.SUCCESS: 'success'>, value=0.0, of=None)

    Raises:
        InvalidValue: there is no such word.
    """
    outcome = WORDS.get(word.lower())
    if outcome is None:
        raise InvalidValue(f"there is no outcome {word!r}; there are {', '.join(WORDS)}")
    return outcome


def outcome_reader(kind: OutcomeKind | None, vocabulary: Mapping[str, Outcome], highest: float | None) -> ReadOutcome:
    """What makes an outcome of a cell; it raises InvalidValue.

    Args:
        kind: the terms of what the vocabulary does not hold; None: it must hold everything.
        vocabulary: outcomes by the cell's text, compared exactly.
        highest: the highest level of a rubric, or of raw scores; a cell of its own goes before it.
    """
    known: dict[tuple[str, str | None], Outcome] = {}

    def read(cell: object, top: object) -> Outcome:
        if isinstance(cell, str) and (top is None or isinstance(top, str)):
            outcome = known.get((cell, top))
            if outcome is None:
                outcome = _read(cell, top, kind, vocabulary, highest)
                if len(known) < _MOST_KNOWN:
                    known[cell, top] = outcome
            return outcome
        return _read(cell, top, kind, vocabulary, highest)

    return read


_MOST_KNOWN = 4096


def _read(
    cell: object, top: object, kind: OutcomeKind | None, vocabulary: Mapping[str, Outcome], highest: float | None
) -> Outcome:
    text = cell.strip() if isinstance(cell, str) else str(cell).lower() if isinstance(cell, bool) else str(cell)
    if text in vocabulary:
        return vocabulary[text]
    if kind is None:
        raise InvalidValue(f"{cell!r} is no outcome that is known here: {', '.join(vocabulary)}")
    if kind is OutcomeKind.EXPOSURE:
        return Outcome.exposure()
    if kind is OutcomeKind.SUCCESS:
        return Outcome.success(_is_pass(text))
    if kind is OutcomeKind.RATING and text.upper() in Rating.__members__:
        return Outcome.rated(Rating[text.upper()])
    limit = highest if top is None or top == "" else _number(top, "highest score or level")
    return _of_number(kind, _number(cell, f"{kind} outcome"), limit)


def _is_pass(text: str) -> bool:
    word = text.lower()
    if word not in _PASSES and word not in _FAILS:
        raise InvalidValue(f"{text!r} is neither passed nor failed: use true or false, or a vocabulary in outcomes")
    return word in _PASSES


def _number(cell: object, what: str) -> float:
    try:
        if isinstance(cell, str) and "_" not in cell:
            cell = float(cell)
    except ValueError:
        pass
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not math.isfinite(cell):
        raise InvalidValue(f"{cell!r} is no number, so no {what}; decimals are written with a point")
    return cell


def _of_number(kind: OutcomeKind, value: float, highest: float | None) -> Outcome:
    if kind is OutcomeKind.SCALED:
        return Outcome.scaled(_share(value, highest))
    whole = int(value) if value == int(value) else value
    if kind is not OutcomeKind.RUBRIC:
        return Outcome(kind, float(whole))
    if highest is None:
        raise InvalidValue("a rubric's level needs the highest level: set highest, or highest_column")
    if highest != int(highest):
        raise InvalidValue(f"a rubric's highest level must be a whole number, not {highest!r}")
    return Outcome(kind, whole, int(highest))


def _share(score: float, highest: float | None) -> float:
    if highest is None:
        if not -1 <= score <= 1:
            raise InvalidValue(f"{score!r} is no scaled score from -1 to 1; for raw scores set highest, their maximum")
        return score
    if highest <= 0:
        raise InvalidValue(f"the highest score must be above 0, not {highest!r}")
    if not -highest <= score <= highest:
        raise InvalidValue(f"a score of {score!r} lies outside of the highest, {highest!r}")
    return score / highest
