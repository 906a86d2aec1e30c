"""Read what a document says: joined with its files where that is allowed, and checked."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ouro_cli.errors import DocumentRefused
from ouro_cli.model.service import Finding
from ouro_cli.openapi import document, operations, refs, servers
from ouro_cli.runtime import Runtime
from ouro_cli.views.service import finding_view

if TYPE_CHECKING:
    from ouro_cli.upstream.documents import Fetched

Servers = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Api:
    """A document as it is to be kept, and all that it says.

    `allows_references` tells whether its references into other files were followed; then these
    files are in what is kept.
    """

    fetched: "Fetched"
    document: document.Document
    reading: operations.Reading
    allows_references: bool


def read_api(
    rt: Runtime,
    fetched: "Fetched",
    source: str,
    *,
    allow_references: bool | None = None,
    strict: bool = False,
) -> Api:
    """Read all of a document that was fetched from a path or an address.

    Where it is not said whether its references may be followed, they may where they might before.
    Raises DocumentUnreadable for what is no document, and, with `strict`, DocumentRefused for one
    that there is anything to say against.
    """
    if allow_references is None:
        allow_references = any(
            each.allows_references and each.source == fetched.source
            for each in rt.store.services.all(archived=True)
        )
    if allow_references:
        from ouro_cli.usecases.join_files import join_files  # noqa: PLC0415, seldom

        read, fetched = join_files(rt, fetched, source)
    else:
        read = document.parse(fetched.data, source)
    reading = operations.read_operations(read)
    if fetched.is_remote:
        reading = _without_inward(reading, fetched.source)
    if strict:
        from ouro_cli.usecases.lint_document import lint_document  # noqa: PLC0415, seldom

        faults = [*reading.findings, *lint_document(read)]
        if faults:
            raise DocumentRefused(source, [finding_view(each) for each in faults])
    return Api(fetched, read, reading, allow_references)


def _without_inward(reading: operations.Reading, source: str) -> operations.Reading:
    """The reading without servers by which a document from elsewhere would send calls inward."""
    findings = list(reading.findings)

    def kept(stated: Servers, where: str) -> Servers:
        left = servers.without_inward(stated, source)
        if len(left) < len(stated):
            why = "a server of this machine's own network, named from elsewhere, was left out"
            findings.append(Finding(f"{where}/servers", why))
        return left

    read = [
        replace(each, servers=kept(each.servers, refs.pointer("paths", each.path)))
        if each.servers
        else each
        for each in reading.operations
    ]
    return replace(reading, operations=read, servers=kept(reading.servers, "#"), findings=findings)
