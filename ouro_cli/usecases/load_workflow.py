"""Read a workflow file from where a person says that it lies."""

from ouro_cli.arazzo.document import ReadFile, read_workflow_file
from ouro_cli.runtime import Runtime


def load_workflow(rt: Runtime, path: str) -> ReadFile:
    """The workflow file at a path or an http(s) address.

    Raises DocumentUnreadable for what cannot be read or is no Arazzo, WorkflowRefused for what
    has faults.
    """
    fetched = rt.read_document(path, rt.settings, None)
    assert fetched is not None, "only what was seen before can be as it was"
    return read_workflow_file(fetched.data, path, fetched.source)
