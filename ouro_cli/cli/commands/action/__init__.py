"""`ouro action ...`: one file per verb."""
