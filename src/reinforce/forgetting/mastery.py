"""When a skill counts as mastered: here and nowhere else."""

from reinforce.forgetting.parameters import Forgetting
from reinforce.forgetting.single import lasting_days


def is_mastered(forgetting: Forgetting, stability: float, desired_retention: float, days: int) -> bool:
    """Whether a memory, left alone, keeps its desired retention for so many days.

    It is the unfuzzed and uncapped interval of FSRS that is compared: with a desired retention of 0.9 it is the
    stability itself. A lapse, a higher aim or other parameters end it; nothing that is merely late does.

    Args:
        forgetting: gives the curve.
        stability: in days.
        desired_retention: of the skill.
        days: that are asked for.
    """
    return lasting_days(forgetting, stability, desired_retention) >= days
