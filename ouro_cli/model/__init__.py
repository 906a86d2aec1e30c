"""Nouns: frozen values and the rules they keep."""
