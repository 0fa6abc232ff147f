"""People under other names: only their names change, wherever a statement names them."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reinforce.statements.conversion import unstructure
from reinforce.statements.formats import compact
from reinforce.statements.renaming import renamed
from reinforce.statements.statement import Statement
from statements.strategies import statements

SOMEBODY = {"objectType": "Agent", "mbox": "mailto:somebody@example.com"}
NOBODY = {"objectType": "Agent", "openid": "https://nobody.example/"}
INDENTS = st.sampled_from([None, 1, "\t"])


def replaced(value: Any, seen: list[Any]) -> Any:
    """The plain data with everybody replaced, by a walk of its own: an Agent stands under one of few names."""
    new = dict(value)
    for name in ("actor", "authority", "instructor", "team", "agent", "group"):
        if name in new:
            new[name] = _person(new[name], seen)
    if "object" in new:
        kind = new["object"].get("objectType")
        if kind in ("Agent", "Group"):
            new["object"] = _person(new["object"], seen)
        elif kind == "SubStatement":
            new["object"] = replaced(new["object"], seen)
    if "context" in new:
        new["context"] = replaced(new["context"], seen)
    for name in ("contextAgents", "contextGroups"):
        if name in new:
            new[name] = [replaced(one, seen) for one in new[name]]
    return new


def _person(actor: dict[str, Any], seen: list[Any]) -> dict[str, Any]:
    if actor.get("objectType") != "Group":
        seen.append(actor)
        return SOMEBODY
    if "member" not in actor:
        return actor
    return {**actor, "member": [_person(one, seen) for one in actor["member"]]}


@given(statement=statements, indent=INDENTS)
def test_everybody_is_named_anew(statement: Statement, indent: Any) -> None:
    """Every Agent of any statement is given to the policy, and what it gives stands in its place, and nothing else."""
    data = unstructure(statement)
    exact = json.dumps(data, indent=indent, ensure_ascii=indent is None).encode()
    wanted: list[Any] = []
    asked: list[Any] = []
    expected = replaced(data, wanted)

    def rename(actor: Any) -> bytes:
        asked.append(actor)
        return compact(SOMEBODY)

    assert json.loads(renamed(exact, rename)) == expected
    assert sorted(map(json.dumps, asked)) == sorted(map(json.dumps, wanted))


@given(statement=statements, indent=INDENTS)
def test_every_other_byte_stays(statement: Statement, indent: Any) -> None:
    """Where nobody is named anew the bytes are the same; named there and back again, only blanks in names differ."""
    data = unstructure(statement)
    exact = json.dumps(data, indent=indent, ensure_ascii=False).encode()
    pieces: list[bytes] = []

    def keep(actor: Any) -> bytes:
        text = json.dumps(actor, indent=indent, ensure_ascii=False).encode()
        pieces.append(text)
        return compact(NOBODY)

    assert renamed(exact, lambda _: None) == exact
    left = renamed(exact, keep).split(compact(NOBODY))
    assert len(left) == len(pieces) + 1
    position = 0
    for part in left:
        position = exact.index(part, position) + len(part)
