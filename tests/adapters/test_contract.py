"""Our adapters pass the contract that a third party's must pass, and the contract can fail."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.faulty_lrs import FaultyLrs, Kind, running
from reinforce.delivery.adapter import Adapter
from reinforce.delivery.outgoing import Delivered, Outcome, Outgoing
from reinforce.testing import AdapterContract
from reinforce_adapters.jsonl import JsonLines
from reinforce_adapters.lrs import LRS, LrsSettings


class LrsContract(AdapterContract):
    """An LRS of one kind as a destination."""

    kind: Kind

    @pytest.fixture(autouse=True)
    def destination(self) -> Iterator[None]:
        """A running LRS."""
        self.made: list[LRS] = []
        with running(FaultyLrs(self.kind)) as self.lrs:
            yield
            for one in self.made:
                one.close()

    def make_adapter(self) -> Adapter:
        """A client of it."""
        self.made.append(LRS(LrsSettings(endpoint=self.lrs.endpoint)))
        return self.made[-1]

    def arrived(self) -> list[dict[str, Any]]:
        """What it stores."""
        return list(self.lrs.stored.values())


class TestXapiLrs(LrsContract):
    """An LRS that takes again what it has."""

    kind = Kind.XAPI_LRS


class TestAdlLrs(LrsContract):
    """An LRS that refuses what it has."""

    kind = Kind.ADL_LRS


class TestRalph(LrsContract):
    """An LRS that passes over what it has."""

    kind = Kind.RALPH


class TestJsonLines(AdapterContract):
    """A file as a destination."""

    @pytest.fixture(autouse=True)
    def destination(self, tmp_path: Path) -> Iterator[None]:
        """A folder for the file."""
        self.path = tmp_path / "statements.jsonl"
        self.made: list[JsonLines] = []
        yield
        for one in self.made:
            one.close()

    def make_adapter(self) -> Adapter:
        """An adapter that appends to the file; whoever wrote before is closed, as only one may write."""
        for one in self.made:
            one.close()
        self.made.append(JsonLines(self.path))
        return self.made[-1]

    def arrived(self) -> list[dict[str, Any]]:
        """What its lines say."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]


class Forgetful:
    """An adapter as it is first written: it does not know what it sent before."""

    def __init__(self, letters: list[bytes]) -> None:
        self.letters = letters

    def send(self, batch: Sequence[Outgoing]) -> Iterable[Outcome]:
        """Append everything."""
        self.letters += [one.body for one in batch]
        return [Delivered(one.id) for one in batch]


class ForgetfulContract(AdapterContract):
    """The contract, applied to it."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    def make_adapter(self) -> Adapter:
        """A forgetful adapter."""
        return Forgetful(self.letters)

    def arrived(self) -> list[dict[str, Any]]:
        """Its letters."""
        return [json.loads(letter) for letter in self.letters]


def test_the_contract_finds_what_arrives_twice() -> None:
    """An adapter that sends again what had arrived fails the contract, and is told how."""
    ForgetfulContract().test_a_batch_arrives_whole_and_in_order()

    with pytest.raises(AssertionError, match="the ids that arrived should be"):
        ForgetfulContract().test_what_was_sent_may_be_sent_again()
    with pytest.raises(AssertionError, match="the ids that arrived should be"):
        ForgetfulContract().test_another_process_goes_on()
