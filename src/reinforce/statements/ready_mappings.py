"""Mappings for what people have: cmi5, H5P and SCORM-like players, Moodle's logstore_xapi, Open edX.

Each takes the skills by patterns of the IRIs of activities, and avoids that one practice is told twice.
"""

from collections.abc import Mapping
from enum import StrEnum

from reinforce.model.checks import member
from reinforce.statements.mapping import Evidence, Place, StatementMapping, StatementRule

_ADL = "http://adlnet.gov/expapi/verbs/"
_INTERACTION = "http://adlnet.gov/expapi/activities/cmi.interaction"
_ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
_CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
_AROUND = (Place.OBJECT, Place.PARENT, Place.GROUPING)


class MoveOn(StrEnum):
    """What a cmi5 unit asks for before a learner may move on."""

    PASSED = "Passed"
    COMPLETED = "Completed"
    COMPLETED_AND_PASSED = "CompletedAndPassed"
    COMPLETED_OR_PASSED = "CompletedOrPassed"
    NOT_APPLICABLE = "NotApplicable"


class MoodlePer(StrEnum):
    """What of a Moodle quiz is one practice."""

    ATTEMPT = "attempt"
    QUESTION = "question"


def cmi5(
    skills: Mapping[str, str],
    *,
    move_on: MoveOn | str = MoveOn.PASSED,
    mastery_score: float | None = None,
    home_pages: tuple[str, ...] = (),
) -> StatementMapping:
    """Units of cmi5: passed and failed are recall; completed is an exposure, unless moving on asks for nothing more.

    Args:
        skills: keys of skills by patterns of the units' activity ids, or of those around them.
        move_on: the unit's `moveOn`; with Completed, having completed it counts as a success.
        mastery_score: the unit's `masteryScore`, for scores that say nothing of success.
        home_pages: the LMSs whose account names are learners' keys; empty: every one's.
    """
    done = member(MoveOn, move_on) is MoveOn.COMPLETED
    judged = (f"{_ADL}passed", f"{_ADL}failed")
    completed = StatementRule(
        "completed",
        verbs=(f"{_ADL}completed",),
        categories=(_CMI5,),
        look_at=_AROUND,
        evidence=Evidence.COMPLETION if done else Evidence.EXPOSURE,
    )
    return StatementMapping(
        "cmi5",
        rules=(
            StatementRule("judged", verbs=judged, categories=(_CMI5,), look_at=_AROUND, passing=mastery_score),
            completed,
        ),
        skills=skills,
        home_pages=home_pages,
    )


def h5p(skills: Mapping[str, str], *, home_pages: tuple[str, ...] = ()) -> StatementMapping:
    """H5P and players like it: each question that is answered; a whole set that is completed, by its score.

    Only what `skills` names counts: name either the set or its questions, by their own ids, lest a practice be told
    twice.
    """
    return StatementMapping(
        "h5p",
        rules=(
            StatementRule("answered", verbs=(f"{_ADL}answered",)),
            StatementRule(
                "scored", verbs=(f"{_ADL}scored", f"{_ADL}completed"), evidence=Evidence.SCALED, needs_score=True
            ),
        ),
        skills=skills,
        home_pages=home_pages,
    )


def scorm(skills: Mapping[str, str], *, home_pages: tuple[str, ...] = ()) -> StatementMapping:
    """SCORM courses told as xAPI: passed, failed and scored; completed without a score is an exposure."""
    return StatementMapping(
        "scorm",
        rules=(
            StatementRule("judged", verbs=(f"{_ADL}passed", f"{_ADL}failed"), look_at=_AROUND),
            StatementRule("scored", verbs=(f"{_ADL}scored",), look_at=_AROUND, evidence=Evidence.SCALED),
            StatementRule("completed", verbs=(f"{_ADL}completed",), look_at=_AROUND),
        ),
        skills=skills,
        home_pages=home_pages,
    )


def moodle(
    skills: Mapping[str, str], *, per: MoodlePer | str = MoodlePer.ATTEMPT, home_pages: tuple[str, ...] = ()
) -> StatementMapping:
    """Moodle's logstore_xapi: quizzes by the attempt's score, or question by question; never both.

    Args:
        skills: keys of skills by patterns of ids, such as `https://moodle.example/mod/quiz/view.php?id=7`.
        per: whether an attempt is one practice, or each of its questions.
        home_pages: the Moodles whose user names or ids are learners' keys; empty: every one's.
    """
    attempt = StatementRule(
        "attempt",
        verbs=(f"{_ADL}completed",),
        activity_types=(_ASSESSMENT,),
        look_at=_AROUND,
        evidence=Evidence.SCALED,
        needs_score=True,
    )
    question = StatementRule("question", verbs=(f"{_ADL}answered",), activity_types=(_INTERACTION,), look_at=_AROUND)
    by = member(MoodlePer, per)
    return StatementMapping(
        "moodle",
        rules=(attempt if by is MoodlePer.ATTEMPT else question,),
        skills=skills,
        home_pages=home_pages,
    )


def open_edx(skills: Mapping[str, str], *, home_pages: tuple[str, ...] = ()) -> StatementMapping:
    """Open edX's event-routing-backends: problems as the server judged them.

    The grade that follows is the same submission once more, under the verb `attempted`, and is left out.

    Args:
        skills: keys of skills by patterns of ids, such as `*+type@problem+block@3fc5461f*` or, by the course around
            it, `https://lms.example/course/course-v1:Acme+Sales+2026`.
        home_pages: the Open edX sites whose anonymous user ids are learners' keys; empty: every one's.
    """
    return StatementMapping(
        "open-edx",
        rules=(
            StatementRule(
                "problem",
                verbs=("https://w3id.org/xapi/acrossx/verbs/evaluated",),
                activity_types=(_INTERACTION,),
                look_at=_AROUND,
            ),
        ),
        skills=skills,
        home_pages=home_pages,
    )
