"""Jobs that a team's own scheduler runs: one command, safe to run again."""

from reinforce.jobs.night import ExitCode, exit_code, nightly

__all__ = ["ExitCode", "exit_code", "nightly"]
