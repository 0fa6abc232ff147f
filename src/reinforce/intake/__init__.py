"""Statements of others become practice: out of the log, by the tenant's mappings, each once."""
