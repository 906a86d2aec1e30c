"""Sixty ways for a document to lead elsewhere: nothing is opened and nobody is called."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Reply, Upstream, serving

SECRET = "the-canary-sings"
Form = Callable[[str, str], Any]
"""Makes what is said in a document of the canary's address and the canary file's path."""

# Where a reference may stand that is followed: each in turn is the canary's.
LEADS: dict[str, Form] = {
    "http": lambda url, _: f"{url}/x",
    "http with a fragment": lambda url, _: f"{url}/x#/a",
    "HTTP in capitals": lambda url, _: f"{url.replace('http', 'HTTP')}/x",
    "without a scheme": lambda url, _: f"{url.removeprefix('http:')}/x",
    "with a user": lambda url, _: f"{url.replace('//', '//user@')}/x",
    "another name of this machine": lambda url, _: f"{url.replace('127.0.0.1', 'localhost')}/x",
    "an address as a number": lambda url, _: f"{url.replace('127.0.0.1', '2130706433')}/x",
    "a short address": lambda url, _: f"{url.replace('127.0.0.1', '127.1')}/x",
    "a mapped address": lambda url, _: f"{url.replace('127.0.0.1', '[::ffff:127.0.0.1]')}/x",
    "https": lambda url, _: f"{url.replace('http', 'https')}/x",
    "ftp": lambda url, _: f"{url.replace('http', 'ftp')}/x",
    "the metadata of a cloud": lambda _, __: "http://169.254.169.254/latest/meta-data",
    "a file's address": lambda _, path: f"file://{path}",
    "FILE in capitals": lambda _, path: f"FILE://{path}",
    "file of this host": lambda _, path: f"file://localhost{path}",
    "file of another host": lambda _, path: f"file://127.0.0.1{path}",
    "file with one slash": lambda _, path: f"file:{path}",
    "a path": lambda _, path: path,
    "a path with a fragment": lambda _, path: f"{path}#/a",
    "the folder above": lambda _, path: f"../{Path(path).name}",
    "the folder above, twice": lambda _, path: f"x/../../{Path(path).name}",
    "the folder above, encoded": lambda _, path: f"%2e%2e/{Path(path).name}",
    "the folder above, all encoded": lambda _, path: f"%2e%2e%2f{Path(path).name}",
    "the folder above, encoded twice": lambda _, path: f"%252e%252e%252f{Path(path).name}",
    "the folder above, with backslashes": lambda _, path: f"..\\{Path(path).name}",
    "the folder above, with dots": lambda _, path: f"./.././/{Path(path).name}",
    "a link": lambda _, __: "link.json",
    "a link to the folder above": lambda _, path: f"above/{Path(path).name}",
    "a link of a link": lambda _, __: "second.json",
    "what our own process knows": lambda _, __: "/proc/self/environ",
    "a descriptor of ours": lambda _, __: "/dev/fd/0",
    "a module of Python's": lambda _, __: "python://prance/__init__.py",
    "data": lambda _, __: "data:application/json,{}",
    "a jar": lambda url, _: f"jar:{url}/x!/y",
    "a name ending in nothing": lambda _, path: f"{path}%00.json",
    "a home": lambda _, __: "~/.netrc",
    "a variable": lambda _, __: "$HOME/.netrc",
    "a command": lambda _, path: f"`cat {path}`",
    "no address at all": lambda _, __: "http://[",
}

# Places that look like references, and are followed by nobody.
PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "a path item": lambda to: {"paths": {"/b": {"$ref": to}}},
    "a webhook": lambda to: {"webhooks": {"b": {"$ref": to}}},
    "a parameter": lambda to: _get({"parameters": [{"$ref": to}]}),
    "a request body": lambda to: _get({"requestBody": {"$ref": to}}),
    "a response": lambda to: _get({"responses": {"200": {"$ref": to}}}),
    "a header": lambda to: _get({"responses": {"200": {"headers": {"X": {"$ref": to}}}}}),
    "an example": lambda to: _body({"examples": {"a": {"$ref": to}}}),
    "an external value": lambda to: _body({"examples": {"a": {"externalValue": to}}}),
    "a link's reference": lambda to: _get({"responses": {"200": {"links": {"a": {"$ref": to}}}}}),
    "a link's operation": lambda to: _get(
        {"responses": {"200": {"links": {"a": {"operationRef": to}}}}}
    ),
    "a callback": lambda to: _get({"callbacks": {"a": {"$ref": to}}}),
    "a schema": lambda to: _body({"schema": {"$ref": to}}),
    "a schema inside": lambda to: _body({"schema": {"properties": {"a": {"items": {"$ref": to}}}}}),
    "a dynamic reference": lambda to: _body({"schema": {"$dynamicRef": to}}),
    "a recursive reference": lambda to: _body({"schema": {"$recursiveRef": to}}),
    "an id": lambda to: _body({"schema": {"$id": to, "properties": {"a": {"$ref": "x#/y"}}}}),
    "an id and an anchor": lambda to: _body({"schema": {"$id": to, "items": {"$ref": "#there"}}}),
    "a dialect": lambda to: _body({"schema": {"$schema": to, "type": "string"}}),
    "a vocabulary": lambda to: _body({"schema": {"$vocabulary": {to: True}}}),
    "the document's dialect": lambda to: {"jsonSchemaDialect": to},
    "the document's own address": lambda to: {
        "openapi": "3.2.0",
        "$self": to,
        **_body({"schema": {"$ref": "other.json#/a"}}),
    },
    "a mapping": lambda to: _body(
        {"schema": {"discriminator": {"propertyName": "a", "mapping": {"b": to}}}}
    ),
    "a reference in an example": lambda to: _body({"example": {"$ref": to}}),
    "an extension": lambda to: {"x-more": {"$ref": to}, **_get({"x-a": {"$ref": to}})},
    "external docs": lambda to: {"externalDocs": {"url": to}},
    "a license": lambda to: {"info": {"title": "T", "version": "1", "license": {"url": to}}},
    "a security scheme": lambda to: {"components": {"securitySchemes": {"a": {"$ref": to}}}},
    "an OpenID address": lambda to: {
        "components": {"securitySchemes": {"a": {"type": "openIdConnect", "openIdConnectUrl": to}}}
    },
    "an XML namespace": lambda to: _body({"schema": {"xml": {"namespace": to}}}),
    "a description by reference": lambda to: _get({"description": {"$ref": to}}),
}  # fmt: skip


def _get(operation: dict[str, Any]) -> dict[str, Any]:
    return {"paths": {"/a": {"get": operation}}}


def _body(media: dict[str, Any]) -> dict[str, Any]:
    return _get({"requestBody": {"content": {"application/json": media}}})


@pytest.fixture(scope="module")
def canary() -> Iterator[Upstream]:
    """A server that nobody may call."""
    with serving(lambda _: Reply(200, {"a": {"get": {"summary": SECRET}}})) as upstream:
        yield upstream


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder beside whose documents lies what they may not read."""
    (tmp_path / "canary.json").write_text(json.dumps({"get": {"summary": SECRET}}))
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "canary.json")
    (folder / "second.json").symlink_to("link.json")
    (folder / "above").symlink_to("..")
    return folder


# Imports many documents in one process, as the program would, and prints how each one ended.
IMPORT_ALL = """
import json, sys
from ouro_cli.cli.main import main
flag, *paths = sys.argv[1:]
endings = []
for path in paths:
    sys.argv = ["ouro", "service", "import", path, "--base-url", "http://127.0.0.1:9", flag]
    endings.append(main())
print(json.dumps(endings), file=sys.stderr)
"""


def test_there_are_sixty_forms() -> None:
    assert len(LEADS) + len(PLACES) >= 60


@pytest.mark.parametrize("flag", ["--no-allow-refs", "--allow-refs"])
def test_nothing_is_opened_and_nobody_is_called(
    ouro: Program, folder: Path, canary: Upstream, flag: str
) -> None:
    outside = str(folder.parent / "canary.json")
    forms = [PLACES["a path item"](form(canary.url, outside)) for form in LEADS.values()]
    forms += [
        place(to) for place in PLACES.values() for to in (f"{canary.url}/x#/a", "../canary.json#/a")
    ]
    paths = []
    for number, form in enumerate(forms):
        paths.append(str(folder / f"{number}.json"))
        head = {"openapi": "3.1.0", "info": {"title": f"T{number}", "version": "1"}, "paths": {}}
        Path(paths[-1]).write_text(json.dumps(head | form))

    command = [sys.executable, "-c", IMPORT_ALL, flag, *paths]
    log = folder.parent / "trace"
    done = subprocess.run(
        [*_strace(log), *command],
        env=ouro.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    endings = json.loads(done.stderr.splitlines()[-1])
    assert len(endings) == len(forms) >= 60
    assert set(endings) <= {0, 2}
    assert endings.count(0) > 90
    assert SECRET not in done.stdout + done.stderr
    assert SECRET.encode() not in (ouro.home / "registry.db").read_bytes()
    assert canary.calls == []
    assert _touched(log) == []


def _strace(log: Path) -> list[str]:
    """What has the system itself write down every file that is opened and every call."""
    strace = shutil.which("strace")
    calls = "trace=open,openat,openat2,connect"
    return [strace, "-f", "-qq", "-e", calls, "-o", str(log)] if strace else []


def _touched(log: Path) -> list[str]:
    """What was opened or called that may not be."""
    forbidden = re.compile(r"AF_INET|(/|\")canary\.json|link\.json|environ|\.netrc|/dev/fd")
    lines = log.read_text().splitlines() if log.exists() else ["documents/0.json"]
    assert any("documents/0.json" in line for line in lines)
    return [line for line in lines if forbidden.search(line)]
