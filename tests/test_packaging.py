"""What the package as a whole promises."""

import ast
import importlib.metadata
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import reinforce

ROOT = Path(__file__).parent.parent
CODE = sorted(path for folder in ("src", "adapters") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
SUPPORT = sorted(path for folder in ("tests", "examples", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FRONT = {f"src/reinforce/{name}.py" for name in ("__init__", "practising", "reinforcer", "store/session")}
EARLY = {
    "errors",
    "forgetting",
    "forgetting.parameters",
    "moments",
    "reinforcer",
    "store",
    *(f"store.{name}" for name in ("calibration_tables", "course", "database", "driver", "locks", "migrations")),
    *(f"store.{name}" for name in ("parameters", "pooler", "postponing", "schema", "scope", "session")),
    *(f"store.{name}" for name in ("statement_tables", "table_parts", "tenants", "transaction", "version")),
}
"""What a process loads besides the model before it has asked for anything: the front door, and the way to a tenant."""
RECORDING = """
import sys
from datetime import UTC, datetime
from reinforce import Outcome, PracticeEvent, Reinforcer
with Reinforcer(sys.argv[1]) as reinforcer:
    reinforcer.record(PracticeEvent("anna", datetime.now(UTC), {"price": Outcome.scaled(0.8)}))
    assert reinforcer.due("anna", within_days=400)
    assert reinforcer.why("anna", "price").next_time
print(*sys.modules)
"""
NOT_FOR_RECORDING = {
    "alembic",
    "requests",
    "sqlalchemy.dialects.postgresql",
    *(f"reinforce.forgetting.{name}" for name in ("before", "features", "learning", "parameter_sets", "practice_log")),
    *(f"reinforce.{name}" for name in ("exchange", "feeds", "intake", "planning", "publishing", "statements")),
    *(f"reinforce.store.{name}" for name in ("catalogue", "closes", "log_columns", "planning", "statements")),
}
MAY_ASK_THE_TIME = ("moments", "jobs", "cli")
VAGUE = {"utils", "util", "helpers", "helper", "base", "common", "manager", "service", "misc"}


def name_of(path: Path) -> str:
    """How a file is called in a test's name."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(tree: ast.AST) -> Iterator[tuple[int, str, ast.Call]]:
    """Every call: its line, and the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def test_exported_names_are_all() -> None:
    """What can be imported from the package root is exactly what it says it exports, in order."""
    exported = getattr(reinforce, "__all__", [])
    public = {
        name
        for name, value in vars(reinforce).items()
        if not name.startswith("_") and not (isinstance(value, ModuleType) and value.__name__.startswith("reinforce."))
    }
    public -= {"TYPE_CHECKING", "import_module"}

    assert set(exported) == public | set(reinforce._LATER)
    assert all(
        vars(import_module(module))[name] is getattr(reinforce, name) for name, module in reinforce._LATER.items()
    )
    assert list(exported) == sorted(exported)


@pytest.mark.parametrize("path", [*CODE, *SUPPORT], ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    """Each module begins with a docstring."""
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_every_test_states_its_promise(path: Path) -> None:
    """Each test has a docstring, so that the suite reads as a specification."""
    silent = [
        node.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_imports_are_what_they_seem(path: Path) -> None:
    """No import happens for the type checker alone, but where start-up is kept short: the front door and a session."""
    used = "TYPE_CHECKING" in {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)}

    assert used == (name_of(path) in FRONT)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_outermost_layers_ask_what_time_it_is(path: Path) -> None:
    """Below moments, jobs and cli every moment is an argument, so the same input gives the same output."""
    layer = path.relative_to(ROOT).with_suffix("").parts[2]
    clocks = {"now", "utcnow", "today", "localtime", "gmtime"}
    asked = [
        f"line {line}: {name}()"
        for line, name, call in calls(tree_of(path))
        if name.rpartition(".")[2] in clocks or (name == "time.time" and not call.args)
    ]

    assert layer in MAY_ASK_THE_TIME or asked == []


def test_modules_are_named_for_what_they_know() -> None:
    """No module is called after nothing in particular."""
    assert [name_of(path) for path in CODE if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_our_own_words_are_at_home_where_they_are_said_to_be() -> None:
    """Each word of the inside is used by the modules that CONTRIBUTING names for it."""
    rows = re.findall(
        r"^\| ([a-z ]+) \| .+ \| (`.+`) \|$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M
    )
    homes = [(word, home) for word, named in rows for home in re.findall(r"`([\w/]+\.py)`", named)]
    assert len(homes) >= len(rows) > 10
    for word, home in homes:
        assert word in (ROOT / "src" / "reinforce" / home).read_text(encoding="utf-8").lower(), (word, home)


def test_every_extra_that_an_error_names_exists() -> None:
    """The pip line in a MissingExtra error installs something."""
    named = {
        argument.value
        for path in CODE
        for _, name, call in calls(tree_of(path))
        if name.endswith("MissingExtra.named") and isinstance(argument := call.args[0], ast.Constant)
    }

    assert named <= set(PROJECT["optional-dependencies"])


def test_all_is_every_extra_for_users() -> None:
    """The extra `all` holds each extra that is not for our own development."""
    extras = PROJECT["optional-dependencies"]
    (everything,) = extras["all"]

    assert everything == f"reinforce-engine[{','.join(sorted(set(extras) - {'all', 'dev', 'test'}))}]"


def test_the_package_works_without_its_extras() -> None:
    """Nothing but the command line needs an optional package to be imported."""
    modules = [
        found.name
        for found in pkgutil.walk_packages(reinforce.__path__, "reinforce.")
        if not found.name.startswith("reinforce.cli") and not found.name.endswith(".__main__")
    ]
    script = (
        "import importlib, sys\n"
        "for extra in ('psycopg', 'rich', 'typer', 'yaml'): sys.modules[extra] = None\n"
        f"for name in {['reinforce', *modules]!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stderr == ""


def test_importing_loads_nothing_that_only_tests_or_fitting_need() -> None:
    """`import reinforce` leaves the heavy and the optional packages alone."""
    script = "import reinforce, sys; print(*sorted(name for name in sys.modules if '.' not in name))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    heavy = {"alembic", "hypothesis", "matplotlib", "numpy", "pandas", "psycopg", "pytest", "requests", "rich"}
    heavy |= {"scipy", "torch", "typer", "yaml"}
    assert heavy & set(done.stdout.split()) == set()


def test_importing_loads_only_what_every_process_needs() -> None:
    """Of our own modules, `import reinforce` loads the model and the way to a tenant; the rest when it is asked for."""
    script = "import reinforce, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    ours = {name.removeprefix("reinforce.") for name in done.stdout.split() if name.startswith("reinforce.")}
    assert {name for name in ours if not name.startswith("model")} == EARLY


def test_recording_loads_nothing_of_another_database_or_of_other_work(tmp_path: Path) -> None:
    """Who records and asks on SQLite waits neither for PostgreSQL's dialect nor for what learns, plans or delivers."""
    url = f"sqlite:///{tmp_path / 'practice.db'}"
    with reinforce.Reinforcer(url) as reinforcer:
        reinforcer.upgrade()
        reinforcer.define(reinforce.Learner("anna"), reinforce.Skill("price", "Price"))
    done = subprocess.run([sys.executable, "-c", RECORDING, url], capture_output=True, text=True, check=True)

    assert NOT_FOR_RECORDING & set(done.stdout.split()) == set()


def test_both_packages_are_typed() -> None:
    """Type checkers of those who use us find the marker in both packages."""
    assert (ROOT / "src/reinforce/py.typed").exists()
    assert (ROOT / "adapters/reinforce_adapters/py.typed").exists()


def test_the_distribution_is_named_apart_from_the_import() -> None:
    """`reinforce-engine` is installed, `reinforce` is imported, and the version is the project's."""
    assert importlib.metadata.version("reinforce-engine") == PROJECT["version"]


def test_the_two_commands_are_in_the_readme() -> None:
    """The README's two commands stand in console blocks, each once and as one line, where .ci/run takes them from."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    environment = "$ python3 -m venv .venv && .venv/bin/pip install -q -e"

    assert lines.count(f"{environment} '.[all]' && .venv/bin/reinforce demo") == 1
    assert lines.count(f"{environment} '.[test]' && .venv/bin/pytest") == 1
