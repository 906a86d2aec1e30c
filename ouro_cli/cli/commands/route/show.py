"""`ouro route show`: how to call a route."""

import json as json_library
import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.declared_words import asset_line, chart_line, property_line
from ouro_cli.cli.examples import tell_of_example
from ouro_cli.cli.options import Jq, Json, RouteArg
from ouro_cli.model.price import read_price
from ouro_cli.openapi import refs, sample
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.describe_route import describe_route
from ouro_cli.views.route import route_view
from ouro_cli.views.words import seconds_text


def command(
    route: RouteArg,
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema of what it takes, self-contained."),
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Show how to call a route: its docs, parameters, body with an example, and answers.

    --schema prints one JSON Schema that needs no other document: that of the body, or, where the
    route takes none, of an object with its parameters.
    """
    rt = open_runtime()
    described = describe_route(rt, route)
    if schema:
        output.show(described.input_schema, output.print_json, json=json, jq=jq)
        return
    view = {
        **route_view(described.route, described.service, described.timings),
        "body_media_type": described.body_media and described.body_media.name,
        "body_kind": described.body_media and described.body_media.kind.value,
        "body_schema": described.body_schema,
        "body_example": described.body_example,
        "body_example_unfilled": list(described.unfilled),
        "asks_at": described.asks_at or None,
    }
    output.show(view, _human, json=json, jq=jq)
    tell_of_example(described)


def _human(view: dict[str, Any]) -> None:
    route = view["route"]
    output.print_line(
        f"{output.styled(view['reference'], 'bold')}  {output.one_line(view['name'])}"
    )
    mode = "answers later, by webhook" if route["execution_mode"] == "async" else "answers at once"
    told = f"{route['method']} {output.one_line(route['path'])}  {mode}"
    output.print_line(output.styled(told, "dim"))
    if route["deprecated"]:
        output.print_line(output.styled("deprecated: its author advises against it", "warning"))
    text = view["description"]["text"]
    if text.strip() != view["name"]:
        _docs(text)
    asked = [
        each
        for each in route["parameters"] or []
        if not (each["in"] == "header" and each["name"].lower().startswith("ouro-"))
    ]
    _facts(view)
    output.section("Parameters", _aligned(_parameter_row(each) for each in asked))
    _body(view)
    output.section("Takes", (asset_line(*each) for each in route["input_assets"].items()))
    output.section("Makes", (asset_line(*each) for each in route["output_assets"].items()))
    output.section("Finds out", map(property_line, route["properties"] or ()))
    output.section("Draws", map(chart_line, route["response_charts"] or ()))
    output.section(
        "Answers",
        (
            f"{code}  {output.one_line(answer.get('description') or '')}"
            for code, answer in route["responses"].items()
        ),
    )
    output.section("Calls back", map(output.one_line, route["callbacks"]))
    output.section("Run it", [_example_line(view, asked)])


def _facts(view: dict[str, Any]) -> None:
    facts = {
        "id": view["id"],
        "service": view["service"],
        "price": _price(view["pricing"]),
        "took": _took(view["metrics"]),
        "result": _asked(view["asks_at"]),
        "set by you": ", ".join(view["edits"]),
    }
    output.section("Facts", (f"{key:12}{value}" for key, value in facts.items() if value))


def _price(pricing: dict[str, Any] | None) -> str:
    return "unpriced" if pricing is None else str(read_price(pricing))


def _asked(place: str | None) -> str:
    return f"asked for at {output.one_line(place)}" if place else ""


def _took(metrics: dict[str, Any] | None) -> str:
    if metrics is None:
        return ""
    half, most = metrics["p50_completion_ms"] / 1000, metrics["p95_completion_ms"] / 1000
    count = metrics["latency_sample_count"]
    runs = "the last run" if count == 1 else f"of the last {count} runs"
    if count == 1:
        return f"{seconds_text(half)} in {runs}"
    return f"{seconds_text(half)} in half {runs}, {seconds_text(most)} in 95 of 100"


def _docs(text: str) -> None:
    if not text:
        return
    output.print_line()
    if output.is_terminal(sys.stdout):
        # Only a terminal is worth the time that rich takes to load.
        from ouro_cli.cli.markdown import print_markdown  # noqa: PLC0415

        print_markdown(text)
    else:
        output.print_text(text)


def _parameter_row(parameter: dict[str, Any]) -> list[str]:
    schema = parameter.get("schema") or {}
    return [
        parameter["name"],
        parameter["in"],
        _type(schema),
        "required" if parameter.get("required") else _default(schema),
        parameter.get("description") or schema.get("description") or "",
    ]


def _body(view: dict[str, Any]) -> None:
    schema = view["body_schema"]
    if schema is None:
        return
    needed = "required" if view["route"]["request_body"].get("required") else "optional"
    fields = _fields(schema)
    lines = _aligned(fields) if fields else []
    if view["body_kind"] in ("text", "binary"):
        lines = [f"{output.one_line(view['body_media_type'])}: --body @file"]
    output.section(f"Body ({needed}, {view['body_kind']})", lines)
    if view["body_example"] is not None:
        output.section("Example body", output.json_lines(view["body_example"]))


def _fields(schema: Any) -> list[list[str]]:
    """The body's top-level fields, one row each: name, type, whether required, what it is."""
    try:
        top = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    properties = top.get("properties") if isinstance(top, dict) else None
    if not isinstance(properties, dict):
        return []
    required = set(top.get("required") or ())
    rows = []
    for name, each in properties.items():
        try:
            each = refs.follow(schema, each)
        except refs.Unresolvable:
            each = {}
        each = each if isinstance(each, dict) else {}
        state = "required" if name in required else _default(each)
        rows.append([name, _type(each), state, str(each.get("description") or "")])
    return rows


def _type(schema: dict[str, Any]) -> str:
    if isinstance(schema.get("enum"), list):
        return "|".join(str(each) for each in schema["enum"][:6])
    kind = schema.get("type")
    if kind is None:
        choices = schema.get("anyOf") or schema.get("oneOf") or []
        kinds = [_type(each) for each in choices if isinstance(each, dict)]
        return "|".join(dict.fromkeys(each for each in kinds if each != "any")) or "any"
    if kind == "array" and isinstance(schema.get("items"), dict):
        return f"{_type(schema['items'])}[]"
    return "|".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _default(schema: dict[str, Any]) -> str:
    if "default" not in schema:
        return "optional"
    return f"default {json_library.dumps(schema['default'], ensure_ascii=False)}"


def _aligned(rows: Any) -> list[str]:
    cells = [[output.one_line(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return [line.rstrip() for line in lines]


def _example_line(view: dict[str, Any], asked: list[dict[str, Any]]) -> str:
    words = []
    for each in asked:
        if each.get("required"):
            value = sample.example_of(each, as_json_schema(each.get("schema") or {}, ""))
            words.append(f"{each['name']}={_word(value)}")
    example = view["body_example"]
    if example is not None:
        words.append(f"--body {_quoted(json_library.dumps(example, ensure_ascii=False))}")
    return output.one_line(" ".join(["ouro route run", view["reference"], *words]))


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else json_library.dumps(value, ensure_ascii=False)
    return text if text and all(c.isalnum() or c in "._-" for c in text) else _quoted(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
