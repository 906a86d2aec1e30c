"""Twelve secrets, planted wherever one can be: every command, well and badly used, tells none."""

import base64
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.cli.lazy import ALONE, NOUNS
from tests.support.oauth_server import CLIENT_ID, OAuthServer, guarded, oauth2
from tests.support.program import Program, Result
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document

PLANTED = {
    name: f"canary-{name}-{number:02}d7f3e9a1c5b8"
    for number, name in enumerate(
        (
            *("header", "query", "cookie", "bearer", "basic", "variable", "file", "client"),
            *("webhook", "userinfo", "proxy", "answered"),
        )
    )
}

SCHEMES = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "k"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "variable": {"type": "http", "scheme": "bearer"},
    "file": {"type": "apiKey", "in": "header", "name": "X-From-File"},
}

RUNS = [
    [],
    ["--json"],
    ["--dry-run"],
    ["--curl"],
    ["x=1"],
    ["-q"],
    ["mode=later"],
    ["mode=fail"],
    ["mode=away"],
    ["mode=stream"],
]


class Echo:
    """A service that says everything back that it was told: the worst one for a secret."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()

    def __call__(self, call: Call) -> Reply:
        self.tokens.add(call.headers["ouro-webhook-token"])
        told = {"path": call.path, "headers": call.headers}
        mode = json.loads(call.body or b"{}").get("mode")
        query = call.path.partition("?")[2]
        headers = {"set-cookie": call.headers.get("cookie", ""), "x-told": json.dumps(told)}
        if mode == "later":
            later(0, lambda: _call_back(call, told))
            return Reply(202, told, {"location": f"/status?{query}", **headers})
        if mode == "away":
            query = urllib.parse.urlencode({"told": json.dumps(told)})
            return Reply(302, told, {"location": f"http://localhost:9/?{query}", **headers})
        if mode == "stream":
            lines = "".join(f"data: {json.dumps(told)}\n\n" for _ in range(3)).encode()
            return Reply(200, lines, {"content-type": "text/event-stream"})
        return Reply(500 if mode == "fail" else 200, told, headers)


def _call_back(call: Call, told: dict[str, Any]) -> None:
    call.log(f"I was told {told}")
    call.call_back({"status": "completed", "response": told})


@pytest.fixture
def planted(ouro: Program, tmp_path: Path) -> Iterator[tuple[list[Result], set[str]]]:
    """Everything planted, and every credential used; what was printed, and what else is secret."""
    echo, server = Echo(), OAuthServer()
    ouro.environment |= {
        "PLANTED_VARIABLE": PLANTED["variable"],
        "PHOTOS_SECRET": PLANTED["client"],
        "HTTP_PROXY": f"http://ada:{PLANTED['proxy']}@127.0.0.1:9",
    }
    (tmp_path / "secret.txt").write_text(PLANTED["file"])
    (tmp_path / "photos.json").write_text(json.dumps(guarded(oauth2(clientCredentials={}))))
    with serving(echo) as upstream, serving(server) as photos:
        operations = [
            {
                "method": "post",
                "path": f"/{name}",
                "summary": name,
                "requestBody": json_body(),
                "security": [{name: []}],
            }
            for name in SCHEMES
        ]
        path = write_document(tmp_path, *operations, components={"securitySchemes": SCHEMES})
        said = [ouro("service", "import", path, "--base-url", upstream.url, "--name", "test")]
        for name in SCHEMES:
            said.append(_set(ouro, name, tmp_path))
        said.append(
            ouro(
                *("service", "import", str(tmp_path / "photos.json"), "--name", "photos"),
                *("--base-url", photos.url),
            )
        )
        said.append(
            ouro(
                *("auth", "set", "photos", "--client-id", CLIENT_ID),
                *("--from-env", "PHOTOS_SECRET"),
            )
        )
        for number, name in enumerate(SCHEMES):
            # Each in its own way through a few of them, all of them together through all.
            tried = RUNS if name in ("header", "query") else RUNS[number::4]
            said += [ouro("route", "run", f"ada/{name}-post", *extra) for extra in tried]
        said.append(ouro("route", "run", "ada/hello-get"))
        yield said, echo.tokens | server.secrets


def _set(ouro: Program, name: str, folder: Path) -> Result:
    words = ["auth", "set", "test", "--scheme", name]
    if name == "variable":
        return ouro(*words, "--from-env", "PLANTED_VARIABLE")
    if name == "file":
        return ouro(*words, "--from-file", str(folder / "secret.txt"), "--store", "file")
    secret = f"ada:{PLANTED[name]}" if name == "basic" else PLANTED[name]
    return ouro(*words, "--from-stdin", "--store", "file", stdin=secret)


def _commands(folder: Path) -> list[list[str]]:
    """Every command in a way that works, and in one that does not."""
    userinfo = f"http://ada:{PLANTED['userinfo']}@127.0.0.1:9"
    document, made = str(folder / "openapi.json"), str(folder / "made")
    return [
        ["service", "import", document, "--base-url", userinfo],
        ["service", "import", f"{userinfo}/openapi.json"],
        ["service", "list"], ["service", "list", "--json"], ["service", "list", "--nonsense"],
        ["service", "show", "test"], ["service", "show", "test", "--json"],
        ["service", "show", "nobody"],
        ["service", "update", "test", "--base-url", userinfo],
        ["service", "sync", "test", "--check"], ["service", "sync", "nobody"],
        ["service", "spec", "test"], ["service", "spec", "nobody"],
        ["route", "list", "--json"], ["route", "list", "--service", "nobody"],
        ["route", "show", "ada/header-post"], ["route", "show", "ada/nothing-post"],
        ["route", "search", "header"], ["route", "search", ""],
        ["route", "create", "test", "--method", "get", "--path", "/by-hand"],
        ["route", "create", "nobody", "--method", "get", "--path", "/x"],
        ["route", "update", "ada/header-post", "--description", "by hand"],
        ["route", "update", "ada/header-post", "--poll", "{"],
        ["route", "compatible", "ada/header-post"], ["route", "compatible", "ada/nothing"],
        ["route", "remove", "ada/by-hand-get"], ["route", "remove", "ada/nothing"],
        ["action", "list"], ["action", "list", "--json"],
        ["action", "list", "--search", PLANTED["bearer"]], ["action", "list", "--since", "never"],
        ["action", "show", "@last"], ["action", "show", "@last", "--json"],
        *(["action", "list", "--report", f"{kind}={made}-report.{kind}"]
          for kind in ("junit", "md", "har")),
        ["action", "show", "@last", "--report", "har=-"],
        ["action", "show", "@last", "--report", f"pdf={made}"],
        ["action", "get", "@last"], ["action", "show", "ffffffff"], ["action", "get", "ffffffff"],
        ["action", "watch", "@last", "--json"], ["action", "watch", "ffffffff"],
        ["action", "wait", "@last"], ["action", "wait", "@last", "--timeout", "0"],
        ["action", "resume", "--all", "--timeout", "20s"], ["action", "resume", "ffffffff"],
        ["action", "rerun", "@last", "--yes", "--json"], ["action", "rerun", "@last"],
        ["action", "diff", "@last", "@last"], ["action", "diff", "@last", "ffffffff"],
        ["action", "rerun", "@last", "--yes", "x=2"], ["action", "rerun", "@last", "x"],
        ["action", "assert", "@last", "$.nowhere", "."], ["action", "assert", "@last", "$["],
        ["action", "chain", "@last", "ada/header-post"], ["action", "chain", "--list", "--json"],
        ["action", "chain", "ada/query-post", "ada/header-post", "--json"],
        ["action", "chain", "--resume", "@last"], ["action", "chain", "ada/nothing-post"],
        ["action", "chain", "--resume", "@last", "--export", f"{made}-chain.yaml"],
        ["action", "chain", "-f", f"{made}-chain.yaml", "--check"],
        ["action", "chain", "-f", f"{made}-chain.yaml", "--dry-run"],
        ["action", "chain", "-f", f"{made}-chain.yaml", "--dry-run", "--mermaid"],
        ["action", "chain", "-f", document, "--check", "--json"],
        ["action", "accept-late", "@last"], ["action", "logs", "@last"],
        ["action", "logs", "ffffffff"], ["action", "chart", "@last"],
        ["action", "chart", "@last", "--svg", "-"], ["action", "pin", "@last"],
        ["action", "pin", "ffffffff"], ["action", "unpin", "@last"], ["action", "unpin", "f"],
        ["action", "export", "@last", "-o", f"{made}-action.zip"],
        ["action", "export", "@last", "-o", f"{made}-action.zip"],
        ["action", "import", f"{made}-action.zip"], ["action", "import", document],
        ["asset", "add", document], ["asset", "add", "/nowhere"], ["asset", "list", "--json"],
        ["asset", "list", "--type", "none"], ["asset", "show", "@last"],
        ["asset", "show", "ffffffff"], ["asset", "save", "@last", "-o", f"{made}-asset"],
        ["asset", "save", "@last", "-o", "/nowhere/x"], ["asset", "query", "@last", "select 1"],
        ["asset", "compatible", "@last"], ["asset", "lineage", "@last"],
        ["asset", "lineage", "ffffffff"], ["asset", "remove", "@last", "--yes"],
        ["asset", "remove", "ffffffff"],
        ["auth", "list"], ["auth", "list", "--json"],
        ["auth", "set", "test", "--value", PLANTED["header"]],
        ["auth", "set", "test", PLANTED["header"]], ["auth", "remove", "nobody"],
        ["doctor"], ["doctor", "--json", "--deep"], ["doctor", "--repair"], ["path"],
        ["help", "errors"], ["help", "nothing"],
        ["listen", "--public-url", userinfo],
        ["backup", f"{made}-backup.tar"], ["backup", f"{made}-backup.tar"],
        ["restore", f"{made}-backup.tar"], ["restore", document],
        ["prune", "--older-than", "1d", "--dry-run"], ["prune", "--older-than", "soon"],
        ["auth", "remove", "test", "--scheme", "header"],
        ["service", "remove", "photos", "--yes"], ["service", "remove", "nobody"],
    ]  # fmt: skip


def test_no_command_tells_any_of_them(
    ouro: Program, home: Path, tmp_path: Path, planted: tuple[list[Result], set[str]]
) -> None:
    said, others = planted
    tried = _commands(tmp_path)
    said = [*said, *(ouro(*each, stdin="") for each in tried)]
    assert {0, 1, 2} <= {each.exit_code for each in said}
    assert not [each.err for each in said if "Traceback" in each.err]
    hidden = {form for each in (*PLANTED.values(), *others) for form in _forms(each)}

    for each in said:
        assert not [form for form in hidden if form in each.out + each.err], each
    files = [path for path in (*home.rglob("*"), *tmp_path.glob("made*")) if path.is_file()]
    assert len(files) > 5
    for path in files:
        data = path.read_bytes()
        if path.name != "credentials.json":
            assert not [form for form in hidden if form.encode() in data], path


def test_every_command_is_tried(tmp_path: Path) -> None:
    tried = {tuple(each[:2]) for each in _commands(tmp_path)} | {("route", "run"), ("auth", "set")}
    verbs = {(noun, verb) for noun, (_, verbs) in NOUNS.items() for verb in verbs}
    assert verbs <= tried
    assert set(ALONE) <= {first for first, *_ in _commands(tmp_path)}
    assert len(PLANTED) == 12


def _forms(secret: str) -> set[str]:
    """A secret as it may look once it was written in one way or another."""
    pair = f"ada:{secret}".encode()
    return {secret, urllib.parse.quote(secret, safe=""), base64.b64encode(pair).decode()}
