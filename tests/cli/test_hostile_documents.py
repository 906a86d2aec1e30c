"""Bombs and broken documents: one line each, the right exit code, bounded time and memory."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.measured import Measured, measured
from tests.support.program import Program

URL = "http://127.0.0.1:9"
HEAD = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\n'
JSON_HEAD = '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, '
BIG = "x" * 2**20


def laughs(names: int, width: int) -> str:
    """Lists of aliases of lists of aliases."""
    lines = [f"a0: &a0 [{','.join('x' * width)}]"]
    for number in range(1, names):
        lines.append(f"a{number}: &a{number} [{','.join([f'*a{number - 1}'] * width)}]")
    return HEAD + "\n".join(lines)


def merges(levels: int, width: int) -> str:
    """Mappings that merge mappings."""
    lines = ["m0: &m0 {" + ", ".join(f"k{number}: 1" for number in range(width)) + "}"]
    for level in range(1, levels):
        inside = ", ".join(f"l{level}k{number}: *m{level - 1}" for number in range(width))
        lines.append(f"m{level}: &m{level} {{<<: *m{level - 1}, {inside}}}")
    return HEAD + "\n".join(lines)


def stated(**rest: Any) -> str:
    """A document in JSON."""
    return json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, **rest})


def many_to(reference: str, count: int = 2_000) -> dict[str, Any]:
    """So many paths that are all the same path item."""
    return {f"/a{number}": {"$ref": reference} for number in range(count)}


def bodies(count: int = 2_000) -> dict[str, Any]:
    """So many operations with the same request body."""
    body = {"requestBody": {"$ref": "#/components/requestBodies/Big"}}
    return {f"/a{number}": {"post": body} for number in range(count)}


def nested(levels: int) -> dict[str, Any]:
    """A schema inside a schema inside a schema."""
    schema: dict[str, Any] = {"description": "x" * 100_000}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


def into(levels: int) -> list[dict[str, str]]:
    """A reference to every level of such a schema."""
    return [{"$ref": "#/components/schemas/Deep" + "/items" * level} for level in range(levels)]


WIDE = [{"name": f"p{number}", "in": "query", "schema": {}} for number in range(10_000)]
FORM = [{"name": f"p{number}", "in": "formData", "type": "string"} for number in range(10_000)]
SWAGGER = {"swagger": "2.0", "info": {"title": "T", "version": "1"}}
METHODS: dict[str, Any] = {
    method: {} for method in ("get", "put", "post", "delete", "patch", "head", "options")
}

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "12: billion laughs": (laughs(9, 9), "aliases unfold to more than 2,000,000 nodes"),
    "12: a wide laugh": (laughs(3, 3_000), "aliases unfold to more than"),
    "12: a long laugh": (laughs(150, 2), "aliases unfold to more than"),
    "12: merge bomb": (merges(7, 8), "aliases unfold to more than"),
    "12: a long merge bomb": (merges(60, 2), "aliases unfold to more than"),
    "12: a text, a thousand times": (
        f"{HEAD}t: &t {BIG}\nl: [{','.join(['*t'] * 1_000)}]",
        "aliases unfold to more than",
    ),
    "12: a key, a thousand times": (
        f"{HEAD}t: &t {{{'k' * 1_000}: 1}}\nl: &l [{','.join(['*t'] * 1_000)}]\n"
        f"m: [{','.join(['*l'] * 1_000)}]",
        "aliases unfold to more than",
    ),
    "12: an alias of itself": (f"{HEAD}a: &a [*a]", "holds itself"),
    "12: an alias of itself, merged": (f"{HEAD}a: &a {{<<: *a}}", "holds itself"),
    "13: 100,000 [ in JSON": ("[" * 100_000, "nested deeper than 200"),
    "13: 1,000,000 [ in JSON": ("[" * 1_000_000, "nested deeper than 200"),
    "13: 100,000 { in JSON": ('{"a":' * 100_000, "nested deeper than 200"),
    "13: 100,000 [ in YAML": (HEAD + "a: " + "[" * 100_000, "nested deeper than 200"),
    "13: 100,000 { in YAML": (HEAD + "a: " + "{a: " * 100_000, "nested deeper than 200"),
    "13: 100,000 - in YAML": (HEAD + "a:\n  " + "- " * 100_000, "nested deeper than 200"),
    "13: 100,000 ? in YAML": (HEAD + "a:\n  " + "? " * 100_000, "invalid YAML at line"),
    "13: 5,000 levels of blanks": (
        "\n".join(" " * number + "a:" for number in range(3_000)),
        "nested deeper than 200",
    ),
    "13: a schema of 400 levels": (
        JSON_HEAD + '"x": ' + '{"items": ' * 400 + "1" + "}" * 401,
        "nested deeper than 200",
    ),
    "13: a tower of aliases": (
        HEAD + "n0: &n0 [1]\n" + "".join(f"n{n}: &n{n} [*n{n - 1}]\n" for n in range(1, 400)),
        "nested deeper than 200",
    ),
    "14: 5,000 digits": (JSON_HEAD + f'"x": {"9" * 5_000}}}', "line 1: a number is out of range"),
    "14: 1,000,000 digits": (JSON_HEAD + f'"x": {"9" * 10**6}}}', "a number is out of range"),
    "14: 1,000,000 digits in YAML": (f"{HEAD}x: {'9' * 10**6}", "line 3: a number is out of range"),
    "14: 1,000,000 hex digits": (f"{HEAD}x: 0x{'f' * 10**6}", "line 3: a number is out of range"),
    "14: 1e999": (JSON_HEAD + '"x": 1e999}', "line 1: a number is out of range"),
    "14: -1e999 in YAML": (f"{HEAD}x: -1e999", "line 3: a number is out of range"),
    "14: NaN": (JSON_HEAD + '"x": NaN}', "NaN is no JSON"),
    "14: -Infinity": (JSON_HEAD + '"x": -Infinity}', "-Infinity is no JSON"),
    "14: .inf": (f"{HEAD}x: .inf", "line 3: .inf is no number that JSON can hold"),
    "22: a Python tag": (f"{HEAD}x: !!python/object/apply:os.system [id]", "line 3: the tag"),
    "22: a Python name": (f"{HEAD}x: !!python/name:os.system", "line 3: the tag"),
    "22: a tag by its address": (
        f"{HEAD}x: !<tag:yaml.org,2002:python/object/new:type> []",
        "line 3: the tag",
    ),
    "22: a tag by a handle": (
        f"%TAG ! tag:yaml.org,2002:python/\n---\n{HEAD}x: !name:os.system",
        "the tag",
    ),
    "11: a key twice": (f"{HEAD}paths:\n  /a: {{}}\n  /b: {{}}\n  /a: {{}}", "lines 4 and 6"),
    "11: a key twice, in JSON": (
        JSON_HEAD + '\n"paths": {"/a": {},\n"/a": {}}}',
        "invalid JSON at lines 2 and 3: the key '/a' stands twice",
    ),
    "11: a key twice, once escaped": (
        JSON_HEAD + r'"paths": {"/a": {}, "/\u0061": {}}}',
        "the key '/a' stands twice",
    ),
    "3: empty": ("", "it is empty"),
    "4: HTML": ("<!doctype html><title>Log in</title>", "it is HTML, not OpenAPI; perhaps"),
    "5: JSON cut": (stated(paths={"/a": {"get": {}}})[:-9], "invalid JSON at line 1 column"),
    "6: a tab": ("openapi: 3.1.0\n\tinfo: {}", "invalid YAML at line 2: a tab is used"),
    "7: two documents": (f"{HEAD}---\n{HEAD}", "line 3: holds a second document"),
    "7: 100,000 documents": ("---\na\n" * 100_000, "holds a second document"),
    "8: Swagger 1.2": ('{"swaggerVersion": "1.2"}', "a Swagger 1.2 document"),
    "8: OpenAPI 9.9": ("openapi: 9.9", "OpenAPI version 9.9 is not supported"),
    "9: a list": ("[]", "it holds a list"),
    "10: binary": (b"\x00\x01\x02\xff", "a control character stands in it"),
    "21: five million values": ("[" + "1," * 5_000_000 + "1]", "more than 4,000,000 values"),
    "21: five million lines": ("- 1\n" * 5_000_000, "more than 4,000,000 values"),
    "21: larger than 64 MiB": (b"#" * (64 * 2**20 + 1), "larger than 64 MiB"),
    "one path item, 2,000 times": (
        stated(
            paths=many_to("#/components/pathItems/Big"),
            components={"pathItems": {"Big": {"get": {"x-big": BIG}}}},
        ),
        "its references unfold to many times its own size",
    ),
    "10,000 parameters, 2,000 times": (
        stated(
            paths=many_to("#/components/pathItems/Wide"),
            components={"pathItems": {"Wide": {"parameters": WIDE, **METHODS}}},
        ),
        "its references unfold to many times its own size",
    ),
    "one request body, 2,000 times": (
        stated(
            paths=bodies(),
            components={"requestBodies": {"Big": {"content": {}, "description": BIG}}},
        ),
        "its references unfold to many times its own size",
    ),
    "every level of a deep schema": (
        stated(
            paths={"/a": {"get": {"responses": {"200": {"x": into(150) * 3}}}}},
            components={"schemas": {"Deep": nested(150)}},
        )
        .replace("x" * 100_000, "x" * 400_000),
        "its references unfold to many times its own size",
    ),
    "a form of 10,000 fields, 2,000 times": (
        json.dumps(
            {**SWAGGER, "paths": many_to("#/x-wide"), "x-wide": {"parameters": FORM, **METHODS}}
        ),
        "its references unfold to many times its own size",
    ),
    "10,000 media types of 2,000 operations": (
        json.dumps(
            {
                **SWAGGER,
                "produces": [f"a/{number}" for number in range(10_000)],
                "paths": {
                    f"/a{number}": {"get": {"responses": {"200": {"schema": {}}}}}
                    for number in range(2_000)
                },
            }
        ),
        "its references unfold to many times its own size",
    ),
    "100,001 operations": (
        stated(paths={f"/{number}": {"get": {}} for number in range(100_001)}),
        "it states more than 100,000 operations",
    ),
}  # fmt: skip


def _import(ouro: Program, folder: Path, data: str | bytes) -> Measured:
    path = folder / "document"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return measured(ouro, "service", "import", str(path), "--base-url", URL)


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_be_refused_is_refused_in_one_line(
    ouro: Program, tmp_path: Path, name: str
) -> None:
    data, why = REFUSED[name]

    done = _import(ouro, tmp_path, data)

    assert (done.exit_code, done.out) == (2, ""), done.err
    assert done.err.startswith("ouro: Cannot read ")
    assert why in done.err
    assert done.err.count("\n") == 1
    assert len(done.err) < 400
    assert done.seconds < 4
    assert done.megabytes < 300
    assert not (ouro.home / "fault.log").exists()


def test_so_many_were_tried() -> None:
    assert len(REFUSED) + len(READ) >= 60


def circle(length: int) -> str:
    """Schemas of which each leads to the next, and the last to the first."""
    schemas = {}
    for number in range(length):
        following = f"#/components/schemas/S{(number + 1) % length}"
        schemas[f"S{number}"] = {"properties": {"next": {"$ref": following}}}
    return _with_body({"$ref": "#/components/schemas/S0"}, schemas)


def _with_body(schema: Any, schemas: dict[str, Any]) -> str:
    body = {"content": {"application/json": {"schema": schema}}}
    return stated(paths={"/a": {"post": {"requestBody": body}}}, components={"schemas": schemas})


DOUBLED = {
    f"S{number}": {"allOf": [{"$ref": f"#/components/schemas/S{number + 1}"}] * 2}
    for number in range(60)
} | {"S60": {"type": "string"}}

READ: dict[str, str] = {
    "17: a circle of one": circle(1),
    "17: a circle of two": circle(2),
    "17: a circle of fifty": circle(50),
    "17: the document itself": _with_body({"$ref": "#"}, {}),
    "a reference to itself alone": _with_body(
        {"$ref": "#/components/schemas/A"}, {"A": {"$ref": "#/components/schemas/A"}}
    ),
    "two to the sixtieth references": _with_body({"$ref": "#/components/schemas/S0"}, DOUBLED),
    "a schema of 190 levels": _with_body(
        json.loads('{"items": ' * 190 + "{}" + "}" * 190), {}
    ),
    "a pattern that takes for ever": _with_body(
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}, {}
    ),
    "a pattern that is huge": _with_body({"type": "string", "pattern": "((a{99}){99}){99}"}, {}),
    "names that are commands": stated(
        paths={"/--help": {"get": {"operationId": "-rf"}}, "/;rm": {"get": {"summary": "`id`"}}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_like_a_bomb_is_read(ouro: Program, tmp_path: Path, name: str) -> None:
    done = _import(ouro, tmp_path, READ[name])
    assert done.exit_code == 0, done.err
    assert done.seconds < 4
    assert done.megabytes < 300

    route = ouro("route", "list", "--json").json["routes"][0]["reference"]
    for arguments in (("show", route), ("run", route, "--body", '{"a": 1}', "--dry-run")):
        tried = measured(ouro, "route", *arguments)
        assert tried.exit_code in (0, 2), tried.err
        assert tried.seconds < 3
        assert tried.megabytes < 300


ODD_PLACES: dict[str, Callable[[Path], str]] = {
    "a file that is not there": lambda folder: str(folder / "nofile.yaml"),
    "a folder": str,
    "a device without end": lambda _: "/dev/zero",
    "a pipe that nobody writes to": lambda folder: _pipe(folder / "pipe"),
    "a link to itself": lambda folder: _link(folder / "link"),
    "a name that is too long": lambda folder: str(folder / ("x" * 5_000)),
}


def _pipe(path: Path) -> str:
    os.mkfifo(path)
    return str(path)


def _link(path: Path) -> str:
    path.symlink_to(path)
    return str(path)


@pytest.mark.parametrize("name", ODD_PLACES)
def test_what_is_no_file_is_refused_in_one_line(ouro: Program, tmp_path: Path, name: str) -> None:
    done = measured(ouro, "service", "import", ODD_PLACES[name](tmp_path))
    assert (done.exit_code, done.out) == (2, "")
    assert done.err.startswith("ouro: Cannot read ")
    assert done.err.count("\n") == 1
    assert done.seconds < 4
