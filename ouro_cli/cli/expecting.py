"""Expectations of a person: read before anything is done, and each told with a tick or a cross."""

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TextIO

import typer

from ouro_cli.cli import output
from ouro_cli.errors import UsageFault
from ouro_cli.views.expectation import LOOKED_AT, RESULT, assertion_view, looked_at
from ouro_cli.wire.expectation import Expectation, read_expectation

Expect = Annotated[
    list[str] | None,
    typer.Option(
        "--expect",
        metavar="EXPR",
        help="What must hold of the result, as ouro action assert has it; else exit status 1.",
    ),
]


def read_expectations(texts: Sequence[str] | None) -> tuple[Expectation, ...]:
    """The expressions that were given; UsageFault for the first that cannot be read."""
    return tuple(read_expectation(each) for each in texts or ())


def refuse_unseen(
    expectations: Sequence[Expectation], *, no_wait: bool, each: bool = False
) -> None:
    """Raise UsageFault where nobody would wait for the end that the expectations are of."""
    if expectations and each:
        hint = "Nothing was sent. Look at one row: ouro action assert ID EXPR"
        raise UsageFault(why="--expect looks at one run, and --each makes many", hint=hint)
    if expectations and no_wait:
        hint = "Nothing was sent. Leave --no-wait out, or look later: ouro action assert ID EXPR"
        raise UsageFault(why="--expect looks at the end, and --no-wait leaves before", hint=hint)


def check_looked_at(what: str) -> None:
    """Raise UsageFault for a word that names nothing of an action."""
    if what not in LOOKED_AT:
        raise UsageFault(
            why=f"--on: '{what}' is nothing of an action", hint=f"One of: {', '.join(LOOKED_AT)}."
        )


def judge(
    view: dict[str, Any], expectations: Sequence[Expectation], what: str = RESULT
) -> dict[str, Any]:
    """What became of the expectations of an action, as a view."""
    value = looked_at(view, what)
    return assertion_view(view, what, [each.judge(value) for each in expectations])


def show_expectations(judged: dict[str, Any]) -> None:
    """One line on stdout for each expression, and one where the action did not succeed."""
    for line in _lines(judged, sys.stdout):
        output.print_line(line)


def tell_expectations(judged: dict[str, Any]) -> None:
    """The same on stderr, beside a result."""
    for line in _lines(judged, sys.stderr):
        output.story(f"  {line}")


def _lines(judged: dict[str, Any], stream: TextIO) -> Iterator[str]:
    if judged["message"]:
        yield f"{_mark(False, stream)} {output.one_line(judged['message'])}"
    for each in judged["expectations"]:
        why = "" if each["holds"] else f": {output.one_line(each['message'])}"
        yield f"{_mark(each['holds'], stream)} {output.one_line(each['expression'])}{why}"


def _mark(holds: bool, stream: TextIO) -> str:
    mark, style = ("✓", "success") if holds else ("✗", "error")
    return output.styled(mark, style, stream)
