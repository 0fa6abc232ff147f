"""`simulate`, for teams that do not exist."""

from pathlib import Path

import pytest

from cli.conftest import AT, Run

SMALL = ("simulate", "--learners", "10", "--skills", "6", "--days", "70")


def test_more_minutes_keep_more(run: Run) -> None:
    """In a pipe the curve is a table: teaching once without a level and without minutes, then level by level."""
    table, _, said = run(*SMALL).stdout.partition("\n\n")
    names, once, *levels = (line.split("\t") for line in table.splitlines())

    assert names == ["desired_retention", "minutes", "retention", "retention_at_end", "busiest_day"]
    assert once[:2] == ["", "0"]
    assert [float(level[0]) for level in levels][:: len(levels) - 1] == [0.7, 0.97]
    assert float(levels[0][1]) < float(levels[-1][1])
    assert "minutes a week" in said


def test_json_has_everything(run: Run) -> None:
    """The document holds the scenario as it was simulated, each outcome with its weeks, and the effort."""
    wanted = ("--launch", "30:2", "--absence", "40:14", "--onboarding", "10", "--variation", "0.3", "--seed", "7")
    answer = run(*SMALL, *wanted, "--daily-minutes", "10", "--json").document

    assert set(answer) == {"scenario", "seed", "train_once", "reinforced", "efforts"}
    assert answer["scenario"]["launch"] == {"day": 30, "skills": 2}
    assert answer["scenario"]["absence"] == {"day": 40, "days": 14, "share": 1.0}
    assert answer["seed"] == 7
    assert answer["train_once"]["desired_retention"] is None
    assert len(answer["reinforced"][0]["weeks"]) == 10
    assert all(outcome["busiest_day"] <= 10 for outcome in answer["reinforced"])
    assert answer["efforts"][0]["retention"] == 0.9


@pytest.mark.parametrize(
    ("keep", "says"),
    [("0.3", "teaching once keeps"), ("0.999", "no desired retention keeps"), ("0.9", "keep this team")],
)
def test_it_says_what_it_takes(run: Run, keep: str, says: str) -> None:
    """The answer is the minutes, that none are needed, or that no minutes are enough."""
    assert says in run(*SMALL, "--keep", keep).stdout


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--launch", "soon"), "--launch must be two whole numbers such as 90:8, not 'soon'"),
        (("--absence", "5"), "--absence must be two whole numbers"),
        (("--launch", "5:70"), "the launch has 70 skills"),
        (("--learners", "0"), "Scenario.learners must be a whole number from 1"),
        (("--keep", "90"), "--keep must be a share from 0.01 to 0.999, not 90: write 90 % as 0.9"),
        (("--daily-minutes", "1"), "must allow for one failed practice"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, flags: tuple[str, ...], says: str) -> None:
    """Bad flags end with 2 and a sentence that says what would be right."""
    answer = run(*SMALL, *flags)

    assert answer.exit_code == 2
    assert says in answer.stderr


def test_a_team_of_ones_own(team: Path, run: Run) -> None:
    """A team that is defined is simulated as it stands, with its people and its library's minutes, and hires."""
    scenario = run("simulate", "--team", "north", "--hires", "3", "--days", "28", "--at", AT, "--json").document[
        "scenario"
    ]

    assert (scenario["learners"], scenario["skills"]) == (5, 3)
    # Objections by cards in 5 minutes, security by a quiz in 3, questions by a call in 10 / 1.5.
    assert scenario["practice_minutes"] == pytest.approx((5 + 3 + 10 / 1.5) / 3)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--team", "north", "--skills", "5"), "leave out --skills"),
        (("--team", "north", "--learners", "5", "--practice-minutes", "2"), "leave out --learners and --practice"),
        (("--team", "south"), "there is no team 'south'"),
        (("--hires", "3"), "name it with --team"),
    ],
)
def test_teams_are_either_ones_own_or_made_up(team: Path, run: Run, flags: tuple[str, ...], says: str) -> None:
    """What goes with one kind of team only is refused for the other."""
    answer = run("simulate", *flags)

    assert answer.exit_code != 0
    assert says in answer.stderr
