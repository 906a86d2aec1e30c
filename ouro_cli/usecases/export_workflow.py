"""A chain as a workflow file that other tools can run too."""

import json
from pathlib import Path
from typing import Any

from ouro_cli.arazzo.document import workflows_of
from ouro_cli.arazzo.rules import FILES, ROUTE
from ouro_cli.errors import FileExists, OuroError
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.model.route import Route
from ouro_cli.openapi.refs import pointer
from ouro_cli.runtime import Runtime
from ouro_cli.safety import redact
from ouro_cli.store.saved_files import save
from ouro_cli.usecases.find_reference import find_route

_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})


def export_workflow(rt: Runtime, chain: ChainRun, path: str, *, force: bool = False) -> int:
    """Write the workflow that a chain runs as Arazzo 1.0.1: JSON for a name in `.json`, else YAML.

    Every step names its operation as the specification does, beside our own reference. What looks
    like a credential is left out. The size in bytes; raises FileExists, FileNotWritten.
    """
    document = exported(rt, chain)
    workflows_of(document, path)
    return save(Path(path).expanduser(), [_written(document, path)], force=force)


def check_free(path: str, *, force: bool) -> None:
    """Raise FileExists where a file is there that may not be replaced: before anything is run."""
    if not force and Path(path).expanduser().exists():
        raise FileExists(path=path)


def exported(rt: Runtime, chain: ChainRun) -> dict[str, Any]:
    """The document of a chain, as other tools can read it."""
    document: dict[str, Any] = json.loads(redact(json.dumps(dict(chain.document))))
    document.pop(FILES, None)
    if not str(document.get("arazzo", "")).startswith("1.1"):
        document["arazzo"] = "1.0.1"
    for workflow in document["workflows"]:
        for step in workflow["steps"]:
            _name_operation(rt, document, step)
            if "parameters" in step:
                step["parameters"] = [each for each in step["parameters"] if not _is_secret(each)]
            if not step.get("parameters", True):
                del step["parameters"]
    return document


def _name_operation(rt: Runtime, document: dict[str, Any], step: dict[str, Any]) -> None:
    reference = step.get(ROUTE)
    if not isinstance(reference, str):
        return
    try:
        route = find_route(rt, reference)
    except OuroError:
        # What is gone from here may still be found by whoever reads the file.
        return
    source = _source_of(rt, document, route)
    operation_id = route.operation.operation_id
    # In a file with one source alone, every tool understands the bare id.
    is_only = len(document["sourceDescriptions"]) == 1
    step.pop("operationPath", None)
    step.pop("operationId", None)
    if operation_id:
        prefix = "" if is_only else f"$sourceDescriptions.{source}."
        step["operationId"] = f"{prefix}{operation_id}"
    else:
        place = pointer("paths", route.operation.path, route.operation.method.lower())
        step["operationPath"] = f"{{$sourceDescriptions.{source}.url}}{place}"


def _source_of(rt: Runtime, document: dict[str, Any], route: Route) -> str:
    """The name of the route's source; one that is not there yet is added."""
    service = rt.store.services.get(route.service_id)
    url = service.source or service.base_url
    for each in document["sourceDescriptions"]:
        if each["name"] == service.name or each["url"] == url:
            return str(each["name"])
    found = {"name": service.name, "url": url, "type": "openapi"}
    document["sourceDescriptions"].append(found)
    return service.name


def _is_secret(parameter: Any) -> bool:
    return (
        isinstance(parameter, dict)
        and parameter.get("in") in ("header", "cookie")
        and str(parameter.get("name", "")).lower() in _SECRET
    )


def _written(document: dict[str, Any], path: str) -> bytes:
    if path.lower().endswith(".json"):
        return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
    # PyYAML is worth its import only where a document is YAML.
    import yaml  # noqa: PLC0415

    class Plain(yaml.SafeDumper):
        """Writes what stands in two places twice: not every reader knows aliases."""

        def ignore_aliases(self, _data: Any) -> bool:
            return True

    text = yaml.dump(document, Dumper=Plain, sort_keys=False, allow_unicode=True, width=100)
    return str(text).encode()
