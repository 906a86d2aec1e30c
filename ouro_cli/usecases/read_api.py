"""Read what a document says: fetched, joined with its files where that is allowed, and checked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ouro_cli.errors import DocumentRefused
from ouro_cli.openapi import document, operations
from ouro_cli.runtime import Runtime
from ouro_cli.views import finding_view

if TYPE_CHECKING:
    from ouro_cli.upstream.documents import Fetched


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
    rt: Runtime, source: str, *, allow_references: bool | None = None, strict: bool = False
) -> Api:
    """Fetch the document at a path or an address, and read all of it.

    Where it is not said whether its references may be followed, they may where they might before.
    Raises DocumentUnreadable for what is no document, and, with `strict`, DocumentRefused for one
    that there is anything to say against.
    """
    fetched = rt.read_document(source, rt.settings)
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
    if strict:
        from ouro_cli.usecases.lint_document import lint_document  # noqa: PLC0415, seldom

        faults = [*reading.findings, *lint_document(read)]
        if faults:
            raise DocumentRefused(source, [finding_view(each) for each in faults])
    return Api(fetched, read, reading, allow_references)
