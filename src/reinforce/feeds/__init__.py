"""Feeds: from the statement log to a destination, each at its own place in the log."""
