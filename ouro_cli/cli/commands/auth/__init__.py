"""`ouro auth ...`: one file per verb."""
