"""The terminal door: parse, call a use case, show what it returned."""
