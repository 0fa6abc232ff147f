"""The resource `statements`: what goes in comes out, and every rule that is broken is named."""

import json
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from adapters.lrs_server.conftest import ANNA, DID, PRICING, SAW, VOIDED, Caller, Plain, World, statement
from reinforce_adapters.lrs_server import call, dispatch

TWO = "2.0.0"
SOME_ID = "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"


def test_what_goes_in_comes_out(lrs: Caller) -> None:
    """A statement that was put is got by its id, with what the LRS sets."""
    one = statement(id=None, result={"extensions": {"https://e.example/x": {"deep": [1.50, None, "ü"]}}})
    number = str(uuid4())
    put = lrs.ask("PUT", "statements", {"statementId": number}, data=one)
    got = lrs.ask("GET", "statements", {"statementId": number})

    assert (put.status_code, put.content) == (204, b"")
    assert got.status_code == 200
    told = got.json()
    assert {name: told[name] for name in one} == one
    assert (told["id"], told["authority"]["name"]) == (number, lrs.key)
    assert told["timestamp"] == told["stored"]
    assert got.headers["Last-Modified"].endswith("GMT")


def test_a_batch_gets_its_ids_in_order(lrs: Caller) -> None:
    """Posting answers with one id for each statement, in their order, made up where there was none."""
    named = statement()
    ids = lrs.store(named, statement(id=None), statement(id=None))

    assert ids[0] == named["id"]
    assert lrs.found(ascending="true") == ids


@pytest.mark.parametrize("bad", [{"actor": None}, {"verb": {"id": "no iri"}}, {"surprise": 1}], ids=str)
def test_a_batch_is_atomic(lrs: Caller, bad: Plain) -> None:
    """Of a batch with one bad statement nothing is stored; the answer names its place, rule and section."""
    answer = lrs.ask("POST", "statements", data=[statement(), statement(**bad), statement()])

    assert answer.status_code == 400
    assert answer.json()["faults"][0]["path"].startswith("$[1]")
    assert "xAPI" in answer.json()["faults"][0]["section"]
    assert lrs.found() == []


def test_the_same_again(lrs: Caller) -> None:
    """A statement may be sent again; another under its id is refused, with all that came along."""
    one = statement()
    lrs.store(one)
    lrs.store({**one, "verb": {"id": DID, "display": {"en": "did"}}}, statement())
    answer = lrs.ask("POST", "statements", data=[statement(), {**one, "verb": {"id": SAW}}])
    put = lrs.ask("PUT", "statements", {"statementId": one["id"]}, data={**one, "verb": {"id": SAW}})

    assert (answer.status_code, put.status_code) == (409, 409)
    assert "$.verb.id" in answer.json()["error"]
    assert len(lrs.found()) == 2


def test_an_id_twice_in_a_batch(lrs: Caller) -> None:
    """Two statements of a batch may not have the same id."""
    one = statement()

    assert lrs.ask("POST", "statements", data=[one, one]).status_code == 400
    assert lrs.found() == []


@pytest.mark.parametrize(
    ("method", "parameters", "rule"),
    [
        ("GET", {"Verb": DID}, "no parameter 'Verb'"),
        ("GET", {"verb": "did"}, "verb must be an IRI"),
        ("GET", {"activity": "no iri"}, "activity must be an IRI"),
        ("GET", {"agent": {"name": "nobody"}}, "must have one of mbox"),
        ("GET", {"agent": "{"}, "no JSON"),
        ("GET", {"agent": {"objectType": "Group", "member": []}}, "identified Group"),
        ("GET", {"registration": "1"}, "must be a UUID"),
        ("GET", {"since": "yesterday"}, "since: a moment"),
        ("GET", {"until": "2026-13-01T00:00:00Z"}, "until: there is no such moment"),
        ("GET", {"limit": "-1"}, "limit must be a whole number"),
        ("GET", {"limit": "٣"}, "limit must be a whole number"),
        ("GET", {"ascending": "yes"}, "ascending must be true or false"),
        ("GET", {"related_agents": "1"}, "related_agents must be true or false"),
        ("GET", {"attachments": "TRUE"}, "attachments must be true or false"),
        ("GET", {"format": "xml"}, "format must be one of"),
        ("GET", {"statementId": "1"}, "statementId must be a UUID"),
        ("GET", {"statementId": SOME_ID, "limit": "1"}, "may not come with limit"),
        ("GET", {"statementId": SOME_ID, "voidedStatementId": SOME_ID}, "may not come with"),
        ("GET", {"more": "nonsense"}, "more must be followed as it was given"),
        ("PUT", {}, "statementId is missing"),
        ("PUT", {"statementId": "1"}, "statementId must be a UUID"),
        ("PUT", {"statementId": SOME_ID, "more": "1"}, "no parameter 'more'"),
        ("POST", {"statementId": SOME_ID}, "no parameter 'statementId'"),
    ],
    ids=str,
)
def test_bad_parameters(lrs: Caller, method: str, parameters: Plain, rule: str) -> None:
    """A parameter that is unknown, mis-cased or makes no sense is refused, and the answer names the rule."""
    answer = lrs.ask(method, "statements", parameters, data=None if method == "GET" else statement())

    assert answer.status_code == 400
    assert rule in answer.json()["error"]
    assert answer.headers["X-Experience-API-Version"] == lrs.version


@pytest.mark.parametrize(
    ("content", "kind", "rule"),
    [
        (b"", "application/json", "no JSON"),
        (b"[]x", "application/json", "more after the JSON"),
        (b"\xff", "application/json", "UTF-8"),
        (b'{"a":1,"a":2}', "application/json", "twice"),
        (b"1", "application/json", "must be an object"),
        (b"[" * 5000 + b"]" * 5000, "application/json", "deep"),
        (b'{"x":1e999}', "application/json", "too large"),
        (b"{}", "text/plain", "application/json or multipart/mixed"),
        (b"{}", "application/x-www-form-urlencoded", "application/json or multipart/mixed"),
        (b"{}", "multipart/mixed", "name its boundary"),
    ],
    ids=str,
)
def test_bad_content(lrs: Caller, content: bytes, kind: str, rule: str) -> None:
    """Content that is no statement is refused, and the answer names the rule."""
    answer = lrs.ask("POST", "statements", content=content, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert rule in answer.json()["error"]


def test_put_takes_one_statement_with_its_own_id(lrs: Caller) -> None:
    """PUT refuses arrays, and a statement with another id than the parameter's."""
    parameters = {"statementId": str(uuid4())}

    for data in ([statement(id=None)], statement()):
        assert lrs.ask("PUT", "statements", parameters, data=data).status_code == 400
    assert lrs.found() == []


# ---------------------------------------------------------------- asking


def test_filters_are_passed_on(lrs: Caller) -> None:
    """Each parameter of a query chooses what it says."""
    registration = str(uuid4())
    plain = statement()
    other = statement(
        actor={"mbox": "mailto:ben@example.com"},
        verb={"id": SAW},
        context={
            "registration": registration,
            "instructor": ANNA,
            "contextActivities": {"grouping": [{"id": "https://skills.example/course"}]},
        },
        object={"id": "https://skills.example/other"},
    )
    first, second = lrs.store(plain)[0], lrs.store(other)[0]
    stored = {
        number: lrs.ask("GET", "statements", {"statementId": number}).json()["stored"] for number in (first, second)
    }

    assert lrs.found(agent=ANNA) == [first]
    assert lrs.found(agent=ANNA, related_agents="true") == [second, first]
    assert lrs.found(agent={"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}) == []
    assert lrs.found(verb=SAW) == [second]
    assert lrs.found(activity=PRICING) == [first]
    assert lrs.found(activity="https://skills.example/course") == []
    assert lrs.found(activity="https://skills.example/course", related_activities="true") == [second]
    assert lrs.found(registration=registration) == [second]
    assert lrs.found(since=stored[first]) == [second]
    assert lrs.found(until=stored[first]) == [first]
    assert lrs.found(ascending="true", limit="1") == [first]


def test_the_authority_is_a_related_agent(lrs: Caller) -> None:
    """A broad search for an agent finds what that agent vouches for."""
    one = lrs.store(statement())
    authority = lrs.ask("GET", "statements", {"statementId": one[0]}).json()["authority"]

    assert lrs.found(agent=authority) == []
    assert lrs.found(agent=authority, related_agents="true") == one


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_more(lrs: Caller, ascending: str) -> None:
    """`more` leads from page to page, relative to the host, whatever is stored meanwhile."""
    ids = lrs.store(*(statement() for _ in range(7)))
    answer = lrs.ask("GET", "statements", {"verb": DID, "limit": "3", "ascending": ascending})
    found: list[str] = []
    while True:
        page = answer.json()
        found += [one["id"] for one in page["statements"]]
        if not page["more"]:
            break
        lrs.store(statement(verb={"id": SAW}))
        assert page["more"].startswith("/xapi/statements?")
        answer = lrs.client.get(
            page["more"], auth=(lrs.key, lrs.password), headers={"X-Experience-API-Version": str(lrs.version)}
        )

    assert found == (ids if ascending == "true" else ids[::-1])


def test_formats(lrs: Caller) -> None:
    """Of the formats, ids holds the least, canonical one language, exact what came."""
    definition = {"name": {"de": "Preis", "en": "Price"}, "type": "https://types.example/t"}
    one = statement(actor={**ANNA, "name": "Anna"}, object={"id": PRICING, "definition": definition})
    lrs.store(one)

    def shown(form: str) -> Plain:
        answer = lrs.ask("GET", "statements", {"format": form}, headers={"Accept-Language": "en;q=0.5, de"})
        found: Plain = answer.json()["statements"][0]
        return found

    assert shown("exact")["object"] == one["object"]
    assert (shown("ids")["object"], shown("ids")["actor"]) == ({"id": PRICING}, ANNA)
    assert shown("canonical")["object"]["definition"]["name"] == {"de": "Preis"}


def test_voiding(lrs: Caller) -> None:
    """A voided statement is got by voidedStatementId alone; unknown ids may be voided."""
    target = lrs.store(statement())[0]
    voiding = lrs.store(statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": target}))
    lrs.store(statement(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": str(uuid4())}))

    assert lrs.ask("GET", "statements", {"statementId": target}).status_code == 404
    assert lrs.ask("GET", "statements", {"voidedStatementId": target}).json()["id"] == target
    assert lrs.ask("GET", "statements", {"voidedStatementId": voiding[0]}).status_code == 404
    assert target not in lrs.found(agent=ANNA)


@pytest.mark.parametrize("parameters", [{}, {"limit": "1"}, {"statementId": SOME_ID}], ids=str)
def test_head_is_get_without_content(lrs: Caller, parameters: Plain) -> None:
    """HEAD answers with GET's status and headers, and no content."""
    lrs.store(statement())
    got, head = (lrs.ask(method, "statements", parameters) for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_consistent_through(lrs: Caller) -> None:
    """Every answer of the resource says up to when the log is complete, which is after what it has acknowledged."""
    number = lrs.store(statement())[0]
    answers = [
        lrs.ask("POST", "statements", data=statement()),
        lrs.ask("GET", "statements"),
        lrs.ask("GET", "statements", {"statementId": number}),
        lrs.ask("GET", "statements", {"statementId": str(uuid4())}),
    ]

    for answer in answers:
        assert answer.headers["X-Experience-API-Consistent-Through"].endswith("Z")
    assert answers[2].json()["stored"] <= answers[2].headers["X-Experience-API-Consistent-Through"]


def test_the_moment_is_asked_before_the_statements(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored up to the moment that an answer names is in the answer, also if it came while it was made; so
    whoever goes on with `since` that moment misses nothing.
    """
    caller = world.caller()
    for name in ("consistent_through", "watermark"):
        asked = getattr(call, name)
        meanwhile = [statement()]

        def stored_first(*given: Any, asked: Any = asked, meanwhile: list[Plain] = meanwhile) -> Any:
            if meanwhile:
                caller.store(meanwhile.pop())
            return asked(*given)

        for module in (call, dispatch):
            monkeypatch.setattr(module, name, stored_first, raising=False)

    answer = caller.ask("GET", "statements")
    stored = [one["stored"] for one in caller.ask("GET", "statements").json()["statements"]]

    assert stored
    told = [one["stored"] for one in answer.json()["statements"]]
    assert [one for one in stored if one <= answer.headers["X-Experience-API-Consistent-Through"]] == told


# ---------------------------------------------------------------- versions


@pytest.mark.parametrize(("asked", "told"), [("1.0", "1.0.3"), ("1.0.1", "1.0.3"), ("2.0", TWO), ("2.0.3", TWO)])
def test_versions_that_are_spoken(world: World, asked: str, told: str) -> None:
    """1.0.x is answered in 1.0.3, 2.0.x in 2.0.0."""
    answer = evolve(world.caller(), version=asked).ask("GET", "statements")

    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (200, told)


@pytest.mark.parametrize("asked", [None, "", "0.95", "1.1.0", "3.0.0", "latest", "1.0.3 "[:3] + "x"])
def test_versions_that_are_not(world: World, asked: str | None) -> None:
    """Without a version, or with another one, a request is refused; the refusal has a version itself."""
    caller = evolve(world.caller(), version=asked)
    answer = caller.ask("GET", "statements")

    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (400, "1.0.3")
    assert "ersion" in answer.json()["error"]
    assert caller.ask("GET", "about").status_code == 200


def test_what_only_2_0_knows(world: World) -> None:
    """The contextAgents of a statement are refused in 1.0.3, taken in 2.0, and left out for those who ask in 1.0.3."""
    newer = world.caller()
    older = evolve(newer, version="1.0.3")
    role = {"objectType": "contextAgent", "agent": ANNA, "relevantTypes": ["https://roles.example/coach"]}
    one = statement(context={"platform": "crm", "contextAgents": [role]})

    assert older.ask("POST", "statements", data=one).status_code == 400
    number = newer.store(one)[0]
    for form in ("exact", "ids", "canonical"):
        told = older.ask("GET", "statements", {"statementId": number, "format": form})
        assert told.json()["context"] == {"platform": "crm"}
    assert newer.ask("GET", "statements", {"statementId": number}).json()["context"] == one["context"]


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_the_alternate_request_syntax(world: World) -> None:
    """In 1.0.3 a form may stand for any request, headers and content among its fields; 2.0 has no such thing."""
    older = world.caller(version="1.0.3")
    number = str(uuid4())
    fields = {"statementId": number, "content": json.dumps(statement(id=None)), "Content-Type": "application/json"}

    def send(method: str, form: Plain, version: str = "1.0.3", **query: str) -> Any:
        encoded = str(older.client.build_request("POST", "http://x/", data=form).read().decode()).encode()
        return evolve(older, version=version).ask(
            "POST", "statements", {"method": method, **query}, content=encoded, headers=FORM
        )

    assert send("PUT", fields).status_code == 204
    assert send("GET", {"statementId": number}).json()["id"] == number
    assert send("GET", {"limit": "1"}).json()["statements"][0]["id"] == number
    for refused in (
        send("PUT", {**fields, "X-Experience-API-Version": "0.8"}),
        send("PUT", {"statementId": number}),
        send("GET", {"statementId": number}, limit="1"),
        send("PATCH", {}),
        send("GET", {"statementId": number}, version=TWO),
        older.ask("POST", "statements", {"method": "GET"}, content=b"", headers={"Content-Type": "text/plain"}),
        older.ask("PUT", "statements", {"method": "POST"}, content=b"", headers=FORM),
    ):
        assert refused.status_code == 400
        assert refused.json()["error"]
