"""`ouro service ...`: one file per verb."""
