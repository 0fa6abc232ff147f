"""When to try again."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.delivery.retry import LONGEST_WAIT, RetryPolicy, retry_after
from reinforce.errors import InvalidValue

NOON = "Tue, 31 Mar 2026 12:00:00 GMT"


@given(failures=st.integers(1, 10**6), seed=st.integers(), asked=st.none() | st.timedeltas())
def test_waits_are_within_their_bounds(failures: int, seed: int, asked: timedelta | None) -> None:
    """However many failures there were, a wait is between half and all of the doubled one, and as long as asked."""
    policy = RetryPolicy(first_seconds=2, longest_seconds=600)
    full = min(2 * 2 ** min(failures - 1, 60), 600)

    wait = policy.wait(failures, random.Random(seed).random, asked)

    assert timedelta(seconds=full / 2) <= wait
    assert wait <= max(timedelta(seconds=full), min(asked or timedelta(0), LONGEST_WAIT))
    assert asked is None or wait >= min(asked, LONGEST_WAIT)


def test_waits_are_repeatable() -> None:
    """The same chance gives the same waits."""
    first, second = ([RetryPolicy().wait(n, random.Random(7).random) for n in range(1, 9)] for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("120", NOON, 120),
        (" 0 ", None, 0),
        ("Tue, 31 Mar 2026 12:02:00 GMT", NOON, 120),
        ("Tuesday, 31-Mar-26 12:02:00 GMT", NOON, 120),
        ("Tue, 31 Mar 2026 11:00:00 GMT", NOON, 0),
        ("99999999999999999999999", NOON, 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOON, 86400),
        ("Tue, 31 Mar 2026 12:02:00 GMT", None, None),
        ("Tue, 31 Mar 2026 12:02:00 GMT", "yesterday", None),
        ("soon", NOON, None),
        ("-5", NOON, None),
        ("1.5", NOON, None),
        ("²", NOON, None),
        ("", NOON, None),
        (None, NOON, None),
    ],
)
def test_retry_after_is_understood(header: str | None, date: str | None, seconds: int | None) -> None:
    """Seconds and dates by the server's own clock are honoured up to a day; what makes no sense is not there."""
    assert retry_after(header, date) == (None if seconds is None else timedelta(seconds=seconds))


@given(header=st.text(max_size=40), date=st.text(max_size=40))
def test_no_header_is_too_strange(header: str, date: str) -> None:
    """Whatever a server sends, it is a wait within a day or none."""
    found = retry_after(header, date)

    assert found is None or timedelta(0) <= found <= LONGEST_WAIT


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 1},
        {"first_seconds": 0},
        {"per_second": 0},
        {"per_second": float("nan")},
        {"patience_seconds": -1},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    """Each number of a policy has bounds, and the error names it."""
    with pytest.raises(InvalidValue, match=next(iter(wrong))):
        RetryPolicy(**wrong)  # type: ignore[arg-type]
