"""Where the command line's settings come from: reinforce.toml, then the environment, then flags.

Each later one wins. An unknown key is an error that names its file, because a setting that is quietly
ignored is worse than none.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from attrs import evolve, field, frozen

from reinforce.errors import InvalidSettings, InvalidValue
from reinforce.exchange.formats import import_settings
from reinforce.model.conversion import structure
from reinforce.model.plans import PlanningRules
from reinforce.model.rating_policy import RatingPolicy
from reinforce.reinforcer import DEFAULT_TENANT
from reinforce.statements.settings import XapiSettings

FILE_NAME = "reinforce.toml"
CONFIG_VARIABLE = "REINFORCE_CONFIG"
VARIABLES = {"database": "REINFORCE_DATABASE", "tenant": "REINFORCE_TENANT", "schema": "REINFORCE_SCHEMA"}
XAPI_BASE, XAPI_SECRET, OFF = "REINFORCE_XAPI_BASE", "REINFORCE_XAPI_SECRET", "off"
DEFAULT_DATABASE = "sqlite:///reinforce.db"


@frozen
class Settings:
    """What the commands work with.

    Attributes:
        database: SQLAlchemy URL. A relative SQLite path in a file is relative to that file's folder.
        tenant: None: "default" for commands about one tenant, and every tenant for the nightly run and the doctor.
        schema: the schema that holds the tables; None is the database's default.
        planning: the rules by which plans are made, section `[planning]`.
        rating: how outcomes become ratings, section `[rating]`.
        xapi: that facts are told as xAPI statements, and in whose name, section `[xapi]`; None: they are not.
        imports: how files of events are written, by name: the tables of the sections `[import.NAME]`.
        file: the reinforce.toml that was read; None: there is none.
    """

    database: str = DEFAULT_DATABASE
    tenant: str | None = None
    schema: str | None = None
    planning: PlanningRules = field(factory=PlanningRules)
    rating: RatingPolicy = field(factory=RatingPolicy)
    xapi: XapiSettings | None = None
    imports: Mapping[str, Mapping[str, Any]] = field(factory=dict, hash=False)
    file: Path | None = None

    @property
    def tenant_key(self) -> str:
        """The tenant that a command about one tenant is for."""
        return self.tenant or DEFAULT_TENANT

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the database; None for a server or a database in memory."""
        path = _sqlite_path(self.database)
        return None if path is None else Path(path)

    @property
    def tenants(self) -> tuple[str, ...] | None:
        """The tenants that a command about many is for; None: all of them."""
        return None if self.tenant is None else (self.tenant,)

    def import_table(self, name: str) -> Mapping[str, Any]:
        """The table of section `[import.name]`.

        Raises:
            InvalidSettings: there is no such section.
        """
        if name in self.imports:
            return self.imports[name]
        known = ", ".join(sorted(self.imports)) or "none"
        raise InvalidSettings(f"{self.file or FILE_NAME} has no section [import.{name}]; it has for imports: {known}")


_SECTIONS: Mapping[str, Any] = {
    "database": str,
    "tenant": str,
    "schema": str,
    "planning": PlanningRules,
    "rating": RatingPolicy,
    "xapi": XapiSettings,
    "import": dict[str, dict[str, Any]],
}


def load(
    config: Path | None = None,
    flags: Mapping[str, str | None] | None = None,
    environment: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """The settings of a command.

    Args:
        config: the file to read; None: the one that `REINFORCE_CONFIG` names, or else the nearest
            reinforce.toml in the folder and its parents, if there is any.
        flags: database, tenant and schema, where the command line gave them.
        environment: the variables.
        folder: where to begin to look; None: the working directory.

    Raises:
        InvalidSettings: names the file, variable or flag that makes no sense.
    """
    if config is None and environment.get(CONFIG_VARIABLE):
        config = Path(environment[CONFIG_VARIABLE])
    file = config or find(folder or Path.cwd())
    settings = read(file) if file is not None else Settings()
    return overlaid(settings, flags or {}, environment)


def overlaid(
    settings: Settings, flags: Mapping[str, str | None], environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings with what the environment says in their place, and with what the flags say in place of both."""
    variables = {name: environment.get(variable) for name, variable in VARIABLES.items()}
    given = {name: flags.get(name) or variables[name] for name in VARIABLES}
    return evolve(
        settings,
        database=given["database"] or settings.database,
        tenant=given["tenant"] or settings.tenant,
        schema=given["schema"] or settings.schema,
        xapi=_xapi(settings.xapi, environment),
    )


def _xapi(found: XapiSettings | None, environment: Mapping[str, str]) -> XapiSettings | None:
    """What the file says of xAPI, with what the environment says in its place."""
    base, secret = environment.get(XAPI_BASE), environment.get(XAPI_SECRET)
    if base == OFF:
        return None
    try:
        if base:
            found = XapiSettings(base) if found is None else evolve(found, base=base)
        return evolve(found, secret=secret) if found is not None and secret else found
    except InvalidValue as problem:
        raise InvalidSettings(f"{XAPI_BASE} must be an IRI or {OFF!r}: {problem}") from problem


def find(folder: Path) -> Path | None:
    """The nearest reinforce.toml in the folder or one of its parents."""
    for place in (folder.resolve(), *folder.resolve().parents):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
    return None


def read(file: Path) -> Settings:
    """The settings that a file holds.

    Raises:
        InvalidSettings: it can't be read, or holds something that makes no sense.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InvalidSettings(f"{file} cannot be read: {problem.strerror}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidSettings(f"{file} is no TOML in UTF-8: {problem}") from problem
    unknown = ", ".join(repr(key) for key in sorted(data.keys() - _SECTIONS.keys()))
    if unknown:
        raise InvalidSettings(f"{file}: there is no setting {unknown}; there are {', '.join(_SECTIONS)}")
    try:
        values = {name: structure(value, _SECTIONS[name], f"{file}: {name}") for name, value in data.items()}
    except InvalidValue as problem:
        raise InvalidSettings(str(problem)) from problem
    values["imports"] = values.pop("import", {})
    for name, table in values["imports"].items():
        import_settings(table, f"{file}: import.{name}")
    if "database" in values:
        values["database"] = beside(values["database"], file.resolve().parent)
    return Settings(**values, file=file)


def _sqlite_path(url: str) -> str | None:
    driver, found, rest = url.partition(":///")
    path = rest.partition("?")[0]
    if not found or driver.partition("+")[0] != "sqlite" or not path or path.startswith((":memory:", "file:")):
        return None
    return path


def beside(url: str, folder: Path) -> str:
    """The URL with a relative SQLite path made absolute, in that folder."""
    path = _sqlite_path(url)
    if path is None or PurePath(path).is_absolute():
        return url
    return url.replace(f":///{path}", f":///{(folder / path).as_posix()}", 1)


TEMPLATE = """\
# Settings of the reinforce command line. Environment variables (REINFORCE_DATABASE, REINFORCE_TENANT,
# REINFORCE_SCHEMA) win over this file, and flags over both.

# Where the tables are: sqlite:///FILE, relative to this file's folder, or postgresql://user@host/name.
# Keep a password out of this file: put the whole URL into REINFORCE_DATABASE.
{database}

# Whose data a command is about. Left out: "default", and every tenant for `nightly`,
# `feed deliver` and `doctor`.
# tenant = "default"

# PostgreSQL only: the schema that holds the tables.
{schema}

# By which rules plans are made. What stands here are the defaults.
[planning]
# daily_minutes = 15          # the budget of a person and a working day
# soon_days = 3               # skills due within so many days may be taken today
# cool_down_days = 3          # before the same person gets the same refresher again
# open_days = 7               # how long an assignment stays open
# most_assignments = 5        # how many a day may hold
# unknown_retrievability = 0.5  # what a never-practised skill of a role counts as

# How outcomes become ratings. A failure is always Again. Raise `version` with every change, then
# `reinforce replay --rederive` derives every rating again from the outcomes as they came.
# [rating]
# name = "ours"
# version = 2
# scaled = {{ passing = 0.7, easy_from = 0.95 }}      # a score from -1 to 1
# rubric = {{ passing = 0.5 }}                        # level / highest level
# grade = {{ passing = 3, hard_below = 4, easy_from = 5 }}  # SM-2's 0 to 5

# Tell all that happens as xAPI statements, for an LMS: docs/statements.md. Everything that works on this database
# must say the same here. Keep the secret out of this file: put it into REINFORCE_XAPI_SECRET.
# [xapi]
# base = "https://learning.example.com/xapi/"   # an IRI of yours; skills and refreshers stand under it
# home_page = "https://learning.example.com"    # the system that people's accounts belong to; left out: base
# actors = "account"            # or "mbox", "mbox_sha1sum", "openid"
# is_opaque = true              # an account's name is a hash of the person's key
# with_names = false            # people's names are told, too
# mastered_days = 90            # remembered so long as it is to be kept, a skill is mastered

# How a file of events is written: `reinforce import FILE --mapping lms`.
# [import.lms]
# format = "csv"                # or "jsonl"
# learner = "user"              # the column that holds the learner's key
# skill = "topic"
# occurred_at = "answered_at"
# time_zone = "Europe/Berlin"   # for stamps that name none
# outcome = "score"
# outcome_kind = "scaled"       # success, scaled, rubric, grade, rating or exposure
# highest = 100
# external_id = "attempt_id"
"""


def template(database: str | None, schema: str | None) -> str:
    """The text of a new reinforce.toml, every setting explained.

    Args:
        database: None: it stays in the environment, and the line is a comment.
        schema: None: the line is a comment.
    """
    return TEMPLATE.format(
        database=f'database = "{database}"' if database else f'# database = "{DEFAULT_DATABASE}"',
        schema=f'schema = "{schema}"' if schema else '# schema = "training"',
    )
