"""People, skills and the library out of CSV, one table a file."""

import csv
from datetime import date
from pathlib import Path

import attrs
import pytest

from reinforce.errors import InvalidFile
from reinforce.exchange.definition_cells import CELLS
from reinforce.exchange.definition_files import read_definitions
from reinforce.exchange.definitions import TABLES, Definitions
from reinforce.exchange.formats import FileFormat
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, DateRange, IdentifierKind, Learner, Team, XapiIdentifier
from reinforce.model.skills import RoleProfile, RoleSkill, Skill, SkillModel

FILES = {
    "skills": (
        "key,title,importance,encompasses,prerequisites\nopening,Open a call,,,\npricing,,2,opening:0.5,opening\n"
    ),
    "teams": "key,parent,coaches\nsales,,bob;cat\nnorth,sales,\n",
    "calendars": "key,working_days,holidays,blackouts\noffice,0;1;2,2026-04-03,2026-06-28/2026-06-30;2026-12-31\n",
    "roles": "key,title,skills\nseller,Seller,opening:2:0.95;pricing\n",
    "learners": (
        "key,name,day_starts_at,roles,teams,calendar,xapi_kind,xapi_value,xapi_home_page,is_active\n"
        "ann,Ann,5,seller,north,office,account,ann1,https://lms.example.org,no\n"
    ),
    "models": "key,kind,version,skills\nspin,selling,3,opening;pricing\n",
    "refreshers": "key,skills,minutes,valid_from,roles\ndrill,opening;pricing:0.5,7.5,2026-01-01,seller\n",
}


def write(folder: Path, files: dict[str, str]) -> list[Path]:
    """The files, written."""
    paths = [folder / f"{name}.csv" for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_text(content, encoding="utf-8")
    return paths


def test_everything(tmp_path: Path) -> None:
    """Each table has its CSV: lists with semicolons, weights and targets after colons, ranges with a slash."""
    assert read_definitions(*write(tmp_path, FILES)) == Definitions(
        learners=(
            Learner(
                key="ann",
                name="Ann",
                day_starts_at=5,
                roles=("seller",),
                teams=("north",),
                calendar="office",
                xapi=XapiIdentifier(IdentifierKind.ACCOUNT, "ann1", "https://lms.example.org"),
                is_active=False,
            ),
        ),
        teams=(Team("sales", coaches=("bob", "cat")), Team("north", parent="sales")),
        calendars=(
            Calendar(
                "office",
                working_days=(0, 1, 2),
                holidays=(date(2026, 4, 3),),
                blackouts=(
                    DateRange(date(2026, 6, 28), date(2026, 6, 30)),
                    DateRange(date(2026, 12, 31), date(2026, 12, 31)),
                ),
            ),
        ),
        skills=(
            Skill("opening", title="Open a call"),
            Skill("pricing", importance=2, encompasses={"opening": 0.5}, prerequisites=("opening",)),
        ),
        models=(SkillModel("spin", version=3, skills=("opening", "pricing")),),
        roles=(RoleProfile("seller", title="Seller", skills={"opening": RoleSkill(2, 0.95), "pricing": RoleSkill()}),),
        refreshers=(
            Refresher(
                "drill",
                skills={"opening": 1, "pricing": 0.5},
                minutes=7.5,
                valid_from=date(2026, 1, 1),
                roles=("seller",),
            ),
        ),
    )


def test_table_and_format_can_be_said(tmp_path: Path) -> None:
    """A CSV file of another name, delimiter and encoding is read by options."""
    path = tmp_path / "export 1.txt"
    path.write_bytes("key;title\nopening;Gespr\xe4ch\n".encode("cp1252"))

    assert read_definitions(path, table="skills", file=FileFormat(delimiter=";", encoding="cp1252")).skills == (
        Skill("opening", title="Gespräch"),
    )


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_write(tmp_path: Path, delimiter: str) -> None:
    """Files with semicolons or tabs between the columns define the same, though lists have semicolons, too."""
    for name, content in FILES.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows(csv.reader(content.splitlines()))
    (tmp_path / "commas").mkdir()

    assert read_definitions(*sorted(tmp_path.glob("*.csv"))) == read_definitions(
        *sorted(write(tmp_path / "commas", FILES))
    )


def test_one_column_alone(tmp_path: Path) -> None:
    """A header of one column needs no delimiter, whatever stands in its rows."""
    assert read_definitions(*write(tmp_path, {"skills": "key\nopening\n"})).skills == (Skill("opening"),)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("skill", "key\na\n", "there is no table 'skill'; did you mean 'skills'?; name the table"),
        ("skills", "", "it is empty; the first line must name the columns: key"),
        ("skills", "Key\na\n", "line 1: the columns lack 'key' (is it 'Key'?); there are 'Key'"),
        ("skills", "key,titel\na,b\n", "skills have no column 'titel'; there are key, title"),
        ("models", "key,stages\na,b\n", "models have no column 'stages'"),
        ("skills", "key,title,title\na,b,c\n", "the column 'title' comes twice"),
        ("skills", "key;title,kind;x\na\n", "skills have no column 'title,kind', 'x'; there are key, title"),
        ("skills", "Key;title,kind\na\n", "in the header there are commas and semicolons, and not one of them alone"),
        ("skills", "key,title\na\n", "skills, line 2: it has 1 fields, and the header has 2"),
        ("skills", 'key,title\na,"b\n', "skills, line 2: the quote that opens its field 2 is never closed"),
        ("skills", "key,importance\na,big\n", "skills, line 2: importance: it must be a number, not 'big'"),
        ("skills", "key,encompasses\na,b:x\n", "skills, line 2: encompasses"),
        ("skills", "key,encompasses\na,b:1;b:0.5\n", "skills, line 2: encompasses: 'b' comes twice"),
        ("roles", "key,skills\na,b;b:2\n", "roles, line 2: skills: 'b' comes twice"),
        ("skills", "key,title\n,b\n", "the field 'key' is missing"),
        ("skills", "key\na\na\n", "skills, line 3: this key is taken already by"),
        ("learners", "key,is_active\na,maybe\n", "learners, line 2: is_active: it must be true or false, not 'maybe'"),
        ("learners", "key,absences\na,soon\n", "it must be a date such as 2026-03-31, not 'soon'"),
        ("learners", "key,roles\na,x\n", "learners, line 2: roles: there is no role 'x'"),
    ],
)
def test_faults(tmp_path: Path, name: str, content: str, said: str) -> None:
    """Faults of CSV name file, line and column."""
    with pytest.raises(InvalidFile) as caught:
        read_definitions(*write(tmp_path, {name: content}))

    assert str(caught.value).startswith(f"{tmp_path / name}.csv")
    assert said in str(caught.value)


@pytest.mark.parametrize("table", TABLES)
def test_every_field_has_its_column(table: str) -> None:
    """No field of a value is forgotten in CSV, besides criteria and stages, which need more than a cell."""
    fields = {one.name for one in attrs.fields(TABLES[table])} - {"criteria", "stages"}
    columns = {"xapi" if column.startswith("xapi_") else column for column in CELLS[table]}

    assert columns == fields
