"""Adapters to what reinforce speaks with."""
