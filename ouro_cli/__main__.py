"""`python -m ouro_cli` is `ouro`."""

from ouro_cli.cli.main import main

if __name__ == "__main__":
    main()
