"""`ouro asset show`: what an asset is, how it begins, and which runs made and used it."""

from collections.abc import Iterator
from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.assets import extent, headline, size_text
from ouro_cli.cli.options import AssetArg, Jq, Json
from ouro_cli.cli.properties import property_lines
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.preview_asset import preview_asset, runs_of
from ouro_cli.views.asset import asset_view, property_view

_MOST_COLUMNS = 8
_WIDEST_CELL = 32


def command(asset: AssetArg, json: Json = False, jq: Jq = None) -> None:
    """Show one asset: its facts, how it begins, and the runs that made and used it."""
    rt = open_runtime()
    found = find_asset(rt, asset)
    view = {
        **asset_view(found),
        "properties": [property_view(each) for each in rt.store.assets.properties(found.id)],
        "preview": preview_asset(rt, found),
        **runs_of(rt, found),
    }
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(headline(view))
    if text := view["description"]["text"]:
        output.print_text(text)
    output.section("Facts", (f"{name:13}{value}" for name, value in _facts(view)))
    output.section("Properties", property_lines(view["properties"]))
    _preview(view["preview"])
    output.section("Runs", _runs(view))


def _facts(view: dict[str, Any]) -> Iterator[tuple[str, str]]:
    facts = view["metadata"]
    yield "kept", output.one_line(view["created_at"])
    for name, value in (("file", facts.get("name")), ("media type", facts.get("mimeType"))):
        if value:
            yield name, output.one_line(value)
    yield "size", extent(view)
    if "width" in facts:
        yield "picture", f"{facts['width']} x {facts['height']} pixels"
    if "formula" in facts:
        yield "formula", output.one_line(facts["formula"])
    if "archive" in facts:
        yield "archive", _archive(facts["archive"])
    if "table_name" in facts:
        yield "table", output.one_line(facts["table_name"])
    yield "sha256", output.one_line(facts["sha256"])
    if view["lineage_role"] != "new":
        yield "role", f"{view['lineage_role']} of {view['source_id']}"


def _archive(archive: dict[str, Any]) -> str:
    more = " or more" if archive["preview_truncated"] else ""
    files = f"{output.counted(archive['file_count'], 'file')}{more}"
    inside = ", ".join(f".{each}" for each in archive["extensions"][:6])
    return "  ".join(
        each for each in (files, size_text(archive["total_uncompressed_size"]), inside) if each
    )


def _preview(preview: dict[str, Any] | None) -> None:
    match preview:
        case {"kind": "rows", "rows": rows}:
            _rows(rows)
        case {"kind": "text", "text": text}:
            output.section("Preview", map(output.one_line, text.splitlines()))
        case {"kind": "archive", "entries": entries}:
            names = [(size_text(each["size"]), output.one_line(each["name"])) for each in entries]
            output.section("Preview", (f"{size:>8}  {name}" for size, name in names))
        case {"kind": "damaged", "why": why}:
            told = f"The bytes are {output.one_line(why)}. See: ouro doctor"
            output.section("Preview", [output.styled(told, "error")])


def _rows(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])
    shown = names[:_MOST_COLUMNS]
    cells = [shown, *([output.cell(row[name]) for name in shown] for row in rows)]
    title = "Preview"
    if len(names) > len(shown):
        title += f" (the first {len(shown)} of {len(names)} columns)"
    header, *lines = output.aligned(cells, widest=_WIDEST_CELL)
    output.section(title, [output.styled(header, "dim"), *lines])


def _runs(view: dict[str, Any]) -> Iterator[str]:
    made = view["created_by"]
    for label, each in ([("made by", made)] if made else []) + [
        ("used by", each) for each in view["as_input"]
    ]:
        what = output.joined(each["route"]["reference"], each["id"], each["status"])
        yield f"{label:13}{what}"
