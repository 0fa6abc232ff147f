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
        gained_calibrated: by how much they did so under the calibration, learned anew on top of either; None: there is
            none in force.
        noise_calibrated: the standard error of that.
    """

    weights: tuple[float, ...]
    reviews: int
    log_loss: float
    log_loss_in_force: float
    held_out: int
    gained: float
    noise: float
    gained_calibrated: float | None = None
    noise_calibrated: float | None = None

    @property
    def is_better(self) -> bool:
        """Whether they are worth adopting, see `is_worth_adopting`."""
        return is_worth_adopting((self.gained, self.noise), (self.gained_calibrated, self.noise_calibrated))


def is_worth_adopting(alone: tuple[float, float | None], calibrated: tuple[float | None, float | None]) -> bool:
    """Whether weights predicted held-out later reviews better, beyond doubt.

    By FSRS alone they must gain more than twice the noise, and where a calibration is in force, under it more than the
    noise: it mends much of what the weights mend.

    Args:
        alone: what was gained by FSRS alone, and the noise of that; None: it cannot be told.
        calibrated: the same under the calibration; nothing gained (None): there is none in force.
    """
    (gained, noise), (gained_calibrated, noise_calibrated) = alone, calibrated
    if noise is None or gained <= 2.0 * noise:
        return False
    return gained_calibrated is None or (noise_calibrated is not None and gained_calibrated > noise_calibrated)


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
        gained_calibrated: the same under the calibration, learned anew on either set; None: there was none in force.
        noise_calibrated: the standard error of that; None likewise.
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
    gained_calibrated: float | None = None
    noise_calibrated: float | None = None

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
            noise=_told(fit.noise),
            gained_calibrated=fit.gained_calibrated,
            noise_calibrated=_told(fit.noise_calibrated),
        )

    @property
    def is_better(self) -> bool:
        """Whether it is worth adopting, see `is_worth_adopting`."""
        return is_worth_adopting((self.gained, self.noise), (self.gained_calibrated, self.noise_calibrated))

    @property
    def verdict(self) -> str:
        """What it is worth, in words."""
        if self.noise is None:
            return (
                f"not enough evidence: with {self.held_out:,} held-out later reviews it cannot be told whether it is "
                f"better than parameter set {self.compared_with}"
            )
        what = (
            f"on {self.held_out:,} held-out later reviews its log loss is {_gain(self.gained, self.noise)} that of "
            f"parameter set {self.compared_with}"
        )
        if self.gained_calibrated is not None:
            what += f", and under the calibration {_gain(self.gained_calibrated, self.noise_calibrated)} it"
        if self.is_better:
            return f"better: {what}"
        if self.gained > 2.0 * self.noise:
            return f"not better under the calibration by more than its noise: {what}"
        return f"not better by more than twice its noise: {what}"


def _gain(gained: float, noise: float | None) -> str:
    doubt = "" if noise is None else f" (noise {noise:.4f})"
    return f"{abs(gained):.4f}{doubt} {'below' if gained >= 0 else 'above'}"


def _told(noise: float | None) -> float | None:
    return None if noise is None or noise == float("inf") else noise


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
