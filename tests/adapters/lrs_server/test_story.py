"""Whatever happens in whichever order, the LRS has each statement once, and each tenant its own."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_story

from adapters.lrs_server.conftest import ANNA, DID, PRICING, SAW, VOIDED, Caller, Plain, World, statement

BEN = {"objectType": "Agent", "mbox": "mailto:ben@crm.example"}
COURSE = "https://skills.example/course"
TENANTS = (0, 1)

tenants = st.sampled_from(TENANTS)
few_ids = st.integers(0, 12).map(lambda number: str(UUID(int=number + (4 << 76) + (8 << 60))))
"""So few that the same ones come again, also from the other tenant."""


@st.composite
def statements(draw: st.DrawFn) -> Plain:
    """A statement about one of few things, under one of few ids or under none."""
    return statement(
        id=draw(few_ids | st.none()),
        actor=draw(st.sampled_from([ANNA, BEN])),
        verb={"id": draw(st.sampled_from([DID, SAW]))},
        object={"id": draw(st.sampled_from([PRICING, COURSE]))},
    )


class Story(RuleBasedStateMachine):
    """Two tenants store, repeat, contradict, take back and ask, beside a plain dictionary that does the same."""

    world: World
    stored = Bundle("stored")

    @initialize()
    def begin(self) -> None:
        """Two tenants without anything."""
        self.callers: list[Caller] = [self.world.caller(version=version) for version in ("1.0.3", "2.0.0")]
        self.kept: list[dict[str, Plain]] = [{}, {}]
        self.taken_back: list[set[str]] = [set(), set()]
        self.states: list[dict[str, bytes]] = [{}, {}]

    # ------------------------------------------------------------ what they do

    @rule(target=stored, whose=tenants, batch=st.lists(statements(), min_size=1, max_size=4))
    def post(self, whose: int, batch: list[Plain]) -> Any:
        """A batch goes in as a whole, or not at all."""
        named = [one["id"] for one in batch if "id" in one]
        answer = self.callers[whose].ask("POST", "statements", data=batch)
        kept = self.kept[whose]
        if len(set(named)) < len(named):
            assert answer.status_code == 400
        elif any(self._contradicts(whose, one) for one in batch):
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200, answer.text
            for number, one in zip(answer.json(), batch, strict=True):
                kept.setdefault(number, {**one, "id": number})
            return multiple(*((whose, number) for number in answer.json()))
        return multiple()

    def _contradicts(self, whose: int, one: Plain) -> bool:
        known = self.kept[whose].get(one.get("id", ""))
        return known is not None and known != one

    @rule(target=stored, whose=tenants, number=few_ids, one=statements())
    def put(self, whose: int, number: str, one: Plain) -> Any:
        """One statement goes in under an id."""
        whole = {**one, "id": number}
        answer = self.callers[whose].ask("PUT", "statements", {"statementId": number}, data=whole)
        if self._contradicts(whose, whole):
            assert answer.status_code == 409
            return multiple()
        assert answer.status_code == 204, answer.text
        self.kept[whose].setdefault(number, whole)
        return whose, number

    @rule(which=stored, changes=st.sampled_from(["exact", "other member order", "another verb"]))
    def send_again(self, which: tuple[int, str], changes: str) -> None:
        """The same statement again changes nothing; another one with its id is refused."""
        whose, number = which
        one = deepcopy(self.kept[whose][number])
        if changes == "other member order":
            one = dict(reversed(one.items()))
        elif changes == "another verb":
            one["verb"] = {"id": "https://verbs.example/never"}
        answer = self.callers[whose].ask("POST", "statements", data=one)

        assert answer.status_code == (409 if changes == "another verb" else 200)

    @rule(target=stored, which=stored)
    def take_back(self, which: tuple[int, str]) -> Any:
        """Voiding hides a statement, unless it takes one back itself."""
        whose, number = which
        voiding = statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": number})
        self.callers[whose].store(voiding)
        self.kept[whose][voiding["id"]] = voiding
        if self.kept[whose][number]["verb"]["id"] != VOIDED:
            self.taken_back[whose].add(number)
        return whose, voiding["id"]

    @rule(whose=tenants, key=st.sampled_from("ab"), content=st.binary(max_size=20) | st.none())
    def keep_state(self, whose: int, key: str, content: bytes | None) -> None:
        """States are written, written over and removed."""
        place = {"activityId": PRICING, "agent": ANNA, "stateId": key}
        headers = {"Content-Type": "application/octet-stream", "If-Match": "*"}
        if content is None:
            self.callers[whose].ask("DELETE", "activities/state", place)
            self.states[whose].pop(key, None)
            return
        if key not in self.states[whose]:
            headers = {"Content-Type": "application/octet-stream", "If-None-Match": "*"}
        answer = self.callers[whose].ask("PUT", "activities/state", place, content=content, headers=headers)
        assert answer.status_code == 204, answer.text
        self.states[whose][key] = content

    # ------------------------------------------------------------ what must always be so

    @rule(which=consumes(stored))
    def ask_for_one(self, which: tuple[int, str]) -> None:
        """A statement is got by its id by its own tenant; what the other gets under it is their own or nothing."""
        _, number = which
        for asking in TENANTS:
            parameter = "voidedStatementId" if number in self.taken_back[asking] else "statementId"
            answer = self.callers[asking].ask("GET", "statements", {parameter: number})
            expected = self.kept[asking].get(number)
            assert (answer.status_code == 200) == (expected is not None)
            if expected is not None:
                told = answer.json()
                assert {name: told[name] for name in expected} == expected

    def teardown(self) -> None:
        """Page after page, each tenant finds what it stored and was not taken back, once."""
        for caller, kept, taken_back in zip(self.callers, self.kept, self.taken_back, strict=True):
            assert sorted(pages(caller, 50)) == sorted(kept.keys() - taken_back)

    @rule(whose=tenants, verb=st.sampled_from([DID, SAW]), thing=st.sampled_from([PRICING, COURSE]))
    def ask_for_some(self, whose: int, verb: str, thing: str) -> None:
        """So it does with filters; a statement that refers to another is found by what that is found by."""
        found = pages(self.callers[whose], 3, verb=verb, activity=thing)
        assert sorted(found) == sorted(
            number
            for number, one in self.kept[whose].items()
            if number not in self.taken_back[whose] and self._fits(whose, one, verb, thing)
        )

    def _fits(self, whose: int, one: Plain, verb: str, thing: str) -> bool:
        verbs, things = set(), set()
        while True:
            verbs.add(one["verb"]["id"])
            if one["object"].get("objectType") != "StatementRef":
                things.add(one["object"]["id"])
                return verb in verbs and thing in things
            one = self.kept[whose][one["object"]["id"]]

    @rule(whose=tenants)
    def ask_for_states(self, whose: int) -> None:
        """States are each tenant's own."""
        place = {"activityId": PRICING, "agent": ANNA}
        listed = self.callers[whose].ask("GET", "activities/state", place).json()
        got = {
            key: self.callers[whose].ask("GET", "activities/state", {**place, "stateId": key}).content for key in listed
        }
        assert got == self.states[whose]


def pages(caller: Caller, limit: int, **wanted: str) -> list[str]:
    """The ids of what is found, so many on a page."""
    page = caller.ask("GET", "statements", {**wanted, "limit": limit}).json()
    found = [one["id"] for one in page["statements"]]
    while page["more"]:
        headers = {"X-Experience-API-Version": str(caller.version)}
        page = caller.client.get(page["more"], headers=headers, auth=(caller.key, caller.password)).json()
        found += [one["id"] for one in page["statements"]]
    return found


def test_no_statement_is_lost_or_doubled_and_no_tenant_sees_another(world: World) -> None:
    """Hypothesis makes up stories of two tenants; in the end, and whenever asked, the LRS has what the story says."""

    class Here(Story):
        pass

    Here.world = world
    run_story(
        Here,
        settings=settings(
            max_examples=8, stateful_step_count=15, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
