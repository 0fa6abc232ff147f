"""Everything that reinforce raises.

Each error is also the built-in that it resembles, and each message says what was wrong, where, and
what would be right::

    ReinforceError
    ├── InvalidValue (ValueError)          a value that breaks a rule of its type
    │   ├── NaiveDatetime                  a moment without its time zone
    │   ├── UnknownTimeZone                a name that the IANA database does not hold
    │   ├── FutureEvent                    practice that has not happened yet
    │   ├── InvalidStatement               a statement that breaks a rule of the xAPI specification
    │   └── CircularReference              skills or teams that contain or require themselves
    ├── NotFound (LookupError)             a key that the tenant does not have
    │   ├── UnknownLearner
    │   ├── UnknownSkill
    │   ├── UnknownTeam
    │   ├── UnknownTenant
    │   ├── UnknownRefresher
    │   └── UnknownEvent
    ├── EventConflict (ValueError)         an external id that already stands for something else
    ├── StatementConflict (ValueError)     a statement's id that already stands for another statement
    ├── InvalidFile (ValueError)           a file that cannot be read as what it claims to be
    ├── ImportRejected (ValueError)        a file with bad rows, of which nothing was taken
    ├── InvalidSettings (ValueError)       a reinforce.toml, variable or flag that makes no sense
    ├── NotEnoughEvidence (ValueError)     too few reviews to say anything
    ├── AdapterNotFound (LookupError)      an adapter that is not installed, or does not load
    ├── DeliveryStopped (RuntimeError)     a destination that takes nothing at present
    ├── MissingExtra (ImportError)         an optional package that is not installed
    ├── RunInProgress (RuntimeError)       another job holds the tenant's lock
    └── StoreError (RuntimeError)          the database
        ├── SchemaMissing                  it has none of our tables
        ├── SchemaOutdated                 it needs an upgrade
        ├── SchemaTooNew                   it was upgraded by a newer reinforce
        ├── DatabaseLocked                 somebody else writes for too long
        └── DatabaseReadOnly               it may be read but not written
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple


class ReinforceError(Exception):
    """Something that reinforce could not do; the base of all its errors."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or type(self).__name__).splitlines()[0])


class InvalidValue(ReinforceError, ValueError):
    """A value breaks a rule of its type."""


class NaiveDatetime(InvalidValue):
    """A moment was given without its time zone."""


class UnknownTimeZone(InvalidValue):
    """A time zone was named that the IANA database does not hold."""


class FutureEvent(InvalidValue):
    """Practice was recorded that has not happened yet."""


class StatementFault(NamedTuple):
    """One rule of the xAPI specification that a statement breaks.

    Attributes:
        path: where, as a JSON path such as `$.object.definition.interactionType`.
        rule: what would be right, and what was given.
        section: where the specification says so.
    """

    path: str
    rule: str
    section: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule} ({self.section})"


class InvalidStatement(InvalidValue):
    """A statement breaks a rule of the xAPI specification.

    Attributes:
        faults: every rule that it breaks, each with its place, in the order of the statement.
    """

    def __init__(self, message: str | None = None, faults: Sequence[StatementFault] = ()) -> None:
        super().__init__(message or "; ".join(map(str, faults)) or None)
        self.faults = tuple(faults)


class CircularReference(InvalidValue):
    """Skills or teams contain or require themselves."""


class NotFound(ReinforceError, LookupError):
    """A key was used that the tenant does not have."""


class UnknownLearner(NotFound):
    """The tenant has no such learner."""


class UnknownSkill(NotFound):
    """The tenant has no such skill."""


class UnknownTeam(NotFound):
    """The tenant has no such team."""


class UnknownTenant(NotFound):
    """Nothing was ever kept for this tenant."""


class UnknownRefresher(NotFound):
    """The tenant has no such refresher."""


class UnknownEvent(NotFound):
    """The tenant has no such practice event."""


class EventConflict(ReinforceError, ValueError):
    """An external id was recorded again with different content."""


class StatementConflict(ReinforceError, ValueError):
    """A statement was sent again with different content under the same id."""


class InvalidFile(ReinforceError, ValueError):
    """A file cannot be read as what it claims to be."""


class ImportRejected(ReinforceError, ValueError):
    """A file holds bad rows, and nothing of it was taken.

    Attributes:
        reasons: one line for each bad row, in the order of the file.
    """

    def __init__(self, message: str | None = None, reasons: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)


class InvalidSettings(ReinforceError, ValueError):
    """The settings make no sense."""


class NotEnoughEvidence(ReinforceError, ValueError):
    """There are too few reviews to say anything."""


class AdapterNotFound(ReinforceError, LookupError):
    """No adapter of that name is installed and can be used."""


class DeliveryStopped(ReinforceError, RuntimeError):
    """The destination takes nothing at present.

    Attributes:
        retry_after: how long it asks to be left alone; None: it does not say.
        is_permanent: whether it stays so until somebody has mended something.
    """

    def __init__(
        self, message: str | None = None, *, retry_after: timedelta | None = None, is_permanent: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.is_permanent = is_permanent


class MissingExtra(ReinforceError, ImportError):
    """An optional package is not installed."""

    @classmethod
    def named(cls, extra: str, what: str) -> "MissingExtra":
        """The error for `what`, which needs the extra `extra`, with the line that mends it."""
        return cls(f"{what} needs the extra {extra!r}: pip install 'reinforce-engine[{extra}]'")


class RunInProgress(ReinforceError, RuntimeError):
    """Another job is at work on this tenant."""


class StoreError(ReinforceError, RuntimeError):
    """The database could not do what was asked."""


class SchemaMissing(StoreError):
    """The database has none of our tables."""


class SchemaOutdated(StoreError):
    """The database's tables are of an older version."""


class SchemaTooNew(StoreError):
    """The database's tables were made by a newer version."""


class DatabaseLocked(StoreError):
    """Somebody else has been writing to the database for too long, or since a transaction began that can't see it."""


class DatabaseReadOnly(StoreError):
    """The database may be read but not written."""
