"""What an operation declares to Ouro of assets, properties and charts: its `x-ouro-*` words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.model import chart, property
from ouro_cli.model.declaration import Declaration, read_inputs, read_outputs
from ouro_cli.openapi.body_fields import Follow, field_names


@dataclass(frozen=True, slots=True)
class Declared:
    """The assets that it takes and makes, what its runs find out, and the charts of its answer."""

    inputs: dict[str, Declaration]
    outputs: dict[str, Declaration]
    properties: tuple[Declaration, ...]
    charts: tuple[Declaration, ...]


def read_declared(
    operation: dict[str, Any],
    request_body: dict[str, Any] | None,
    follow: Follow,
    problems: list[str],
) -> Declared:
    """What the operation declares; what cannot be read is left out and said in `problems`."""
    inputs, outputs = read_inputs(operation, problems), read_outputs(operation, problems)
    properties = property.read_properties(
        operation.get(property.EXTENSION), inputs, outputs, problems
    )
    charts = chart.read_charts(operation.get(chart.EXTENSION), outputs, problems)
    named = {f"x-ouro-output-assets/{name}": each for name, each in outputs.items()}
    named |= {f"{property.EXTENSION}: {each['property']}": each for each in properties}
    if any("when" in each for each in named.values()):
        problems.extend(_unknown_fields(named, field_names(request_body, follow)))
    return Declared(inputs, outputs, properties, charts)


def _unknown_fields(named: dict[str, Declaration], known: set[str] | None) -> Iterator[str]:
    """Conditions on fields that the request's body does not have: they are never met."""
    for where, declaration in named.items():
        for field in declaration.get("when") or ():
            if known is not None and field not in known:
                yield f"{where}: when asks for '{field}', which is no field of the request's body"
