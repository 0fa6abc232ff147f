"""serve: what is said before anything is served."""

import socket

from cli.conftest import Run


def test_taken_port(run: Run) -> None:
    """Where another server listens nothing is said to be served: it is bad input, named by its flags."""
    run("init")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = run("serve", "--port", str(port), "--json")

    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert f"--host 127.0.0.1 --port {port}: nothing can listen there: Address already in use" in answer.stderr


def test_unknown_host(run: Run) -> None:
    """A name that stands for no machine is bad input, too."""
    run("init")
    answer = run("serve", "--host", "nowhere.invalid")

    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "--host nowhere.invalid --port 8080: nothing can listen there" in answer.stderr


def test_impossible_port(run: Run) -> None:
    """A number that is no port is refused as a flag, and not by a traceback."""
    assert run("serve", "--port", "99999").exit_code == 2
