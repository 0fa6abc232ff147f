"""People, skills and the library out of TOML and YAML, checked as a whole."""

import builtins
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reinforce.errors import InvalidFile, MissingExtra
from reinforce.exchange.definition_files import read_definitions
from reinforce.exchange.definitions import Definitions
from reinforce.model.library import Refresher, RefresherKind
from reinforce.model.people import Calendar, DateRange, IdentifierKind, Learner, Team, XapiIdentifier
from reinforce.model.skills import Criterion, RoleProfile, RoleSkill, Skill, SkillKind, SkillModel, Stage

TOML = """\
[[learners]]
key = "ann"
name = "Ann"
time_zone = "Europe/Berlin"
roles = ["seller"]
teams = ["north"]
calendar = "office"
absences = [{ since = 2026-04-01, until = 2026-04-03 }]
xapi = { kind = "mbox", value = "mailto:ann@example.org" }

[teams.north]
parent = "sales"
manager = "bob"
[teams.sales]

[calendars.office]
holidays = [2026-04-03]

[skills.opening]
title = "Open a call"
kind = "behaviour"
[skills.pricing]
prerequisites = ["opening"]
encompasses = { opening = 0.5 }
parent = "opening"

[[models]]
key = "spin"
skills = ["opening"]
criteria = [{ key = "c1", skill = "pricing" }]
stages = [{ key = "s1", skills = ["opening", "pricing"] }]

[roles.seller.skills]
opening = { weight = 2, target = 0.95 }
pricing = {}

[refreshers.drill]
kind = "role-play"
skills = { opening = 1 }
roles = ["seller"]
valid_until = 2027-01-01
"""

YAML = """\
learners:
  - key: ann
    name: Ann
    time_zone: Europe/Berlin
    roles: [seller]
    teams: [north]
    calendar: office
    absences: [{since: 2026-04-01, until: 2026-04-03}]
    xapi: {kind: mbox, value: "mailto:ann@example.org"}
teams:
  north: {parent: sales, manager: bob}
  sales: {}
calendars: {office: {holidays: [2026-04-03]}}
skills:
  opening: {title: Open a call, kind: behaviour}
  pricing: {prerequisites: [opening], encompasses: {opening: 0.5}, parent: opening}
models:
  spin:
    skills: [opening]
    criteria: [{key: c1, skill: pricing}]
    stages: [{key: s1, skills: [opening, pricing]}]
roles: {seller: {skills: {opening: {weight: 2, target: 0.95}, pricing: {}}}}
refreshers:
  drill: {kind: role-play, skills: {opening: 1}, roles: [seller], valid_until: 2027-01-01}
"""

EVERYTHING = Definitions(
    learners=(
        Learner(
            key="ann",
            name="Ann",
            time_zone="Europe/Berlin",
            roles=("seller",),
            teams=("north",),
            calendar="office",
            absences=(DateRange(date(2026, 4, 1), date(2026, 4, 3)),),
            xapi=XapiIdentifier(IdentifierKind.MBOX, "mailto:ann@example.org"),
        ),
    ),
    teams=(Team("north", parent="sales", manager="bob"), Team("sales")),
    calendars=(Calendar("office", holidays=(date(2026, 4, 3),)),),
    skills=(
        Skill("opening", title="Open a call", kind=SkillKind.BEHAVIOUR),
        Skill("pricing", prerequisites=("opening",), encompasses={"opening": 0.5}, parent="opening"),
    ),
    models=(
        SkillModel(
            "spin",
            skills=("opening",),
            criteria=(Criterion("c1", skill="pricing"),),
            stages=(Stage("s1", skills=("opening", "pricing")),),
        ),
    ),
    roles=(RoleProfile("seller", skills={"opening": RoleSkill(2, 0.95), "pricing": RoleSkill()}),),
    refreshers=(
        Refresher(
            "drill",
            kind=RefresherKind.ROLE_PLAY,
            skills={"opening": 1},
            roles=("seller",),
            valid_until=date(2027, 1, 1),
        ),
    ),
)


def faults(path: Path, content: str, **options: Any) -> list[str]:
    """What is wrong with a file of that content."""
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidFile) as caught:
        read_definitions(path, **options)
    return str(caught.value).replace(f"{path}: ", "").splitlines()


@pytest.mark.parametrize(("name", "content"), [("all.toml", TOML), ("all.yaml", YAML), ("ALL.YML", YAML)])
def test_everything(tmp_path: Path, name: str, content: str) -> None:
    """TOML and YAML hold every table, as lists and by key, and dates come as dates."""
    (tmp_path / name).write_text(content, encoding="utf-8")

    assert read_definitions(tmp_path / name) == EVERYTHING


def test_several_files_refer_to_each_other(tmp_path: Path) -> None:
    """Files that are read together are checked together, in whatever order they are named."""
    (tmp_path / "a.toml").write_text("[roles.seller.skills]\nopening = {}\n")
    (tmp_path / "b.toml").write_text("[skills.opening]\n")

    assert len(read_definitions(tmp_path / "a.toml", tmp_path / "b.toml").roles) == 1


def test_what_is_known_may_be_referred_to(tmp_path: Path) -> None:
    """A file may refer to what the tenant has already, and gives only what it defines itself."""
    (tmp_path / "a.toml").write_text('[skills.pricing]\nprerequisites = ["opening"]\n')
    known = Definitions(skills=(Skill("opening"),))

    assert [one.key for one in read_definitions(tmp_path / "a.toml", known=known).skills] == ["pricing"]


def test_circles_through_what_is_known(tmp_path: Path) -> None:
    """A circle is found although a part of it is in the tenant and not in the file."""
    known = Definitions(skills=(Skill("opening", prerequisites=("pricing",)), Skill("pricing")))

    assert faults(tmp_path / "a.toml", '[skills.pricing]\nprerequisites = ["opening"]\n', known=known) == [
        "prerequisites of skills go in a circle: opening → pricing → opening; take one of these links out"
    ]


def test_a_newer_definition_can_break_a_circle(tmp_path: Path) -> None:
    """What a file defines again counts as the file has it."""
    (tmp_path / "a.toml").write_text("[skills.opening]\n[skills.pricing]\nprerequisites = ['opening']\n")
    known = Definitions(skills=(Skill("opening", prerequisites=("pricing",)), Skill("pricing")))

    assert len(read_definitions(tmp_path / "a.toml", known=known).skills) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "[skills.a]\nprerequisites=['b']\n[skills.b]\nprerequisites=['a']\n",
            "prerequisites of skills go in a circle",
        ),
        ("[skills.a.encompasses]\nb=1\n[skills.b.encompasses]\na=1\n", "encompassed skills go in a circle"),
        ("[skills.a]\nparent='b'\n[skills.b]\nparent='a'\n", "parents of skills go in a circle"),
        ("[teams.a]\nparent='a'\n", "parents of teams go in a circle: a → a"),
        ("[skill.a]\n", "there is no table 'skill'; did you mean 'skills'?"),
        ("xyz = 1\n", "there is no table 'xyz'; there are learners, teams"),
        ("skills = 1\n", "skills: it must hold tables of fields, such as [[skills]] or [skills.KEY], not 1"),
        ("skills = ['a']\n", "skills: number 1 must be a table of fields, not 'a'"),
        ("[skills]\nkey = 'a'\n", "skills: 'key' must be a table of fields, not 'a'"),
        ("[skills.a]\nkey = 'b'\n", "skills: 'a' says of itself that its key is 'b'"),
        ("[[skills]]\ntitle = 'A'\n", "the field 'key' is missing"),
        ("[skills.a]\ntitel = 'A'\n", "skills 'a': there is no field 'titel'; there are key, title"),
        ("[skills.a]\nimportance = 'big'\n", "skills 'a': importance: it must be a number, not 'big'"),
        ("[skills.a]\nimportance = -1\n", "skills 'a': Skill.importance must be a number above 0 to 100, not -1"),
        ("[skills.a]\nprerequisites = 'b'\n", "skills 'a': prerequisites: it must be a list of texts"),
        ("[learners.a]\ntime_zone = 'Berlin'\n", "there is no time zone 'Berlin'"),
        ("[learners.a]\nroles = ['x']\n", "learners 'a': roles: there is no role 'x'; define it under roles"),
        ("[learners.a]\nteams = ['x']\n", "learners 'a': teams: there is no team 'x'"),
        ("[learners.a]\ncalendar = 'x'\n", "learners 'a': calendar: there is no calendar 'x'"),
        ("[teams.a]\nparent = 'x'\n", "teams 'a': parent: there is no team 'x'"),
        (
            "[skills.pricing]\nparent = 'prising'\n",
            "skills 'pricing': parent: there is no skill 'prising'; did you mean 'pricing'?",
        ),
        ("[skills.a]\nencompasses = {x = 1}\n", "skills 'a': encompasses: there is no skill 'x'"),
        ("[models.a]\nskills = ['x']\n", "models 'a': skills: there is no skill 'x'"),
        ("[models.a]\ncriteria = [{key = 'c', skill = 'x'}]\n", "models 'a': criteria: there is no skill 'x'"),
        ("[models.a]\nstages = [{key = 's', skills = ['x']}]\n", "models 'a': stages: there is no skill 'x'"),
        ("[roles.a.skills.x]\n", "roles 'a': skills: there is no skill 'x'"),
        ("[refreshers.a.skills]\nx = 1\n", "refreshers 'a': skills: there is no skill 'x'"),
        ("[refreshers.a]\nskills = {}\n", "refreshers 'a': refresher 'a' must name at least one skill"),
        ("[calendars.a]\nholidays = [2026-01-01T00:00:00]\n", "it must be a date without a time"),
        ("[[skills]]\nkey = 'a'\n[[skills]]\nkey = 'a'\n", "skills 'a': this key is taken already by skills 'a'"),
        ("[skills.a]\n[skills.a]\n", "it is no TOML: Cannot declare ('skills', 'a') twice (at line 2, column 10)"),
        ("[skills\n", "it is no TOML: Expected ']' at the end of a table declaration (at line 1, column 8)"),
    ],
)
def test_faults(tmp_path: Path, content: str, said: str) -> None:
    """Each fault is told once, with table, key and what would be right."""
    (fault,) = faults(tmp_path / "a.toml", content)

    assert said in fault


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("skills:\n  a: {}\n  a: {}\n", "it is no YAML: the key 'a' comes twice in one mapping (at line 3, column 3)"),
        ("skills: [}\n", "it is no YAML: "),
        ("- a\n", "it must hold tables such as skills and learners, not list"),
        ("", "it must hold tables such as skills and learners, not NoneType"),
        ("skills: {12: {}}\n", "skills: the key 12 must be text: put it in quotes"),
        ("skills: [{key: no}]\n", "it must be text, not False"),
        ("skills: !!python/object:os.system {}\n", "it is no YAML: could not determine a constructor"),
        ("? [a]\n: 1\n", "it is no YAML: found unhashable key (at line 1, column 3)"),
    ],
)
def test_faults_of_yaml(tmp_path: Path, content: str, said: str) -> None:
    """YAML is read strictly: plain data alone, no key twice, and keys are text."""
    (fault,) = faults(tmp_path / "a.yaml", content)

    assert said in fault


def test_yaml_may_merge(tmp_path: Path) -> None:
    """YAML's anchors and merges are no keys that come twice."""
    (tmp_path / "a.yaml").write_text("skills:\n  a: &a {title: A}\n  b:\n    <<: *a\n    importance: 2\n")

    assert read_definitions(tmp_path / "a.yaml").skills[1] == Skill("b", title="A", importance=2)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """One error tells all faults, one a line; what refers to a broken value is no fault of its own."""
    said = faults(
        tmp_path / "a.toml",
        """
        [skills.a]
        importance = "big"
        [skills.b]
        prerequisites = ["a", "x"]
        [learners.ann]
        nme = "Ann"
        calendar = "office"
        [learners.bob]
        calendar = "office"
        """,
    )

    assert [fault.partition(":")[0] for fault in said] == [
        "skills 'a'",
        "learners 'ann'",
        "skills 'b'",
        "learners 'bob'",
    ]


def test_several_versions_of_a_model(tmp_path: Path) -> None:
    """Of models each version is one, so a key may come once with each."""
    (tmp_path / "a.toml").write_text("[[models]]\nkey = 'm'\n[[models]]\nkey = 'm'\nversion = 2\n")

    assert [one.version for one in read_definitions(tmp_path / "a.toml").models] == [1, 2]


def test_other_files_are_refused(tmp_path: Path) -> None:
    """A file whose name tells no format, one that is missing and one with wrong bytes are told by name."""
    (tmp_path / "b.toml").write_bytes(b"# Zo\xeb")
    for name, said in (
        ("a.xlsx", "definitions are read from .toml, .yaml, .yml and .csv files"),
        ("a.toml", "cannot be read: No such file or directory"),
        ("b.toml", "byte 0xeb at offset 4 is no UTF-8"),
    ):
        with pytest.raises(InvalidFile) as caught:
            read_definitions(tmp_path / name)
        assert str(caught.value).startswith(f"{tmp_path / name}: {said}")


def test_yaml_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PyYAML the error says what to install."""
    original = builtins.__import__

    def without_yaml(name: str, *rest: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return original(name, *rest)

    (tmp_path / "a.yaml").write_text("skills: {}\n")
    monkeypatch.setattr(builtins, "__import__", without_yaml)

    with pytest.raises(MissingExtra, match=r"pip install 'reinforce-engine\[yaml\]'"):
        read_definitions(tmp_path / "a.yaml")


def test_newer_definitions_go_first() -> None:
    """Merging takes the newer of two values with the same key, and keeps everything else."""
    older = Definitions(skills=(Skill("a"), Skill("b")))
    newer = Definitions(skills=(Skill("b", title="B"), Skill("c")))

    assert older.merged(newer).skills == (Skill("a"), Skill("b", title="B"), Skill("c"))
