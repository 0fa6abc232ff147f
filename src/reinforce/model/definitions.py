"""What a tenant defines: people, skills and the library, and how these refer to one another."""

from typing import Any

from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner, Team
from reinforce.model.skills import RoleProfile, Skill, SkillModel

Thing = Calendar | Team | Skill | RoleProfile | Refresher | SkillModel | Learner


def identity(thing: Thing) -> tuple[str, int]:
    """What makes a definition one of its kind: the key, and of models the version too."""
    return thing.key, thing.version if isinstance(thing, SkillModel) else 0


def references(thing: Thing) -> list[tuple[type[Any], str, str]]:
    """What a definition refers to: kind, key and the field that names it."""
    named: list[tuple[type[Any], str | None, str]] = []
    match thing:
        case Learner():
            named += [(Team, key, "teams") for key in thing.teams]
            named += [(RoleProfile, key, "roles") for key in thing.roles]
            named.append((Calendar, thing.calendar, "calendar"))
        case Team():
            named += [(Learner, key, "coaches") for key in thing.coaches]
            named += [(Learner, thing.manager, "manager"), (Team, thing.parent, "parent")]
        case Skill():
            named += [(Skill, key, "prerequisites") for key in thing.prerequisites]
            named += [(Skill, key, "encompasses") for key in thing.encompasses]
            named.append((Skill, thing.parent, "parent"))
        case SkillModel():
            named += [(Skill, key, "skills") for key in thing.skills]
            named += [(Skill, key, "stages") for stage in thing.stages for key in stage.skills]
            named += [(Skill, criterion.skill, "criteria") for criterion in thing.criteria]
        case RoleProfile():
            named += [(Skill, key, "skills") for key in thing.skills]
        case Refresher():
            named += [(Skill, key, "skills") for key in thing.skills]
            named += [(RoleProfile, key, "roles") for key in thing.roles]
        case Calendar():
            pass
    return [(kind, key, field) for kind, key, field in named if key is not None]
