"""An asset on the terminal: what it is called, how large it is."""

from typing import Any

from ouro_cli.cli import output


def headline(view: dict[str, Any]) -> str:
    """`type  name  id  size` in one line."""
    return output.joined(view["asset_type"], view["name"], view["id"], extent(view))


def extent(view: dict[str, Any]) -> str:
    """How large an asset is: a dataset's rows and columns, else its bytes."""
    facts = view["metadata"]
    if view["asset_type"] == "dataset" and "rows" in facts:
        columns = output.counted(len(facts["columns"]), "column")
        return f"{facts['rows']:,} row{'' if facts['rows'] == 1 else 's'}, {columns}"
    return size_text(facts["size"])


def size_text(size: int) -> str:
    """Bytes as people write them: `512 B`, `1.2 kB`, `3.4 GB`."""
    if size < 1000:
        return f"{size} B"
    amount, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"
