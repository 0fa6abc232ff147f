"""Adapters are found by their entry points, ours like anybody's."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from reinforce.delivery.installed import GROUP, installed_adapters, make_adapter
from reinforce.delivery.secrets import with_secrets
from reinforce.errors import AdapterNotFound, InvalidSettings
from reinforce_adapters.jsonl import JsonLines
from reinforce_adapters.lrs import LRS

OURS = [
    EntryPoint("jsonl", "reinforce_adapters.jsonl:make", GROUP),
    EntryPoint("lrs", "reinforce_adapters.lrs:make", GROUP),
]
BROKEN = [
    EntryPoint("gone", "no_such_package_anywhere:make", GROUP),
    EntryPoint("misspelt", "reinforce_adapters.jsonl:mkae", GROUP),
    EntryPoint("odd", "reinforce_adapters.jsonl:CHUNK", GROUP),
]


@pytest.fixture
def falls_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EntryPoint:
    """An adapter whose module fails in a way of its own."""
    (tmp_path / "falls_over_on_import.py").write_text("raise RuntimeError('needs libpigeon 3')\n", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return EntryPoint("pigeons", "falls_over_on_import:make", GROUP)


def test_ours_are_installed() -> None:
    """The distribution says by entry points that it has the adapters `jsonl` and `lrs`, and both load."""
    found = {adapter.name: adapter for adapter in installed_adapters()}

    for name in ("jsonl", "lrs"):
        assert (found[name].distribution, found[name].problem) == ("reinforce-engine", None)


def test_an_adapter_that_does_not_load_is_told_and_harms_nobody(falls_over: EntryPoint) -> None:
    """Each one that cannot be used is listed with its reason, beside those that can."""
    found = {adapter.name: adapter for adapter in installed_adapters([*OURS, *BROKEN, falls_over])}

    assert sorted(found) == ["gone", "jsonl", "lrs", "misspelt", "odd", "pigeons"]
    assert found["jsonl"].factory is not None
    assert "needs libpigeon 3" in str(found["pigeons"].problem)
    assert "no_such_package_anywhere" in str(found["gone"].problem)
    assert "mkae" in str(found["misspelt"].problem)
    assert "nothing that can be called" in str(found["odd"].problem)


def test_an_adapter_is_made_from_plain_settings(tmp_path: Path) -> None:
    """The name and plain data make an adapter, and a broken neighbour is not even loaded."""
    file = make_adapter("jsonl", {"path": str(tmp_path / "out.jsonl")}, found=[*BROKEN, *OURS])
    lrs = make_adapter("lrs", {"endpoint": "https://lrs.example/xapi"}, found=[*BROKEN, *OURS])

    assert isinstance(file, JsonLines)
    assert isinstance(lrs, LRS)


def test_a_missing_adapter_says_which_there_are(falls_over: EntryPoint) -> None:
    """An unknown name is answered with the known ones, an unusable one with its reason."""
    with pytest.raises(AdapterNotFound, match="no adapter 'lsr'; installed are: jsonl, lrs"):
        make_adapter("lsr", {}, found=OURS)
    with pytest.raises(AdapterNotFound, match="needs libpigeon 3"):
        make_adapter("pigeons", {}, found=[falls_over])


def test_two_of_one_name_are_not_guessed_between() -> None:
    """When two distributions offer the same name, neither is used silently."""
    twins = [EntryPoint("lrs", "reinforce_adapters.jsonl:make", GROUP), *OURS]

    with pytest.raises(AdapterNotFound, match="of the same name"):
        make_adapter("lrs", {}, found=twins)


def test_secrets_come_from_the_environment() -> None:
    """A secret may stand outside of the settings; one that is missing is named and never guessed."""
    settings = {"username": "crm", "password": {"env": "LMS_PASSWORD"}, "batch_size": 5}

    assert with_secrets(settings, {"LMS_PASSWORD": "s3cret"}) == {**settings, "password": "s3cret"}
    with pytest.raises(InvalidSettings, match="password is to be read from the environment variable 'LMS_PASSWORD'"):
        with_secrets(settings, {})
