"""`init` and `db`."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from cli.conftest import Run
from reinforce.store.migrations import REVISIONS

A_WORD = "open-sesame"


def test_init(run: Run, folder: Path) -> None:
    """`init` writes the settings and makes the tables, and the next command works."""
    answer = run("init")

    assert answer.exit_code == 0
    assert (folder / "reinforce.toml").exists()
    assert run("db", "check").exit_code == 0
    assert run("doctor").exit_code == 0


def test_init_in_another_folder(run: Run, folder: Path) -> None:
    """The database lies beside the settings, wherever `init` was called."""
    answer = run("init", "training", "--json")

    assert answer.document == {
        "file": str(folder / "training" / "reinforce.toml"),
        "database": f"sqlite:///{folder}/training/reinforce.db",
        "schema": None,
    }
    assert (folder / "training" / "reinforce.db").exists()


def test_init_overwrites_nothing(run: Run, folder: Path) -> None:
    """A reinforce.toml that is there stays as it is, and nothing else is made."""
    (folder / "reinforce.toml").write_text("# mine\n")

    answer = run("init")

    assert answer.exit_code == 2
    assert "is there already" in answer.stderr
    assert [file.name for file in folder.iterdir()] == ["reinforce.toml"]
    assert (folder / "reinforce.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("where", "exit_code"),
    [
        (("--database", "postgresql://nobody@127.0.0.1:1/nothing"), 3),
        (("--database", "sqlite:///elsewhere/practice.db"), 3),
        (("--database", "mysql://server/practice"), 2),
        (("--schema", "training"), 2),
    ],
    ids=str,
)
def test_init_that_fails_leaves_nothing(run: Run, folder: Path, where: tuple[str, str], exit_code: int) -> None:
    """Where no tables can be made, no settings and no folders are left either; those that were there stay."""
    (folder / "company").mkdir()

    answer = run("init", "company/learning/training", *where)

    assert answer.exit_code == exit_code, answer.stderr
    assert [str(one.relative_to(folder)) for one in folder.rglob("*")] == ["company"]


def test_init_says_what_is_next(folder: Path, terminal: Run) -> None:
    """On a terminal the first command says which is the second."""
    assert "next: `reinforce import FILE`" in terminal("init").stdout


def test_init_keeps_the_flag(run: Run, folder: Path) -> None:
    """A database that was named by the flag is in the settings, so that later commands find it."""
    run("init", "--database", "sqlite:///practice.db")

    assert 'database = "sqlite:///practice.db"' in (folder / "reinforce.toml").read_text()
    assert run("db", "check", "--json").document["database"] == f"sqlite:///{folder}/practice.db"


def test_init_writes_no_password(run: Run, folder: Path, postgres_url: str) -> None:
    """A password never lands in the file; a message says where it belongs."""
    url = make_url(postgres_url).set(password=A_WORD).render_as_string(hide_password=False)

    answer = run("init", "--database", url)

    assert answer.exit_code == 0, answer.stderr
    assert "set REINFORCE_DATABASE" in answer.stderr
    assert A_WORD not in answer.stdout + answer.stderr + (folder / "reinforce.toml").read_text()


def test_upgrade_twice(run: Run, folder: Path) -> None:
    """The first upgrade makes the tables, the second finds them."""
    first, again = run("db", "upgrade", "--json"), run("db", "upgrade")

    assert first.document["applied"] == list(REVISIONS)
    assert again.stdout == "sqlite:///reinforce.db: up to date\n"


def test_check_says_what_differs(team: Path, run: Run) -> None:
    """Tables that somebody changed are found, each difference in a sentence, and the command ends with 1."""
    database = sqlite3.connect(team / "reinforce.db")
    database.execute("ALTER TABLE reinforce_memory ADD COLUMN extra TEXT")
    database.close()

    answer = run("db", "check")
    document = run("db", "check", "--json").document

    assert answer.exit_code == 1
    assert "extra" in answer.stdout
    assert document["status"]["current"] == document["status"]["head"] == REVISIONS[-1]
    assert len(document["status"]["differences"]) == 1


def test_check_without_tables(run: Run, folder: Path) -> None:
    """A database without tables is found, with what to do."""
    sqlite3.connect(folder / "reinforce.db").close()

    answer = run("db", "check")

    assert answer.exit_code == 1
    assert "run `reinforce db upgrade`" in answer.stdout


def test_newer_tables(team: Path, run: Run) -> None:
    """Tables of a newer version are left alone: questions end with 3, the check with 1."""
    database = sqlite3.connect(team / "reinforce.db")
    database.execute("UPDATE reinforce_version SET version_num = '9999'")
    database.commit()
    database.close()

    assert run("due", "anna").exit_code == 3
    assert "made by a newer reinforce" in run("db", "check").stdout
    assert run("db", "upgrade").exit_code == 3


def test_sql_makes_the_tables(run: Run, folder: Path) -> None:
    """The SQL makes the same tables as the upgrade, and printing it touches no database."""
    script = run("db", "sql").stdout
    assert list(folder.iterdir()) == []

    database = sqlite3.connect(folder / "reinforce.db")
    database.executescript(script)
    database.close()

    assert run("db", "check").exit_code == 0


def test_sql_for_postgresql(run: Run, folder: Path) -> None:
    """The SQL for a server and a schema is written without either being there."""
    script = run("db", "sql", "--database", "postgresql://nowhere/none", "--schema", "training").stdout

    assert "CREATE SCHEMA IF NOT EXISTS training" in script
    assert "CREATE TABLE training.reinforce_memory" in script
