"""An LRS that any host can mount: xAPI 1.0.3 and 2.0 over the statement log."""

from reinforce_adapters.lrs_server.application import app
from reinforce_adapters.lrs_server.settings import LrsSettings

__all__ = ["LrsSettings", "app"]
