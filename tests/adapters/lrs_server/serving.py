"""`reinforce serve` in a process of its own, for tests that need a server which can be reached and ended."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2

START_TIMEOUT = 60.0


def free_port() -> int:
    """A port on which nobody listens yet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def started(url: str, port: int, folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """A server over a database, which answers."""
    arguments = ["reinforce", "serve", "--port", str(port), *options]
    program = f"import sys; from reinforce.cli import main; sys.argv = {arguments!r}; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"REINFORCE_DATABASE": url},
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/xapi/about")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    process.wait()
    raise AssertionError("the server did not start")


def peak_megabytes(process: subprocess.Popen[bytes]) -> int:
    """The most memory that a process has had at once; where there is no /proc, what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) >> 10
    listed = subprocess.run(["ps", "-o", "rss=", "-p", str(process.pid)], capture_output=True, check=True)
    return int(listed.stdout) >> 10
