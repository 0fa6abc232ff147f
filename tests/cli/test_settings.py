"""Settings: from where they come, and who wins."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.conftest import Run
from reinforce.cli.settings import FILE_NAME, Settings, load, read, template
from reinforce.errors import InvalidSettings
from reinforce.model.plans import PlanningRules
from reinforce.model.rating_policy import Bands, RatingPolicy
from reinforce.statements.settings import XapiSettings

FILE = """\
database = "sqlite:///kept.db"
tenant = "from-file"
schema = "from_file"

[planning]
daily_minutes = 20

[rating]
version = 2
scaled = { passing = 0.7 }

[xapi]
base = "https://file.example/xapi/"

[import.lms]
learner = "user"
skill = "topic"
occurred_at = "at"
outcome = "score"
outcome_kind = "scaled"
"""


@pytest.fixture
def file(folder: Path) -> Path:
    """A reinforce.toml with something in every section."""
    path = folder / FILE_NAME
    path.write_text(FILE)
    return path


def test_xapi_base_is_named(run: Run, folder: Path) -> None:
    """A base that is no IRI is refused by the name that it has in the file."""
    (folder / "reinforce.toml").write_text('[xapi]\nbase = "learning.example.com"\n')

    answer = run("due", "anna")

    assert answer.exit_code == 2
    assert "base must be an IRI such as https://learning.example.com, not 'learning.example.com'" in answer.stderr


def test_defaults(folder: Path) -> None:
    """Without a file, variables and flags there is a database file beside you and the tenant "default"."""
    settings = load(environment={})

    assert settings == Settings()
    assert settings.database == "sqlite:///reinforce.db"
    assert settings.tenant_key == "default"
    assert settings.tenants is None


def test_sections(file: Path) -> None:
    """Each section becomes the value that it configures."""
    settings = load(environment={})

    assert settings.planning == PlanningRules(daily_minutes=20)
    assert settings.rating == RatingPolicy(version=2, scaled=Bands(passing=0.7))
    assert settings.xapi == XapiSettings("https://file.example/xapi/")
    assert settings.import_table("lms")["learner"] == "user"
    assert settings.file == file


@pytest.mark.parametrize(
    ("environment", "flags", "tenant"),
    [
        ({}, {}, "from-file"),
        ({"REINFORCE_TENANT": "from-environment"}, {}, "from-environment"),
        ({"REINFORCE_TENANT": "from-environment"}, {"tenant": "from-flag"}, "from-flag"),
        ({"REINFORCE_TENANT": ""}, {"tenant": None}, "from-file"),
    ],
)
def test_precedence(file: Path, environment: Mapping[str, str], flags: Mapping[str, str | None], tenant: str) -> None:
    """A flag wins over the environment and the environment over the file; an empty one says nothing."""
    assert load(flags=flags, environment=environment).tenant == tenant


@pytest.mark.parametrize("name", ["database", "tenant", "schema"])
def test_every_variable_and_flag(file: Path, name: str) -> None:
    """Database, tenant and schema can each be set by a variable and by a flag."""
    from_variable = load(environment={f"REINFORCE_{name.upper()}": "postgresql:///variable"})
    from_flag = load(flags={name: "postgresql:///flag"}, environment={f"REINFORCE_{name.upper()}": "variable"})

    assert getattr(from_variable, name) == "postgresql:///variable"
    assert getattr(from_flag, name) == "postgresql:///flag"


@pytest.mark.parametrize(
    ("environment", "base", "secret"),
    [
        ({}, "https://file.example/xapi/", ""),
        ({"REINFORCE_XAPI_BASE": "https://other.example/"}, "https://other.example/", ""),
        ({"REINFORCE_XAPI_SECRET": "pepper"}, "https://file.example/xapi/", "pepper"),
        ({"REINFORCE_XAPI_BASE": "off", "REINFORCE_XAPI_SECRET": "pepper"}, None, None),
    ],
)
def test_telling_is_switched_by_the_environment(
    file: Path, environment: Mapping[str, str], base: str | None, secret: str | None
) -> None:
    """The variables win over the file: on under another base, with a secret, or off."""
    found = load(environment=environment).xapi

    assert (found and found.base, found and found.secret) == (base, secret)


def test_telling_needs_no_file(folder: Path) -> None:
    """One variable turns it on; what is no IRI is refused by the variable's name."""
    assert load(environment={}).xapi is None
    assert load(environment={"REINFORCE_XAPI_SECRET": "pepper"}).xapi is None
    assert load(environment={"REINFORCE_XAPI_BASE": "https://x.example/"}).xapi == XapiSettings("https://x.example/")
    with pytest.raises(InvalidSettings, match="REINFORCE_XAPI_BASE"):
        load(environment={"REINFORCE_XAPI_BASE": "on"})


def test_nearest_file(file: Path) -> None:
    """The file is looked for in the folder and then in its parents."""
    inner = file.parent / "a" / "b"
    inner.mkdir(parents=True)

    assert load(environment={}, folder=inner).file == file


def test_named_file(file: Path, tmp_path: Path) -> None:
    """A file that is named goes before the nearest, and a flag's before the variable's."""
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text('tenant = "first"')
    second.write_text('tenant = "second"')

    assert load(environment={"REINFORCE_CONFIG": str(first)}).tenant == "first"
    assert load(second, environment={"REINFORCE_CONFIG": str(first)}).tenant == "second"


def test_relative_database(file: Path, tmp_path: Path) -> None:
    """A relative SQLite path in a file is relative to that file, from wherever the command is called."""
    assert load(file, environment={}, folder=tmp_path).sqlite_file == file.parent / "kept.db"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:////abs/x.db", "postgresql://host/name"])
def test_other_databases_stay(file: Path, url: str) -> None:
    """A URL that is no relative path stays as it was written."""
    file.write_text(f'database = "{url}"')

    assert read(file).database == url


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("databse = 'x'", "there is no setting 'databse'"),
        ("[planning]\ndaily_minuts = 3", "planning: there is no field 'daily_minuts'"),
        ("[planning]\ndaily_minutes = 'x'", "planning: daily_minutes: it must be a number"),
        ("[rating.scaled]\npasing = 1", "scaled: there is no field 'pasing'"),
        ("[xapi]\nbase = 'https://x.example'", "xapi: Voice.base must end in / or #"),
        ("[xapi]\nhome_page = 'https://x.example'", "the field 'base' is missing"),
        ("[import.lms]\nlerner = 'x'", "import.lms: there is no field 'lerner'; did you mean 'learner'"),
        ("tenant = 3", "tenant: it must be text, not 3"),
        ("tenant = ", "is no TOML"),
    ],
)
def test_faults_are_named(file: Path, content: str, complaint: str) -> None:
    """What makes no sense is an error that names the file and the key."""
    file.write_text(content)

    with pytest.raises(InvalidSettings) as caught:
        read(file)

    assert str(file) in str(caught.value)
    assert complaint in str(caught.value)


def test_missing_file(folder: Path) -> None:
    """A file that was named and is not there is an error."""
    with pytest.raises(InvalidSettings, match=r"gone\.toml cannot be read: No such file"):
        load(folder / "gone.toml", environment={})


def test_unknown_mapping(file: Path) -> None:
    """A mapping that is not there is an error that tells which are."""
    with pytest.raises(InvalidSettings, match=r"no section \[import\.crm\]; it has for imports: lms"):
        read(file).import_table("crm")


def test_template_changes_nothing(file: Path) -> None:
    """The file that `init` writes holds the defaults."""
    file.write_text(template("sqlite:///reinforce.db", None))

    settings = read(file)

    assert settings.planning == PlanningRules()
    assert settings.rating == RatingPolicy()
    assert settings.sqlite_file == file.parent / "reinforce.db"


def test_template_examples(file: Path) -> None:
    """What stands in comments in the file that `init` writes is right as it stands, and says the defaults."""
    lines = template("sqlite:///reinforce.db", "training").splitlines()
    file.write_text("\n".join(re.sub(r"^# (?=\[|\w+ = )", "", line) for line in lines))

    settings = read(file)

    assert settings.tenant == "default"
    assert settings.planning == PlanningRules()
    assert settings.rating.version == 2
    assert settings.xapi == XapiSettings("https://learning.example.com/xapi/", "https://learning.example.com")
    assert settings.import_table("lms")["highest"] == 100
