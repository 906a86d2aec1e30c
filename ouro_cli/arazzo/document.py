"""Workflow files: bytes in, workflows out; each fault with its line and its JSON pointer."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ouro_cli.arazzo.build import Builder
from ouro_cli.arazzo.findings import Finding
from ouro_cli.arazzo.lines import Lines
from ouro_cli.arazzo.rules import rule_faults
from ouro_cli.arazzo.shape import named, shape_faults
from ouro_cli.errors import DocumentUnreadable, WorkflowRefused
from ouro_cli.model.chain import WorkflowFile
from ouro_cli.openapi.document import read_value

LARGEST = 10 * 2**20
"""How many bytes a workflow file may have."""

MOST_STEPS = 10_000

_VERSIONS = re.compile(r"1\.[01]\.\d+(-.+)?")
_SEEN = 50


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A workflow file as read: what it says, its value as JSON has it, and its digest.

    `warnings` are what is odd about it and stands in nobody's way. `name` is what it was called
    where it was read from, `source` where it really lies: a path or an address.
    """

    file: WorkflowFile
    document: dict[str, Any]
    sha256: str
    lines: Lines
    name: str = ""
    source: str = ""
    warnings: tuple[Finding, ...] = ()


def read_workflow_file(data: bytes, name: str, source: str = "") -> ReadFile:
    """Read JSON or YAML into workflows.

    Raises DocumentUnreadable for what is neither or is no Arazzo, and WorkflowRefused, which has
    every fault with its line, for what is not built as the specification says.
    """
    if len(data) > LARGEST:
        raise DocumentUnreadable(source=name, why=f"it is larger than {LARGEST // 2**20} MB")
    document = read_value(data, name)
    _check_kind(document, name)
    lines = Lines(data.decode("utf-8-sig", "replace"))
    findings = [_placed(each, lines) for each in _findings(document)]
    _refuse(findings, name)
    return ReadFile(
        file=Builder(document, lines).file(),
        document=document,
        sha256=hashlib.sha256(data).hexdigest(),
        lines=lines,
        name=name,
        source=source,
        warnings=tuple(each for each in findings if not each.is_error),
    )


def workflows_of(document: Mapping[str, Any], name: str = "the workflow") -> WorkflowFile:
    """The workflows of a value that was read before; WorkflowRefused where it is not built so."""
    value = dict(document)
    _refuse(list(_findings(value)), name)
    return Builder(value, None).file()


def _check_kind(document: Any, name: str) -> None:
    if not isinstance(document, dict):
        why = f"it holds {named(document)}, not an Arazzo workflow"
    elif "arazzo" not in document:
        other = next((key for key in ("openapi", "swagger", "asyncapi") if key in document), None)
        why = f"it is no Arazzo workflow, but {other}" if other else "it has no 'arazzo' field"
    elif not _VERSIONS.fullmatch(str(document["arazzo"])):
        version = str(document["arazzo"])[:20]
        why = f"Arazzo version {version} is not supported (1.0.x and 1.1.x are)"
    else:
        return
    raise DocumentUnreadable(source=name, why=why)


def _findings(document: dict[str, Any]) -> Iterator[Finding]:
    faults = False
    for each in shape_faults(document):
        faults = faults or each.is_error
        yield each
    if not faults:
        # The rules read fields as the shape has them.
        yield from rule_faults(document)
        steps = sum(len(each["steps"]) for each in document["workflows"])
        if steps > MOST_STEPS:
            yield Finding("#/workflows", f"holds {steps:,} steps, more than {MOST_STEPS:,}")


def _placed(finding: Finding, lines: Lines) -> Finding:
    return replace(finding, line=lines.at(finding.pointer))


def _refuse(findings: list[Finding], name: str) -> None:
    faults = [each for each in findings if each.is_error]
    if faults:
        rest = [each for each in findings if not each.is_error]
        raise WorkflowRefused(name, [each.view() for each in [*faults, *rest]])
