"""Nouns as JSON-ready dicts: the one public shape, for `--json` and every other door."""
