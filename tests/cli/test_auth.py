"""`ouro auth ...`, and the promise behind it: a secret is nowhere but where it was put."""

import base64
import json
import re
from pathlib import Path

import pytest

from tests.support.program import Program, Result
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document

CANARY = "canary-9f8e7d6c5b4a39281706"

SCHEMES = {
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, CANARY),
    "query": ({"type": "apiKey", "in": "query", "name": "k"}, CANARY),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "session"}, CANARY),
    "bearer": ({"type": "http", "scheme": "bearer"}, CANARY),
    "basic": ({"type": "http", "scheme": "basic"}, f"ada:{CANARY}"),
}


def _service(folder: Path, url: str, ouro: Program, *extra: str) -> None:
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
    components = {"securitySchemes": {name: scheme for name, (scheme, _) in SCHEMES.items()}}
    path = write_document(folder, *operations, components=components)
    assert ouro("service", "import", path, "--base-url", url, *extra).exit_code == 0


def _echo(call: Call) -> Reply:
    """A service that says everything back that it was told: the worst one for a secret."""
    told = {"path": call.path, "headers": call.headers}
    if call.body == b'{"later":"1"}':
        later(
            0,
            lambda: [
                call.log(f"I was told {call.headers}"),
                call.call_back({"status": "completed", "response": told}),
            ],
        )
        return Reply(202, told)
    return Reply(200 if "fail" not in call.path else 500, told, {"set-cookie": f"a={CANARY}"})


def test_each_kind_goes_to_its_place(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        _service(tmp_path, upstream.url, ouro)
        for name, (_, secret) in SCHEMES.items():
            set_ = ouro(
                "auth", "set", "test", "--scheme", name, "--from-stdin", "--store", "file",
                stdin=f"{secret}\n",
            )  # fmt: skip
            assert set_.exit_code == 0, set_.err
            assert ouro("route", "run", f"ada/{name}-post").exit_code == 0
        calls = {call.path.split("?")[0].strip("/"): call for call in upstream.calls}

    assert calls["header"].headers["x-key"] == CANARY
    assert calls["query"].path == f"/query?k={CANARY}"
    assert calls["cookie"].headers["cookie"] == f"session={CANARY}"
    assert calls["bearer"].headers["authorization"] == f"Bearer {CANARY}"
    assert calls["basic"].headers["authorization"].startswith("Basic YWRhO")


def test_the_sample_services_own_credentials_open_it(lab: Program) -> None:
    assert lab("route", "run", "library/read_me").exit_code == 2
    lab("auth", "set", "library", "--scheme", "HTTPBearer", "--from-env", "TOKEN")
    opened = Program(lab.home, TOKEN="let-me-read")
    closed = Program(lab.home, TOKEN="wrong-token")

    assert opened("route", "run", "library/read_me").exit_code == 0
    assert closed("route", "run", "library/read_me").exit_code == 1


@pytest.mark.parametrize(
    ("kind", "header"), [("Ouro", f"Basic {CANARY}"), ("pat", f"Bearer {CANARY}")]
)
def test_ouros_own_kinds(ouro: Program, tmp_path: Path, kind: str, header: str) -> None:
    operation = {"method": "post", "path": "/x", "summary": "x", "requestBody": json_body()}
    with serving(lambda _: Reply(200, {})) as upstream:
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url, "--authentication", kind)
        refused = ouro("route", "run", "ada/x-post")
        ouro("auth", "set", "test", "--from-stdin", "--store", "file", stdin=CANARY)
        allowed = ouro("route", "run", "ada/x-post")

        assert (refused.exit_code, allowed.exit_code) == (2, 0)
        assert "ouro auth set test" in refused.err
        assert [call.headers["authorization"] for call in upstream.calls] == [header]


def test_a_credential_stays_behind_when_the_service_moves(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(200, {})) as first, serving(lambda _: Reply(200, {})) as second:
        _service(tmp_path, first.url, ouro)
        ouro(
            "auth", "set", "test", "--scheme", "bearer", "--from-stdin", "--store", "file",
            stdin=CANARY,
        )  # fmt: skip
        _service(tmp_path, second.url, ouro)
        moved = ouro("route", "run", "ada/bearer-post")

    assert moved.exit_code == 2
    assert second.calls == []


def test_planted_secrets_are_found_nowhere(ouro: Program, tmp_path: Path, home: Path) -> None:
    """Every command, in success and in failure, against a service that echoes what it is told."""
    said: list[str] = []
    with serving(_echo) as upstream:
        _service(tmp_path, upstream.url, ouro)
        for name, (_, secret) in SCHEMES.items():
            set_ = ("auth", "set", "test", "--scheme", name, "--from-stdin", "--store", "file")
            said += _all(ouro(*set_, stdin=secret))
        for name in SCHEMES:
            route = f"ada/{name}-post"
            for extra in ([], ["--json"], ["--dry-run"], ["--curl"], ["x=1"], ["-q"], ["later=1"]):
                said += _all(ouro("route", "run", route, *extra))
        for arguments in (
            ["action", "list", "--json"], ["action", "show", "@last"],
            ["action", "show", "@last", "--json"], ["action", "watch", "@last"],
            ["action", "wait", "@last"], ["action", "logs", "@last"],
            ["auth", "list"], ["auth", "list", "--json"], ["service", "show", "test"],
            ["service", "show", "test", "--json"], ["service", "spec", "test"],
            ["route", "show", "ada/header-post"], ["route", "list"], ["doctor"], ["path"],
            ["action", "list", "--search", CANARY],
        ):  # fmt: skip
            said += _all(ouro(*arguments))
        arrived = [
            call for call in upstream.calls if CANARY in json.dumps(call.headers) + call.path
        ]
    assert len(arrived) >= 4 * 4
    tokens = {call.headers["ouro-webhook-token"] for call in upstream.calls}
    forms = [*tokens, CANARY, base64.b64encode(f"ada:{CANARY}".encode()).decode()]
    for form in forms:
        assert not [text for text in said if form in text]
        for path in home.rglob("*"):
            if path.is_file() and path.name != "credentials.json":
                assert form.encode() not in path.read_bytes(), path


def test_no_secret_is_taken_from_the_command_line(lab: Program) -> None:
    for command in (["auth", "set"], ["auth", "remove"], ["route", "run"], ["service", "import"]):
        told = lab(*command, "--help").out
        for word in ("--value", "--secret", "--token", "--password"):
            assert not re.search(rf"{word}\b(?!-)", told)
    assert lab("auth", "set", "library", "--value", CANARY).exit_code == 2


def test_without_a_keyring_nothing_is_written_unasked(lab: Program, home: Path) -> None:
    done = lab("auth", "set", "library", "--scheme", "HTTPBearer", "--from-stdin", stdin=CANARY)
    assert done.exit_code == 2
    assert "--store file" in done.err
    assert not (home / "credentials.json").exists()


def test_a_credential_file_that_others_can_read_is_refused(lab: Program, home: Path) -> None:
    lab(
        "auth", "set", "library", "--scheme", "HTTPBearer", "--from-stdin", "--store", "file",
        stdin=CANARY,
    )  # fmt: skip
    assert (home / "credentials.json").stat().st_mode & 0o777 == 0o600
    (home / "credentials.json").chmod(0o644)
    done = lab("route", "run", "library/read_me")
    assert done.exit_code == 2
    assert "chmod 600" in done.err


def test_remove_takes_the_secret_out(lab: Program, home: Path) -> None:
    lab(
        "auth", "set", "library", "--scheme", "HTTPBearer", "--from-stdin", "--store", "file",
        stdin=CANARY,
    )  # fmt: skip
    assert lab("auth", "remove", "library").exit_code == 0
    for path in home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()


FILED = ["library", "--scheme", "HTTPBearer", "--store", "file"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["library"], None, "several credentials"),
        (["library", "--scheme", "HTTPBaerer"], None, "Did you mean HTTPBearer?"),
        (["library", "--scheme", "HTTPBearer"], None, "--store file"),
        (["library", "--scheme", "HTTPBearer", "--store", "file"], None, "no terminal"),
        ([*FILED, "--from-stdin"], " \n", "empty"),
        ([*FILED, "--from-file", "/nowhere"], None, "cannot read"),
        (["library", "--from-stdin", "--from-env", "X"], "x", "choose one"),
        (["library", "--store", "cloud"], None, "neither keyring nor file"),
        (["libary"], None, "Did you mean library?"),
    ],
)
def test_bad_input_gets_one_line(
    lab: Program, arguments: list[str], stdin: str | None, said: str
) -> None:
    done = lab("auth", "set", *arguments, stdin=stdin)
    assert (done.exit_code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def _all(result: Result) -> list[str]:
    return [result.out, result.err]
