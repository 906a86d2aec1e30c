"""Which operation or workflow a step names, and of which source."""

import re
from dataclasses import dataclass

from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import OperationTarget
from ouro_cli.openapi.refs import pointer_tokens

_SOURCE = "$sourceDescriptions."
_PATH = re.compile(r"\{?\$sourceDescriptions\.([^.{}#]+)\.url\}?(#.*)")


@dataclass(frozen=True, slots=True)
class NamedOperation:
    """An operation by its id, or by method and path; `source` is '' where none is named."""

    source: str = ""
    operation_id: str = ""
    method: str = ""
    path: str = ""


def named_operation(target: OperationTarget) -> NamedOperation:
    """The operation that a step names; ExpressionFault where it is written in no known way."""
    if target.operation_path:
        return _by_path(target.operation_path)
    source, name = split_source(target.operation_id)
    return NamedOperation(source=source, operation_id=name)


def split_source(text: str) -> tuple[str, str]:
    """`$sourceDescriptions.NAME.ID` as NAME and ID; any other text as '' and itself."""
    if not text.startswith(_SOURCE):
        return "", text
    source, dot, name = text.removeprefix(_SOURCE).partition(".")
    if not (source and dot and name):
        raise ExpressionFault(why=f"'{text[:80]}' is not $sourceDescriptions.NAME.ID")
    return source, name


def _by_path(text: str) -> NamedOperation:
    found = _PATH.fullmatch(text)
    if found is None:
        source, name = split_source(text)
        if source:
            return NamedOperation(source=source, operation_id=name)
        raise ExpressionFault(
            why=f"'{text[:80]}' is not {{$sourceDescriptions.NAME.url}}#/paths/~1PATH/METHOD"
        )
    tokens = pointer_tokens(found.group(2))
    if len(tokens) != 3 or tokens[0] != "paths":
        raise ExpressionFault(
            why=f"'{text[:80]}' leads to no operation: expected #/paths/PATH/METHOD"
        )
    return NamedOperation(source=found.group(1), method=tokens[2].upper(), path=tokens[1])
