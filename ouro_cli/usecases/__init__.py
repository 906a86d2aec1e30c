"""One file per thing the program can do."""
