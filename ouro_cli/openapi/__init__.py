"""A document in, routes out; no files, no network."""
