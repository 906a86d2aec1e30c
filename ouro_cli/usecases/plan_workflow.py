"""What a workflow would do, without anything of it done."""

from dataclasses import dataclass
from typing import Any

from ouro_cli.arazzo.document import ReadFile
from ouro_cli.arazzo.findings import Finding
from ouro_cli.arazzo.plan import plan_view
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_workflow import called_by, check_workflow
from ouro_cli.usecases.find_sources import find_sources
from ouro_cli.usecases.start_chain import chosen_workflow


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of a workflow, and all that there is to say against it."""

    view: dict[str, Any]
    findings: list[Finding]


def plan_workflow(rt: Runtime, read: ReadFile, workflow_id: str) -> Planned:
    """Plan a workflow of a file; nothing is sent, and nothing is stored.

    Raises UsageFault where the file has no such workflow, or several and none is named.
    """
    workflow = chosen_workflow(read.file, workflow_id)
    sources = find_sources(rt, read)
    findings = check_workflow(rt, read, workflow.id, sources)
    called = called_by(rt, read, sources, workflow)
    return Planned(plan_view(workflow, called, name=read.name), findings)
