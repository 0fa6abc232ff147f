"""Finding the lowest point of a smooth function within a box."""

from collections.abc import Callable

import numpy as np

from reinforce.forgetting.curve import Floats

Function = Callable[[Floats], tuple[float, Floats]]
MEMORY = 10
ENOUGH_DESCENT = 1e-4


def lowest(
    function: Function, start: Floats, low: Floats, high: Floats, *, steps: int = 100, tolerance: float = 1e-6
) -> Floats:
    """The lowest point that projected L-BFGS finds from a start.

    Nocedal and Wright, "Numerical Optimization", algorithm 7.4, with each step put back into the box and coordinates
    held where they lie at their bound and the slope points outward.

    Args:
        function: its value and slope at a point.
        start: within the box.
        low: lower bounds.
        high: upper bounds.
        steps: the most that are made.
        tolerance: it ends when three steps in a row gain less than this share of the value.
    """
    point = np.clip(start, low, high)
    value, slope = function(point)
    moves: list[tuple[Floats, Floats]] = []
    small = 0
    for _ in range(steps):
        free = ~(((point <= low) & (slope > 0)) | ((point >= high) & (slope < 0)))
        direction = -_inverse_hessian_times(np.where(free, slope, 0.0), moves) * free
        if direction @ slope >= 0:
            moves, direction = [], -slope * free
        found = _search(function, point, value, slope, direction, low, high, first=not moves)
        if found is None:
            if not moves:
                break
            moves = []
            continue
        new_point, new_value, new_slope = found
        move, turn = new_point - point, new_slope - slope
        if move @ turn > 1e-10 * (turn @ turn):
            moves = [*moves[-MEMORY + 1 :], (move, turn)]
        gained, point, value, slope = value - new_value, new_point, new_value, new_slope
        small = small + 1 if gained < tolerance * abs(value) else 0
        if small == 3:
            break
    return point


def _inverse_hessian_times(slope: Floats, moves: list[tuple[Floats, Floats]]) -> Floats:
    """The two loops of L-BFGS."""
    result = slope.copy()
    shares = []
    for move, turn in reversed(moves):
        share = (move @ result) / (move @ turn)
        result -= share * turn
        shares.append(share)
    if moves:
        move, turn = moves[-1]
        result *= (move @ turn) / (turn @ turn)
    for (move, turn), share in zip(moves, reversed(shares), strict=True):
        result += move * (share - (turn @ result) / (move @ turn))
    return result


def _search(
    function: Function,
    point: Floats,
    value: float,
    slope: Floats,
    direction: Floats,
    low: Floats,
    high: Floats,
    *,
    first: bool,
) -> tuple[Floats, float, Floats] | None:
    """The first point along a direction, halving the step, that goes down enough; None if there is none."""
    length = float(np.sqrt(direction @ direction))
    step = min(1.0, 0.5 / length) if first and length else 1.0
    for _ in range(25):
        new_point = np.clip(point + step * direction, low, high)
        new_value, new_slope = function(new_point)
        if np.isfinite(new_value) and new_value <= value + ENOUGH_DESCENT * float(slope @ (new_point - point)):
            return new_point, new_value, new_slope
        step *= 0.5
    return None
