"""A PostgreSQL server of the tests' own, or one that the environment names.

The server lives in a temporary directory, is reached only through a socket in it, and ends with the
process that started it, even if that process is killed.
"""

import contextlib
import itertools
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import URL, make_url

EXISTING_SERVER = "REINFORCE_TEST_POSTGRES"
MISSING = "PostgreSQL is missing"
HOW_TO_INSTALL = (
    "install a server (Debian: apt-get install postgresql; macOS: brew install postgresql) "
    f"or name one in {EXISTING_SERVER}=postgresql://user:password@host/database"
)
START_TIMEOUT = 60.0

SETTINGS = {
    "listen_addresses": "",
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "Asia/Kathmandu",  # UTC+05:45: whoever trusts the server's zone is found out
}

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_level": "replica"}
"""What makes it a server that loses nothing in a power cut."""

# The shell ends the server and removes its directory when its input ends: at `stop`, or when the process
# that holds the other end of the pipe is gone, however it went.
KEEPER = """
"$1" -D "$2/data" -k "$2" >"$2/log" 2>&1 &
server=$!
echo $server
read -r _
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$2"
"""


def server_programs() -> Path | None:
    """The directory of the newest `initdb` and `postgres` that this machine has."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for root, pattern in (
        (Path("/usr/lib/postgresql"), "*/bin"),  # Debian
        (Path("/usr"), "pgsql-*/bin"),  # Red Hat
        (Path("/opt/homebrew/opt"), "postgresql*/bin"),
        (Path("/usr/local/opt"), "postgresql*/bin"),
    ):
        folders += sorted(root.glob(pattern), key=_version, reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(folder)))


def is_ci() -> bool:
    """Whether this is a run in which nothing may be skipped."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


class OwnServer:
    """A server in a temporary directory.

    Attributes:
        pid: the server's process.
        folder: holds its data, its log and its socket.
        url: its maintenance database.
    """

    def __init__(self, programs: Path, settings: Mapping[str, str] = SETTINGS) -> None:
        user = _unprivileged_user()
        # Not in TMPDIR: the other user may not reach that, and a socket's path has 104 to 108 characters at most.
        self.folder = Path(tempfile.mkdtemp(prefix="reinforce-pg-", dir="/tmp"))
        try:
            if user is not None:
                os.chown(self.folder, user.pw_uid, user.pw_gid)
            _initialise(programs, self.folder, user, settings)
            self._keeper = subprocess.Popen(
                ["/bin/sh", "-c", KEEPER, "keeper", str(programs / "postgres"), str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=self.folder,
                env=_environment(),
                start_new_session=True,  # an interrupt from the keyboard is for the tests
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=() if user else None,
            )
            assert self._keeper.stdout is not None
            self.pid = int(self._keeper.stdout.readline())
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.url = URL.create(
            "postgresql+psycopg", username="postgres", database="postgres", query={"host": str(self.folder)}
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and remove its directory."""
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.close()
        self._keeper.wait(timeout=60)
        self._keeper.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                connect(self.url).close()
            except psycopg.OperationalError as problem:
                if self._keeper.poll() is not None or not _is_running(self.pid) or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL did not start; its log says:\n{log}") from problem
                time.sleep(0.02)
            else:
                return


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Who runs the server if we are root, whom it refuses; None: we do."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody")


def _environment() -> dict[str, str]:
    """The environment without the settings of other PostgreSQL servers, in a language that logs can be read in."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))} | {
        "LC_ALL": "C"
    }


def _initialise(programs: Path, folder: Path, user: pwd.struct_passwd | None, settings: Mapping[str, str]) -> None:
    command = [
        str(programs / "initdb"),
        f"--pgdata={folder / 'data'}",
        "--username=postgres",
        "--auth=trust",  # the socket lies in a directory that only this user can enter
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=() if user else None,
    )
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}")
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def connect(url: URL) -> psycopg.Connection:
    """A connection of our own to a server, outside of any transaction."""
    return psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True, connect_timeout=10
    )


_numbers = itertools.count(1)


@contextlib.contextmanager
def fresh_database(server: URL) -> Iterator[str]:
    """The SQLAlchemy URL of a new, empty database, which is dropped at the end whoever is still connected."""
    name = f"reinforce_test_{os.getpid()}_{next(_numbers)}"
    with connect(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with connect(server) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def existing_server() -> URL | None:
    """The server that the environment names."""
    named = os.environ.get(EXISTING_SERVER)
    return make_url(named).set(drivername="postgresql+psycopg") if named else None
