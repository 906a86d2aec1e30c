"""A secret as its owner gives it: a variable, a file, stdin, or a prompt that does not echo."""

import getpass
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.cli import output
from ouro_cli.errors import CredentialRefused, RefusedAsUnsafe, UsageFault

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LARGEST = 2**20


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where the secret is; all empty where it has to be asked for."""

    variable: str | None = None
    path: str | None = None
    is_stdin: bool = False

    @property
    def is_given(self) -> bool:
        """Whether somebody said where."""
        return self.variable is not None or self.path is not None or self.is_stdin

    def check(self) -> None:
        """Raise UsageFault unless at most one source is given, and can be one."""
        if sum((self.variable is not None, self.path is not None, self.is_stdin)) > 1:
            raise UsageFault(why="choose one of --from-env, --from-file and --from-stdin")
        if self.variable is not None and not _VARIABLE.fullmatch(self.variable):
            # It is not repeated: it may be the secret itself.
            raise RefusedAsUnsafe(
                why="what follows --from-env is no name of a variable",
                hint="Give the variable's name, as in --from-env TOKEN. If that was the secret"
                " itself, replace it: others can see what stands on a command line.",
            )

    def read(self, prompt: str) -> str:
        """The secret, without blanks and line ends around it."""
        if self.path is not None:
            text = _read_file(self.path)
        elif self.is_stdin:
            text = sys.stdin.read(_LARGEST)
        elif sys.stdin.isatty() and sys.stdout.isatty():
            text = getpass.getpass(f"{prompt} (not shown): ")
        else:
            raise UsageFault(
                why="there is no terminal to ask for the secret",
                hint="Use --from-env NAME, --from-file PATH or --from-stdin.",
            )
        trimmed = text.strip().lstrip("\ufeff").strip()
        if not trimmed:
            raise CredentialRefused(why="the secret is empty")
        if _CONTROL.search(trimmed):
            raise CredentialRefused(why="the secret is more than one line, or holds a control")
        if trimmed != text.removeprefix("\ufeff").rstrip("\r\n"):
            output.story("Note: blanks around the secret were left out.")
        return trimmed


def refuse_secret_in_argv() -> None:
    """Say that a secret has been seen by others already, and repeat nothing of it."""
    raise RefusedAsUnsafe(
        why="secrets on the command line are visible to others",
        hint="Use --from-stdin, --from-env NAME or --from-file PATH, and replace this one.",
    )


def _read_file(name: str) -> str:
    try:
        with Path(name).expanduser().open(encoding="utf-8-sig") as file:
            return file.read(_LARGEST)
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or "it is not UTF-8"
        raise CredentialRefused(why=f"cannot read {name}: {why.lower()}") from None
