"""The errors are one tree, drawn where they are defined."""

import inspect
import re

import pytest

from reinforce import errors
from reinforce.errors import MissingExtra, ReinforceError

CLASSES = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, ReinforceError)]
OURS = {cls.__name__ for cls in CLASSES}
BUILT_INS = (ImportError, LookupError, RuntimeError, ValueError)
every_error = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def drawn() -> dict[str, tuple[str, str | None]]:
    """Each error of the drawing, with the one that it hangs from and the built-in beside it."""
    found: dict[str, tuple[str, str | None]] = {}
    line_above = {0: "Exception"}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ([│├└─ ]*)(\w+)(?: \((\w+)\))?(?:\s{2,}.*)?$", line)
        if match:
            depth = len(match[1]) // 4
            found[match[2]] = (line_above[depth], match[3])
            line_above[depth + 1] = match[2]
    return found


@every_error
def test_every_error_is_in_the_drawing(cls: type[ReinforceError]) -> None:
    """The tree in the docstring shows each error below the one that it derives from."""
    parent, built_in = drawn()[cls.__name__]

    assert parent == cls.__bases__[0].__name__
    assert built_in in (None, *(base.__name__ for base in cls.__bases__))


def test_nothing_else_is_in_the_drawing() -> None:
    """The tree shows no error that there is not."""
    assert set(drawn()) == OURS


@every_error
def test_every_error_is_a_built_in_too(cls: type[ReinforceError]) -> None:
    """Who catches ValueError, LookupError, RuntimeError or ImportError catches the errors that resemble them."""
    assert cls is ReinforceError or issubclass(cls, BUILT_INS)


@every_error
def test_an_error_explains_itself(cls: type[ReinforceError]) -> None:
    """An error raised without a message says what its class means, in one sentence."""
    assert str(cls()) == inspect.cleandoc(cls.__doc__ or "").splitlines()[0]
    assert str(cls("the pricing skill is missing")) == "the pricing skill is missing"


def test_a_missing_extra_says_how_to_mend_it() -> None:
    """The message holds the pip line that installs what is missing."""
    error = MissingExtra.named("yaml", "team.yaml")

    assert str(error) == "team.yaml needs the extra 'yaml': pip install 'reinforce-engine[yaml]'"
