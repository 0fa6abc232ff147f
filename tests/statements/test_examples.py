"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import reinforce.statements

MODULES = [f"reinforce.statements.{found.name}" for found in pkgutil.iter_modules(reinforce.statements.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    """What a docstring shows is what happens."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
