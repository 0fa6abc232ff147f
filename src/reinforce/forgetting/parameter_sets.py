"""The parameter sets of a tenant: where each came from, what it is worth, and when it was in force."""

from collections.abc import Sequence
from datetime import date, datetime

from attrs import frozen

from reinforce.forgetting.parameters import Forgetting


@frozen
class Fit:
    """Fitted weights and what they are worth.

    Attributes:
        weights: FSRS-6's 21, within its bounds.
        reviews: how many scored reviews they were fitted on.
        log_loss: their mean log loss on these, each counting once.
        log_loss_in_force: the same of the weights in force.
        held_out: how many of the last reviews were held out to judge by.
        gained: by how much the weights fitted without these predicted them better than the weights in force, in
            mean log loss.
        noise: the standard error of that.
        is_better: whether they gained more than their noise, so that they are worth adopting.
    """

    weights: tuple[float, ...]
    reviews: int
    log_loss: float
    log_loss_in_force: float
    held_out: int
    gained: float
    noise: float

    @property
    def is_better(self) -> bool:
        return self.gained > 2.0 * self.noise


@frozen
class FitRecord:
    """A fit of weights to a tenant's log, and how it did beside the weights that were in force.

    Attributes:
        compared_with: id of the parameter set that was in force.
        fitted_at: when.
        fitted_by: who; None: not told.
        since: the calendar day of the first review that it saw.
        until: that of the last.
        reviews: how many scored reviews it was fitted on.
        log_loss: the mean over these.
        log_loss_in_force: the same of the set in force.
        held_out: how many of the last reviews were held out to judge by.
        gained: by how much weights fitted without them predicted them better than the set in force, in mean log loss.
        noise: the standard error of that; None: it cannot be told from so few.
    """

    compared_with: int
    fitted_at: datetime
    fitted_by: str | None
    since: date
    until: date
    reviews: int
    log_loss: float
    log_loss_in_force: float
    held_out: int
    gained: float
    noise: float | None

    @classmethod
    def of(
        cls, fit: Fit, *, compared_with: int, fitted_at: datetime, fitted_by: str | None, since: date, until: date
    ) -> "FitRecord":
        """The record of a fit."""
        return cls(
            compared_with=compared_with,
            fitted_at=fitted_at,
            fitted_by=fitted_by,
            since=since,
            until=until,
            reviews=fit.reviews,
            log_loss=fit.log_loss,
            log_loss_in_force=fit.log_loss_in_force,
            held_out=fit.held_out,
            gained=fit.gained,
            noise=fit.noise if fit.noise < float("inf") else None,
        )

    @property
    def is_better(self) -> bool:
        """Whether it gained more than twice the noise, so that it is worth adopting."""
        return self.noise is not None and self.gained > 2.0 * self.noise

    @property
    def verdict(self) -> str:
        """What it is worth, in words."""
        if self.noise is None:
            return (
                f"not enough evidence: with {self.held_out:,} held-out later reviews it cannot be told whether it is "
                f"better than parameter set {self.compared_with}"
            )
        direction = "lower" if self.gained >= 0 else "higher"
        what = (
            f"on {self.held_out:,} held-out later reviews its log loss is {abs(self.gained):.4f} {direction} than that "
            f"of parameter set {self.compared_with}, noise {self.noise:.4f}"
        )
        return f"better: {what}" if self.is_better else f"not better by more than twice its noise: {what}"


@frozen
class Adoption:
    """One time that a tenant's parameters were changed.

    Attributes:
        parameter_set: id of what was adopted.
        replaced: id of what was in force before.
        at: when.
        by: who; None: not told.
        is_roll_back: whether it took back an adoption.
    """

    parameter_set: int
    replaced: int
    at: datetime
    by: str | None = None
    is_roll_back: bool = False


@frozen
class KnownParameters:
    """A parameter set that a tenant has or had, with all that is known of it.

    Attributes:
        id: its number.
        algorithm: such as FSRS-6.
        forgetting: the parameters and caps.
        created_at: when it was stored.
        is_present: whether memories are made with it.
        fit: the last fit that gave it; None: it was given by hand.
        adoptions: when it was adopted, oldest first.
    """

    id: int
    algorithm: str
    forgetting: Forgetting
    created_at: datetime
    is_present: bool
    fit: FitRecord | None = None
    adoptions: tuple[Adoption, ...] = ()


def before_present(adoptions: Sequence[Adoption]) -> int | None:
    """Which set a roll back goes to: the one before the last adoption that was not itself rolled back.

    Args:
        adoptions: of a tenant, oldest first.

    Returns:
        Its id; None: nothing was adopted, or all of it was rolled back.
    """
    in_force: list[int] = []
    for one in adoptions:
        if not in_force:
            in_force.append(one.replaced)
        if one.is_roll_back and len(in_force) > 1:
            in_force.pop()
        elif not one.is_roll_back:
            in_force.append(one.parameter_set)
    return in_force[-2] if len(in_force) > 1 else None
