"""The adapter that delivers to any Learning Record Store over xAPI 1.0.3 and 2.0."""

from reinforce_adapters.lrs.client import LRS
from reinforce_adapters.lrs.settings import LrsSettings

__all__ = ["LRS", "LrsSettings", "make"]

make = LRS.from_settings
"""What the entry point `lrs` names."""
