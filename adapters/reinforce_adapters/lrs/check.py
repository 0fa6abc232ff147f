"""Whether an LRS would take what is sent, without sending anything."""

from collections.abc import Callable

from attrs import define

from reinforce.delivery.outgoing import CheckReport, CheckStep, Version
from reinforce.errors import DeliveryStopped
from reinforce_adapters.lrs.answer import stop_for
from reinforce_adapters.lrs.connection import Connection
from reinforce_adapters.lrs.settings import LrsSettings
from reinforce_adapters.lrs.versions import ask_for_versions, set_versions


def check(connection: Connection, settings: LrsSettings) -> CheckReport:
    """Ask for its versions, for one statement, and post an empty list; the first trouble ends it."""
    return _Examination(connection, settings).report()


@define
class _Examination:
    connection: Connection
    settings: LrsSettings
    version: Version = "1.0.3"

    def report(self) -> CheckReport:
        steps: list[CheckStep] = []
        looks = (("about", self._speaks), ("read", self._lets_us_read), ("write", self._lets_us_write))
        for name, look in looks:
            steps.append(_step(name, look))
            if not steps[-1].is_ok:
                break
        return CheckReport(tuple(steps))

    def _speaks(self) -> str:
        offered = ask_for_versions(self.connection)
        fixed = set_versions(self.settings)
        self.version = (fixed or offered)[0]
        if fixed and fixed[0] not in offered:
            return f"xAPI {fixed[0]} is set, though the LRS says {', '.join(offered)}"
        return f"xAPI {', '.join(fixed or offered)}"

    def _lets_us_read(self) -> str:
        answer = self.connection.get("statements", self.version, {"limit": "1"})
        if answer.status == 403:
            return "not allowed, so where an LRS refuses what it has, nobody can see whether it is the same"
        if answer.status != 200:
            raise stop_for(answer)
        return "allowed"

    def _lets_us_write(self) -> str:
        answer = self.connection.post("statements", self.version, b"[]", "application/json")
        if answer.status in (200, 204):
            return "an empty list was taken"
        if answer.status in (400, 422):
            return "allowed; an empty list was refused, as it may be"
        raise stop_for(answer)


def _step(name: str, look: Callable[[], str]) -> CheckStep:
    try:
        return CheckStep(name, is_ok=True, detail=look())
    except DeliveryStopped as trouble:
        return CheckStep(name, is_ok=False, detail=str(trouble))
