"""What a route declares, in a person's words: what it takes and makes, finds out and draws."""

from collections.abc import Iterator
from typing import Any

from ouro_cli.cli.output import joined
from ouro_cli.model.compatibility import wanted
from ouro_cli.model.declaration import condition_text
from ouro_cli.model.property import subject_of


def asset_line(name: str, declaration: dict[str, Any]) -> str:
    """`relaxed  a file, .cif  primary  if mode is a or b`."""
    parts = [name, wanted(declaration)]
    parts += [word for word in ("primary", "optional") if declaration.get(word)]
    if declaration.get("role"):
        parts.append(f"as {declaration['role']}")
    if declaration.get("embedded_in"):
        parts.append(f"inside {declaration['embedded_in']}")
    return joined(*parts, _condition(declaration))


def property_line(declaration: dict[str, Any]) -> str:
    """`curie_temperature in K  of structure  by Monte Carlo  from Tc_K  if ...`."""
    unit = declaration.get("unit")
    side, name = subject_of(declaration)
    method = declaration.get("method")
    return joined(
        declaration["property"] + (f" in {unit}" if unit else ""),
        f"of {name or f'the primary {side}'}",
        f"by {method}" if method else "",
        f"from {declaration['value']}",
        _condition(declaration),
        " and ".join(_requirements(declaration)),
    )


def chart_line(declaration: dict[str, Any]) -> str:
    """`Magnetization curve  a line chart of magnetization_curve`."""
    return joined(
        declaration["title"], f"a {declaration['config']['type']} chart of {declaration['data']}"
    )


def _condition(declaration: dict[str, Any]) -> str:
    told = condition_text(declaration)
    return f"if {told}" if told else ""


def _requirements(declaration: dict[str, Any]) -> Iterator[str]:
    for path, wish in (declaration.get("requires") or {}).items():
        if not isinstance(wish, dict):
            yield f"if the answer's {condition_text({'when': {path: wish}})}"
            continue
        bounds = [
            f"{word} {wish[bound]}"
            for bound, word in (("min", "at least"), ("max", "at most"))
            if wish.get(bound) is not None
        ]
        yield f"if the answer's {path} is {' and '.join(bounds)}"
