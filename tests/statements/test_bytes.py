"""Whatever bytes come, they are statements or an InvalidStatement; never anything else, and soon."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reinforce.errors import InvalidStatement
from reinforce.statements.conversion import parse_statement
from reinforce.statements.json_bytes import DEEPEST, parse_json
from reinforce.statements.reading import check_statement, read_statement, read_statements
from reinforce.statements.versions import XapiVersion
from statements.examples import FULL, IN_ROLES, PLANNED, SMALL, Plain, as_bytes, changed, json_values, places

TEXT = as_bytes(SMALL).decode()
EXTENSION = TEXT[:-1] + ', "result": {"extensions": {"http://a.example/x": %s}}}'

BROKEN = {
    "nothing": b"",
    "blanks": b"  \n",
    "no JSON": b"statement",
    "half of a statement": TEXT[:-1].encode(),
    "more after it": f"{TEXT} x".encode(),
    "two in a row": f"{TEXT}{TEXT}".encode(),
    "a name twice": b'{"actor": 1, "actor": 2}',
    "a name twice deep inside": (EXTENSION % '{"a": 1, "a": 1}').encode(),
    "NaN": (EXTENSION % "NaN").encode(),
    "Infinity": (EXTENSION % "-Infinity").encode(),
    "a number beyond all doubles": (EXTENSION % "1e999").encode(),
    "a whole number beyond all doubles": (EXTENSION % ("9" * 320)).encode(),
    "a number of a million digits": (EXTENSION % ("9" * 1_000_000)).encode(),
    "bytes that are no UTF-8": TEXT.replace("ada", "\xe9").encode("latin-1"),
    "UTF-16": TEXT.encode("utf-16"),
    "a byte order mark": TEXT.encode("utf-8-sig"),
    "half of a surrogate pair": (EXTENSION % r'"\ud83d"').encode(),
    "half of a surrogate pair as a name": (EXTENSION % r'{"\uDE00": 1}').encode(),
    "surrogates in UTF-8": (EXTENSION % '"\ud83d"').encode("utf-8", "surrogatepass"),
    "an unescaped control character": (EXTENSION % '"\x01"').encode(),
    "arrays without end": b"[" * 1_000_000,
    "objects without end": b'{"a":' * 1_000_000,
    "too deep": (EXTENSION % ("[" * 70 + "]" * 70)).encode(),
    "an array of arrays": f"[[{TEXT}]]".encode(),
    "a comma too many": f"[{TEXT},]".encode(),
    "a comma too few": f"[{TEXT} {TEXT}]".encode(),
    "an array that is not closed": f"[{TEXT}".encode(),
    "more after the array": f"[{TEXT}] x".encode(),
    "more after the empty array": b"[] x",
    "a number": b"1",
    "null": b"null",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_broken_bytes_are_refused_soon(data: bytes) -> None:
    """What could be read in two ways, or never ends, is refused in words and within a second."""
    started = time.monotonic()

    with pytest.raises(InvalidStatement) as caught:
        read_statements(data)

    assert time.monotonic() - started < 1
    assert caught.value.faults[0].rule
    assert len(str(caught.value)) < 10_000


def test_emoji_and_their_surrogate_pairs_are_text() -> None:
    """A whole surrogate pair, escaped, is one character."""
    received = read_statement((EXTENSION % r'"\ud83d\ude00"').encode())

    assert received.data["result"]["extensions"]["http://a.example/x"] == "😀"


def test_depth_is_counted_outside_of_texts() -> None:
    """Brackets in texts are no nesting; nesting up to the bound is fine."""
    read_statement((EXTENSION % json.dumps("[{" * 100)).encode())
    read_statement((EXTENSION % ("[" * (DEEPEST - 3) + "]" * (DEEPEST - 3))).encode())


def test_precision_is_kept() -> None:
    """Numbers keep at least the precision of a double."""
    received = read_statement((EXTENSION % "0.1234567890123456").encode())

    assert received.data["result"]["extensions"]["http://a.example/x"] == 0.1234567890123456


def test_the_exact_text_of_each_statement_is_kept() -> None:
    """In a batch each statement keeps its own bytes: blanks, order, escapes and digits."""
    first = ' {"verb" :{"id":"http://example.com/verbs/d\\u0069d"},\n"actor":' + json.dumps(SMALL["actor"])
    first += ',"object":' + json.dumps(SMALL["object"]) + ',"result":{"score":{"raw":1.50e0}}}'

    batch = read_statements(f"\n[{first} ,\t{TEXT}\n]\n".encode())

    assert [one.exact for one in batch] == [first.strip().encode(), TEXT.encode()]
    assert [one.data for one in batch] == [json.loads(first), SMALL]
    assert read_statement(f" {TEXT}\n".encode()).exact == TEXT.encode()
    assert read_statements(b" [ ] ") == ()


def test_an_id_twice_in_a_batch_is_refused() -> None:
    """The same id in other case is the same id; the fault names the second statement."""
    batch = [SMALL, {**SMALL, "id": FULL["id"]}, {**SMALL, "id": FULL["id"].upper()}]

    with pytest.raises(InvalidStatement) as caught:
        read_statements(as_bytes(batch))

    assert caught.value.faults[0].path == "$[2].id"


def test_a_fault_in_a_batch_names_its_statement() -> None:
    """Who sent a hundred statements learns which one is wrong."""
    with pytest.raises(InvalidStatement, match=r"\$\[1\]\.verb\.id"):
        read_statements(as_bytes([SMALL, changed(SMALL, "verb", "id", "x")]))


def assert_refused_or_taken(attempt: Callable[[], object]) -> bool:
    """Whether the attempt was refused; if so, with at least one fault, and with nothing but InvalidStatement."""
    try:
        attempt()
    except InvalidStatement as error:
        return len(error.faults) > 0
    return False


@given(data=st.binary(max_size=60) | json_values.map(as_bytes))
@example(b"\xef\xbb\xbf{}")
def test_arbitrary_bytes_are_refused_or_taken(data: bytes) -> None:
    """Nothing but InvalidStatement is raised, whatever the bytes."""
    for version in XapiVersion:
        assert_refused_or_taken(lambda: read_statements(data, version))  # noqa: B023 -- called at once


@given(data=st.data())
def test_a_good_statement_with_anything_in_it_is_refused_or_taken(data: st.DataObject) -> None:
    """Nothing but InvalidStatement is raised, whatever stands in any place of a statement.

    What is taken can be made into values.
    """
    statement = data.draw(st.sampled_from([FULL, PLANNED, IN_ROLES]))
    path = data.draw(st.sampled_from(places(statement)))
    broken = changed(statement, *path, data.draw(json_values))

    for version in XapiVersion:
        read = assert_refused_or_taken(lambda: read_statement(as_bytes(broken), version))  # noqa: B023 -- at once
        made = assert_refused_or_taken(lambda: parse_statement(broken, version))  # noqa: B023 -- called at once

        assert read == made


odd_values = (
    st.floats() | st.just(10**400) | st.just({1: 2}) | st.just((1,)) | st.just("\ud800") | st.binary(max_size=3)
)


@given(value=st.recursive(odd_values | json_values, lambda inner: st.lists(inner, max_size=2), max_leaves=4))
def test_plain_data_is_looked_at_too(value: Any) -> None:
    """Data that no JSON could hold is refused as bytes would be, wherever it stands."""
    extended: Plain = {**SMALL, "result": {"extensions": {"http://a.example/x": value}}}
    for given_data in (value, extended):
        assert_refused_or_taken(lambda: parse_statement(given_data))  # noqa: B023 -- called at once


def test_a_number_too_large_to_be_shown_is_refused_in_words() -> None:
    """A number of five thousand digits, where a small one should stand, is no trouble to speak of."""
    with pytest.raises(InvalidStatement, match="so large a number"):
        check_statement({**SMALL, "result": {"score": {"scaled": 10**5000}}})


def test_a_long_text_beside_much_nesting_costs_no_memory() -> None:
    """Counting the depth looks into no text."""
    received = read_statement((EXTENSION % json.dumps([[]] * 100 + ["\\" * 1_000_000 + '"' * 10])).encode())

    assert len(received.exact) > 2_000_000


def test_data_that_holds_itself_is_refused() -> None:
    """A circle has no end, and is refused all the same."""
    circle: Plain = {**SMALL}
    circle["result"] = {"extensions": {"http://a.example/x": circle}}

    with pytest.raises(InvalidStatement, match="nested"):
        parse_statement(circle)


@given(value=json_values)
def test_what_is_no_statement_is_parsed_like_json(value: Any) -> None:
    """Apart from what is refused, JSON means what Python's own reader says it means."""
    assert parse_json(as_bytes(value)) == value
