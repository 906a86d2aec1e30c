"""`ouro route ...`: one file per verb."""
