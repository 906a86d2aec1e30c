"""Workflow files of the Arazzo specification: read, checked, and what is written in them."""
