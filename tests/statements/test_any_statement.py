"""What holds for every statement that xAPI allows."""

import json

import attrs
from hypothesis import HealthCheck, given, settings

from reinforce.statements.comparison import differences, is_same
from reinforce.statements.conversion import parse_statement, structure, unstructure
from reinforce.statements.downgrade import to_1_0_3
from reinforce.statements.formats import as_canonical, as_ids, compact, completed
from reinforce.statements.reading import check_statement, read_statement, read_statements
from reinforce.statements.statement import Statement
from reinforce.statements.versions import XapiVersion
from statements.strategies import statements

SET_BY_LRS = {"stored": "2026-04-01T00:00:00.000Z", "authority": {"mbox": "mailto:lrs@example.com"}}

slow_to_draw = settings(suppress_health_check=[HealthCheck.too_slow])


@slow_to_draw
@given(statement=statements)
def test_every_statement_goes_out_and_comes_back(statement: Statement) -> None:
    """By way of plain data and by way of bytes, nothing is lost and nothing added."""
    data = unstructure(statement)

    check_statement(data)
    assert structure(data, Statement) == statement
    assert parse_statement(compact(data)) == statement
    assert compact(json.loads(compact(data))) == compact(data)


@slow_to_draw
@given(statement=statements)
def test_every_statement_is_given_out_in_every_format(statement: Statement) -> None:
    """Exact, ids and canonical are statements again; exact differs in nothing but what the LRS sets."""
    received = read_statement(compact(unstructure(statement)))

    exact = json.loads(completed(received, SET_BY_LRS))
    assert {**received.data, **SET_BY_LRS} == exact
    for given_out in (exact, as_ids(received.data), as_canonical(received.data, lambda _: None)):
        check_statement(given_out)
    assert is_same(exact, received.data)
    assert as_ids(as_ids(received.data)) == as_ids(received.data)


@slow_to_draw
@given(statement=statements)
def test_every_statement_has_a_form_in_1_0_3(statement: Statement) -> None:
    """Down-converted it is valid there, and differs in nothing but roles."""
    data = unstructure(statement)
    older = to_1_0_3(data)

    check_statement(older, XapiVersion.V1)
    assert all(
        "contextAgents" in path or "contextGroups" in path or ".context" in path for path in differences(data, older)
    )


@slow_to_draw
@given(statement=statements)
def test_every_statement_is_the_same_in_a_batch(statement: Statement) -> None:
    """Two in a batch are read as they are read alone, each with its own bytes."""
    first = compact(unstructure(attrs.evolve(statement, id=None)))
    second = json.dumps(json.loads(first), indent=1).encode()

    batch = read_statements(b" [" + first + b",\n" + second + b"]")

    assert [one.exact for one in batch] == [first, second]
    assert is_same(batch[0].data, batch[1].data)
