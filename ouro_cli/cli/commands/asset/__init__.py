"""`ouro asset ...`: one file per verb."""
