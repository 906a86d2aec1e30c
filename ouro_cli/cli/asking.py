"""What is missing is asked for on a terminal, one value at a time, and checked as it is given."""

import json
import sys
from dataclasses import replace
from typing import Any, TextIO

from ouro_cli.cli import output
from ouro_cli.cli.given import find_file, read_text
from ouro_cli.errors import InvalidInput
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.start_action import RouteCall, prepare
from ouro_cli.wire.faults import Missing
from ouro_cli.wire.inputs import Arguments, Field, RawBody, WordFault

_LONGEST_DESCRIPTION = 300


def complete(rt: Runtime, call: RouteCall) -> RouteCall:
    """The call with answers for the required values that it lacks, where nothing else is wrong.

    Asks where standard input and output are terminals; anywhere else the call stays as it is.
    Raises InvalidInput where the input ends before all is answered. Ctrl-C goes through. Either
    way nothing has been sent.
    """
    if not (_is_person(sys.stdin) and _is_person(sys.stdout)):
        return call
    while (fault := _invalid(rt, call)) is not None and fault.facts["missing"]:
        call = _answered(rt, call, fault)
    return call


def _answered(rt: Runtime, call: RouteCall, fault: InvalidInput) -> RouteCall:
    """The call with the first missing value; asked for again as long as the answer is wrong."""
    missing: Missing = fault.facts["missing"][0]
    _show(missing)
    while True:
        sys.stderr.write(f"{_prompt(missing)} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            output.story("")
            raise fault
        try:
            answer = _with(call.arguments, missing, line.rstrip("\r\n"))
        except WordFault as wrong:
            output.story(output.one_line(f"  {wrong}"))
            continue
        answered = replace(call, arguments=answer)
        still = _invalid(rt, answered)
        wrong_now = [each for each in still.facts["each"] if not each.missing] if still else []
        if not wrong_now and not (still and missing in still.facts["missing"]):
            return answered
        for each in wrong_now or ["a value is needed"]:
            output.story(output.one_line(f"  {each}"))


def _is_person(stream: TextIO | None) -> bool:
    """Whether somebody sits there; a stream that was closed is None."""
    return stream is not None and stream.isatty()


def _invalid(rt: Runtime, call: RouteCall) -> InvalidInput | None:
    try:
        prepare(rt, call)
    except InvalidInput as fault:
        return fault
    return None


def _with(arguments: Arguments, missing: Missing, text: str) -> Arguments:
    """The arguments with an answer in its place; an empty one takes the default."""
    schema = missing.schema if isinstance(missing.schema, dict) else {}
    if not text:
        if "default" not in schema:
            return arguments
        return _with_value(arguments, missing, schema["default"], is_text=False)
    if missing.is_file:
        return _with_value(arguments, missing, find_file(text), is_text=False)
    return _with_value(arguments, missing, text, is_text=True)


def _with_value(arguments: Arguments, missing: Missing, value: Any, *, is_text: bool) -> Arguments:
    if missing.place == "body" and not missing.steps:
        if missing.is_file:
            raw = RawBody(value.path, lambda: read_text(value.path), value)
        else:
            text = value if is_text else json.dumps(value, ensure_ascii=False)
            raw = RawBody("body", lambda: text)
        return replace(arguments, body=raw, has_body=True)
    if missing.place == "header":
        text = value if is_text else json.dumps(value, ensure_ascii=False)
        return replace(arguments, headers=(*arguments.headers, (missing.name, text)))
    field = Field(missing.name, value, is_text, missing.steps or (missing.name,))
    return replace(arguments, fields=(*arguments.fields, field))


def _show(missing: Missing) -> None:
    schema = missing.schema if isinstance(missing.schema, dict) else {}
    kind = "file" if missing.is_file else schema.get("type") or "value"
    facts = f"({missing.place}, {'|'.join(kind) if isinstance(kind, list) else kind})"
    description = output.one_line(missing.description)[:_LONGEST_DESCRIPTION]
    name = output.styled(output.one_line(missing.label), "bold", sys.stderr)
    output.story(f"{name}  {output.one_line(facts)}  {description}".rstrip())
    choices = schema.get("enum")
    if isinstance(choices, list):
        output.story(output.one_line(f"  one of {', '.join(map(_text, choices[:30]))}"))


def _prompt(missing: Missing) -> str:
    schema = missing.schema if isinstance(missing.schema, dict) else {}
    default = f" [{output.one_line(_text(schema['default']))}]" if "default" in schema else ""
    return f"{output.one_line(missing.label)}{default}:"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
