"""`ouro auth ...`, and the promise behind it: a secret is nowhere but where it was put."""

import re
from pathlib import Path

import pytest

from tests.support.digest_server import PASSWORD, USER, DigestServer
from tests.support.program import Program, Result
from tests.support.upstream import Reply, json_body, serving, write_document

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


def test_no_secret_is_taken_from_the_command_line(lab: Program) -> None:
    for command in (["auth", "set"], ["auth", "remove"], ["route", "run"], ["service", "import"]):
        told = lab(*command, "--help").out
        for word in ("--value", "--secret", "--token", "--password"):
            assert not re.search(rf"{word}\b(?!-)", told)
    assert lab("auth", "set", "library", "--value", CANARY).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--value", CANARY], [f"--token={CANARY}"], ["--password", CANARY], [CANARY],
        ["--client-secret", CANARY], ["--scheme", "HTTPBearer", "--from-env", CANARY],
    ],
    ids=["value", "token", "password", "bare", "client secret", "as a variable"],
)  # fmt: skip
def test_a_secret_in_the_command_line_is_refused_and_not_repeated(
    lab: Program, arguments: list[str]
) -> None:
    done = lab("auth", "set", "library", *arguments, "--json")
    assert done.exit_code == 2
    assert "replace" in done.err
    assert CANARY not in done.out + done.err


def test_digest_is_proven_and_its_password_found_nowhere(
    ouro: Program, tmp_path: Path, home: Path
) -> None:
    server = DigestServer("SHA-256")
    operation = {"method": "post", "path": "/x", "summary": "x", "requestBody": json_body()}
    schemes = {"securitySchemes": {"proof": {"type": "http", "scheme": "digest"}}}
    with serving(server) as upstream:
        path = write_document(tmp_path, operation, components=schemes, security=[{"proof": []}])
        ouro("service", "import", path, "--base-url", upstream.url)
        ouro(
            "auth", "set", "test", "--from-stdin", "--store", "file",
            stdin=f"{USER}:{PASSWORD}\n",
        )  # fmt: skip
        done = ouro("route", "run", "ada/x-post", "a=1", "--json")
        shown = ouro("route", "run", "ada/x-post", "a=1", "--dry-run")
        curl = ouro("route", "run", "ada/x-post", "a=1", "--dry-run", "--curl")
    assert done.json["response"] == {"you": USER}
    assert [call.body for call in upstream.calls] == [b'{"a":"1"}'] * 2
    # Both belong to one action.
    assert len({call.headers["ouro-action-id"] for call in upstream.calls}) == 1
    assert "Authorization: Digest [secret]" in shown.out
    assert '--digest --user "$OURO_DIGEST"' in curl.out
    said = [*_all(done), *_all(shown), *_all(curl)]
    assert not [text for text in said if PASSWORD in text]
    for file in home.rglob("*"):
        if file.is_file() and file.name != "credentials.json":
            assert PASSWORD.encode() not in file.read_bytes(), file


def test_a_digest_that_cannot_be_proven_ends_the_action(ouro: Program, tmp_path: Path) -> None:
    operation = {"method": "post", "path": "/x", "summary": "x"}
    schemes = {"securitySchemes": {"proof": {"type": "http", "scheme": "digest"}}}
    with serving(DigestServer("SHA-512-256")) as upstream:
        path = write_document(tmp_path, operation, components=schemes, security=[{"proof": []}])
        ouro("service", "import", path, "--base-url", upstream.url)
        ouro("auth", "set", "test", "--from-stdin", "--store", "file", stdin="a:b")
        done = ouro("route", "run", "ada/x-post", "--json")
    assert (done.exit_code, done.json["status"]) == (1, "error")
    assert "the challenge cannot be met" in done.json["response"]["error"]["message"]


def test_a_client_certificate_is_named_as_what_cannot_be_sent(
    ouro: Program, tmp_path: Path
) -> None:
    operation = {"method": "get", "path": "/x", "summary": "x"}
    schemes = {"securitySchemes": {"mtls": {"type": "mutualTLS"}}}
    with serving(lambda _: Reply(200, {})) as upstream:
        path = write_document(tmp_path, operation, components=schemes, security=[{"mtls": []}])
        ouro("service", "import", path, "--base-url", upstream.url)
        run = ouro("route", "run", "ada/x-get")
        named = ouro("auth", "set", "test", "--scheme", "mtls", "--from-stdin", stdin="x")
        found = ouro("auth", "set", "test", "--from-stdin", stdin="x")
    assert [run.exit_code, named.exit_code, found.exit_code, len(upstream.calls)] == [2, 2, 2, 0]
    assert "client certificate (mtls, mutualTLS)" in run.err
    assert "mtls is a client certificate (mutualTLS)" in named.err
    assert "knows no credential that ouro can send" in found.err


KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}


@pytest.mark.parametrize(
    "other",
    [
        {**KEY, "in": "query"},
        {**KEY, "name": "X-Other"},
        {"type": "http", "scheme": "bearer"},
        {"type": "http", "scheme": "basic"},
    ],
    ids=["elsewhere in the request", "another name", "a token", "a password"],
)
def test_a_credential_is_not_sent_in_another_way_than_it_was_set_for(
    ouro: Program, tmp_path: Path, other: dict[str, str]
) -> None:
    operation = {"method": "get", "path": "/x", "summary": "x", "security": [{"key": []}]}
    with serving(lambda _: Reply(200, {})) as upstream:
        for scheme in (KEY, other):
            path = write_document(
                tmp_path, operation, components={"securitySchemes": {"key": scheme}}
            )
            imported = ouro("service", "import", path, "--base-url", upstream.url)
            if scheme is KEY:
                ouro("auth", "set", "test", "--from-stdin", "--store", "file", stdin=CANARY)
        run = ouro("route", "run", "ada/x-get")
        [shown] = ouro("auth", "list", "--json").json["credentials"]
        assert (run.exit_code, len(upstream.calls)) == (2, 0)
        assert "the document now asks for" in run.err
        assert "credential for key" in imported.err
        assert shown["state"] == "elsewhere"
        ouro("auth", "set", "test", "--from-stdin", "--store", "file", stdin=CANARY)
        assert ouro("route", "run", "ada/x-get").exit_code == 0


def test_a_move_is_told_with_the_old_origin_and_the_way_to_set_it_again(
    ouro: Program, tmp_path: Path
) -> None:
    with serving(lambda _: Reply(200, {})) as first, serving(lambda _: Reply(200, {})) as second:
        _service(tmp_path, first.url, ouro)
        ouro(
            "auth", "set", "test", "--scheme", "bearer", "--from-stdin", "--store", "file",
            stdin=CANARY,
        )  # fmt: skip
        _service(tmp_path, second.url, ouro)
        moved = ouro("route", "run", "ada/bearer-post")
    assert f"is for {first.url}, and is not sent to {second.url}" in moved.err
    assert "Set it again: ouro auth set test --scheme bearer" in moved.err


def test_alternatives_and_combinations_are_told_and_taken(ouro: Program, tmp_path: Path) -> None:
    asked: dict[str, list[dict[str, list[str]]]] = {
        "one": [{"a": []}],
        "both": [{"a": [], "b": []}],
        "either": [{"c": []}, {"b": []}],
        "may": [{}, {"b": []}],
    }
    operations = [
        {"method": "get", "path": f"/{name}", "summary": name, "security": security}
        for name, security in asked.items()
    ]
    schemes = {name: {**KEY, "name": f"X-{name.upper()}"} for name in "abc"}
    with serving(lambda _: Reply(200, {})) as upstream:
        path = write_document(tmp_path, *operations, components={"securitySchemes": schemes})
        ouro("service", "import", path, "--base-url", upstream.url)
        ouro.environment["A"], ouro.environment["B"] = "the-key-a", "the-key-b"
        first = ouro("auth", "set", "test", "--scheme", "a", "--from-env", "A")
        refused = ouro("route", "run", "ada/both-get")
        second = ouro("auth", "set", "test", "--scheme", "b", "--from-env", "B")
        assert [ouro("route", "run", f"ada/{name}-get").exit_code for name in asked] == [0] * 4
        listed = ouro("auth", "list").out
    assert first.err == "Opens 1 route: ada/one-get\nSome routes ask for more beside it: b\n"
    assert "needs a credential for b" in refused.err
    assert second.err == "Opens 3 routes: ada/both-get, ada/either-get, ada/may-get\n"
    sent = [{name for name in ("x-a", "x-b") if name in call.headers} for call in upstream.calls]
    assert sent == [{"x-a"}, {"x-a", "x-b"}, {"x-b"}, {"x-b"}]
    assert "2 routes: ada/both-get, ada/one-get" in listed
    assert "3 routes: ada/both-get, ada/either-get, …" in listed


def test_the_only_scheme_that_routes_ask_for_need_not_be_named(
    ouro: Program, tmp_path: Path
) -> None:
    operation = {"method": "get", "path": "/x", "summary": "x", "security": [{"used": []}]}
    schemes = {"used": KEY, "unused": {"type": "http", "scheme": "bearer"}}
    path = write_document(tmp_path, operation, components={"securitySchemes": schemes})
    ouro("service", "import", path, "--base-url", "http://127.0.0.1:9")
    done = ouro("auth", "set", "test", "--from-env", "X")
    assert (done.exit_code, done.out.split()[:2]) == (0, ["test", "used"])


def test_what_was_set_before_is_taken_out_of_its_place(lab: Program, home: Path) -> None:
    lab("auth", "set", *FILED, "--from-stdin", stdin=CANARY)
    assert CANARY in (home / "credentials.json").read_text()
    lab("auth", "set", "library", "--scheme", "HTTPBearer", "--from-env", "TOKEN")
    for path in home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def test_what_is_set_and_not_there_is_told_where_it_should_be(lab: Program) -> None:
    lab("auth", "set", "library", "--scheme", "HTTPBearer", "--from-env", "NOWHERE")
    done = lab("route", "run", "library/read_me")
    assert done.exit_code == 2
    assert "env:NOWHERE does not hold it now" in done.err


def test_a_secret_with_blanks_around_it_is_trimmed_with_a_note(
    ouro: Program, tmp_path: Path
) -> None:
    operation = {"method": "get", "path": "/x", "summary": "x"}
    with serving(lambda _: Reply(200, {})) as upstream:
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url)
        given = f"\ufeff  {CANARY} \r\n"
        done = ouro("auth", "set", "test", "--from-stdin", "--store", "file", stdin=given)
        ouro("route", "run", "ada/x-get")
    assert "blanks around the secret were left out" in done.err
    assert upstream.calls[0].headers["authorization"] == f"Bearer {CANARY}"


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
        (["library"], None, "HTTPBearer is a token (bearer), for 1 of its routes"),
        ([*FILED, "--from-stdin"], "two\nlines", "more than one line"),
        ([*FILED, "--client-id", "x"], None, "--client-id is for OAuth 2"),
        (["library", "--client-id", "x"], None, "knows no OAuth 2"),
        (["library", "--scheme", "HTTPBearer", "--flow", "code"], None, "go with --client-id"),
        ([*FILED, "--timeout", "soon"], None, "--timeout: expected a duration"),
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
