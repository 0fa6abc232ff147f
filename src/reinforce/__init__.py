"""reinforce records practice, models skills and forgetting, and works out what to refresh next.

What few programs need is imported when it is asked for, see docs/decisions/0017-start-up.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from reinforce.errors import (
    AdapterNotFound,
    CircularReference,
    DatabaseLocked,
    DatabaseReadOnly,
    DeliveryStopped,
    EventConflict,
    FutureEvent,
    ImportRejected,
    InvalidFile,
    InvalidSettings,
    InvalidStatement,
    InvalidValue,
    MissingExtra,
    NaiveDatetime,
    NotEnoughEvidence,
    NotFound,
    ReinforceError,
    RunInProgress,
    SchemaMissing,
    SchemaOutdated,
    SchemaTooNew,
    StatementConflict,
    StoreError,
    UnknownEvent,
    UnknownLearner,
    UnknownRefresher,
    UnknownSkill,
    UnknownTeam,
    UnknownTenant,
    UnknownTimeZone,
)
from reinforce.forgetting.parameters import Forgetting
from reinforce.model.calibration import CalibrationClose, CalibrationState, Corrected, Correction
from reinforce.model.conversion import structure, unstructure
from reinforce.model.library import Refresher, RefresherKind
from reinforce.model.memory import (
    DueSkill,
    Erased,
    Forecast,
    MemoryState,
    Recorded,
    RecordedMany,
    Replayed,
    WhatIf,
    Why,
)
from reinforce.model.people import Calendar, DateRange, IdentifierKind, Learner, Team, XapiIdentifier
from reinforce.model.plans import (
    Assignment,
    AssignmentStatus,
    LeftOver,
    NightlySummary,
    Plan,
    PlanningRules,
)
from reinforce.model.practice import (
    Outcome,
    OutcomeKind,
    PracticeEvent,
    PracticeKind,
    Rating,
    Review,
    SkillOutcome,
)
from reinforce.model.rating_policy import Bands, RatingPolicy
from reinforce.model.skills import Criterion, RoleProfile, RoleSkill, Skill, SkillKind, SkillModel, Stage
from reinforce.reinforcer import Reinforcer

if TYPE_CHECKING:
    from reinforce.feeds.door import FeedStatus
    from reinforce.feeds.working import FeedRun
    from reinforce.forgetting.scenarios import Absence, Launch, Scenario, Variation
    from reinforce.forgetting.simulation import SimulationResult
    from reinforce.statements.feed import FeedActors, FeedFilter
    from reinforce.statements.settings import XapiSettings
    from reinforce.store.catalogue import Defined

__all__ = [
    "Absence",
    "AdapterNotFound",
    "Assignment",
    "AssignmentStatus",
    "Bands",
    "Calendar",
    "CalibrationClose",
    "CalibrationState",
    "CircularReference",
    "Corrected",
    "Correction",
    "Criterion",
    "DatabaseLocked",
    "DatabaseReadOnly",
    "DateRange",
    "Defined",
    "DeliveryStopped",
    "DueSkill",
    "Erased",
    "EventConflict",
    "FeedActors",
    "FeedFilter",
    "FeedRun",
    "FeedStatus",
    "Forecast",
    "Forgetting",
    "FutureEvent",
    "IdentifierKind",
    "ImportRejected",
    "InvalidFile",
    "InvalidSettings",
    "InvalidStatement",
    "InvalidValue",
    "Launch",
    "Learner",
    "LeftOver",
    "MemoryState",
    "MissingExtra",
    "NaiveDatetime",
    "NightlySummary",
    "NotEnoughEvidence",
    "NotFound",
    "Outcome",
    "OutcomeKind",
    "Plan",
    "PlanningRules",
    "PracticeEvent",
    "PracticeKind",
    "Rating",
    "RatingPolicy",
    "Recorded",
    "RecordedMany",
    "Refresher",
    "RefresherKind",
    "ReinforceError",
    "Reinforcer",
    "Replayed",
    "Review",
    "RoleProfile",
    "RoleSkill",
    "RunInProgress",
    "Scenario",
    "SchemaMissing",
    "SchemaOutdated",
    "SchemaTooNew",
    "SimulationResult",
    "Skill",
    "SkillKind",
    "SkillModel",
    "SkillOutcome",
    "Stage",
    "StatementConflict",
    "StoreError",
    "Team",
    "UnknownEvent",
    "UnknownLearner",
    "UnknownRefresher",
    "UnknownSkill",
    "UnknownTeam",
    "UnknownTenant",
    "UnknownTimeZone",
    "Variation",
    "WhatIf",
    "Why",
    "XapiIdentifier",
    "XapiSettings",
    "structure",
    "unstructure",
]

_LATER = {
    "FeedStatus": "reinforce.feeds.door",
    "FeedRun": "reinforce.feeds.working",
    "Absence": "reinforce.forgetting.scenarios",
    "Launch": "reinforce.forgetting.scenarios",
    "Scenario": "reinforce.forgetting.scenarios",
    "Variation": "reinforce.forgetting.scenarios",
    "SimulationResult": "reinforce.forgetting.simulation",
    "FeedActors": "reinforce.statements.feed",
    "FeedFilter": "reinforce.statements.feed",
    "XapiSettings": "reinforce.statements.settings",
    "Defined": "reinforce.store.catalogue",
}
"""Where the names are that are imported when they are asked for."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a name of `_LATER`."""
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_LATER[name]), name)
        return found
