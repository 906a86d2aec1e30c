"""What a person gives a run on the command line: words, files, standard input."""

import mimetypes
import stat
import sys
from pathlib import Path

from ouro_cli.cli import output
from ouro_cli.errors import UsageFault
from ouro_cli.wire.inputs import Arguments, RawBody, WordFault, read_arguments
from ouro_cli.wire.uploads import Upload

_LARGEST_TEXT = 64 * 2**20


def given_arguments(
    words: list[str],
    *,
    body: str | None,
    param: list[str],
    query: list[str],
    header: list[str],
    content_type: str,
    server: list[str],
) -> Arguments:
    """The words and options of a run as one value; UsageFault for what cannot be read."""
    try:
        return read_arguments(
            words,
            body=None if body is None else _raw_body(body),
            has_body=body is not None,
            path=_pairs(param, "--param"),
            query=_pairs(query, "--query"),
            headers=_pairs(header, "--header"),
            content_type=content_type,
            server=server,
            read_file=read_text,
            find_file=find_file,
        )
    except WordFault as fault:
        raise UsageFault(why=str(fault), hint="Nothing was sent.") from None


def find_file(name: str, *, is_sent: bool = True) -> Upload:
    """The file of this name; WordFault for what is no regular file.

    A symbolic link is followed only where the file's text is read, not where the file is sent.
    """
    path = Path(name).expanduser()
    try:
        facts = path.lstat() if is_sent else path.stat()
    except FileNotFoundError:
        raise WordFault(f"cannot read {name}: no such file") from None
    except (OSError, ValueError) as fault:
        raise WordFault(f"cannot read {name}: {_reason(fault)}") from None
    if stat.S_ISLNK(facts.st_mode):
        raise WordFault(f"cannot read {name}: is a symbolic link; name the file itself")
    if not stat.S_ISREG(facts.st_mode):
        raise WordFault(f"cannot read {name}: is not a regular file")
    guessed, encoding = mimetypes.guess_type(path.name)
    media_type = "" if guessed is None or encoding is not None else guessed
    return Upload(str(path), path.name, facts.st_size, media_type)


def read_text(name: str) -> str:
    """A file's text, of at most 64 MiB; WordFault where it has none."""
    path = Path(name).expanduser()
    try:
        if not path.is_file():
            why = "is not a regular file" if path.exists() else "no such file"
            raise WordFault(f"cannot read {name}: {why}")
        if path.stat().st_size > _LARGEST_TEXT:
            raise WordFault(f"{name}: larger than {_LARGEST_TEXT // 2**20} MiB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise WordFault(f"{name}: not UTF-8 at byte {fault.start}") from None
    except (OSError, ValueError) as fault:
        if isinstance(fault, WordFault):
            raise
        raise WordFault(f"cannot read {name}: {_reason(fault)}") from None


def _raw_body(text: str) -> RawBody:
    if text == "-":
        if sys.stdin.isatty():
            output.story("Reading the body from the terminal; Ctrl-D ends it.")
        return RawBody("--body", _read_stdin, Upload("-", open=lambda: sys.stdin.buffer))
    if not text.startswith("@"):
        return RawBody("--body", lambda: text)
    name = text[1:]
    return RawBody(name, lambda: read_text(name), find_file(name, is_sent=False))


def _read_stdin() -> str:
    data = sys.stdin.buffer.read(_LARGEST_TEXT + 1)
    if len(data) > _LARGEST_TEXT:
        raise WordFault(f"--body: larger than {_LARGEST_TEXT // 2**20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise WordFault(f"--body: not UTF-8 at byte {fault.start}") from None


def _pairs(texts: list[str], option: str) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise WordFault(f"{option} {text}: expected NAME=VALUE")
        pairs.append((name, value))
    return pairs


def _reason(fault: Exception) -> str:
    return (getattr(fault, "strerror", None) or "it has no such name").lower()
