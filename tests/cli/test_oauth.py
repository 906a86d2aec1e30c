"""OAuth 2 as a person and a CI job meet it: against a real server, on real sockets."""

import json
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.oauth_server import CLIENT_ID, CLIENT_SECRET, OAuthServer, guarded, oauth2
from tests.support.program import Program, Result
from tests.support.upstream import Upstream, serving

Import = Callable[[dict[str, Any]], None]
BY_CLIENT = ("auth", "set", "photos", "--client-id", CLIENT_ID)


@pytest.fixture
def server() -> OAuthServer:
    return OAuthServer()


@pytest.fixture
def upstream(server: OAuthServer) -> Iterator[Upstream]:
    with serving(server) as upstream:
        yield upstream


@pytest.fixture
def import_api(ouro: Program, upstream: Upstream, tmp_path: Path) -> Import:
    """Imports a document as the service `photos`, which lies at the server's address."""

    def import_api(value: dict[str, Any]) -> None:
        path = tmp_path / "photos.json"
        path.write_text(json.dumps(value))
        arguments = ("service", "import", str(path), "--base-url", upstream.url)
        done = ouro(*arguments, "--name", "photos")
        assert done.exit_code == 0, done.err

    return import_api


@pytest.fixture
def secret(ouro: Program) -> None:
    """The client's secret is in the environment, as a CI job has it."""
    ouro.environment["PHOTOS_SECRET"] = CLIENT_SECRET


def hello(ouro: Program) -> Result:
    return ouro("route", "run", "ada/hello-get")


@pytest.mark.usefixtures("secret")
def test_a_ci_job_runs_without_a_prompt_and_without_keeping_anything(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(clientCredentials={})))
    done = ouro(*BY_CLIENT, "--from-env", "PHOTOS_SECRET")
    assert (done.exit_code, done.err) == (0, "Opens 1 route: ada/hello-get\n")
    assert [hello(ouro).exit_code for _ in range(2)] == [0, 0]
    # Nobody said where tokens may be kept: each run asks for its own.
    assert server.given == ["client_credentials"] * 3
    assert not (ouro.home / "credentials.json").exists()


@pytest.mark.usefixtures("secret")
def test_a_kept_token_serves_until_it_expires(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(clientCredentials={})))
    ouro(*BY_CLIENT, "--from-env", "PHOTOS_SECRET", "--store", "file")
    hello(ouro)
    assert len(server.given) == 1
    server.lifetime = 30
    ouro(*BY_CLIENT, "--from-env", "PHOTOS_SECRET", "--store", "file")
    hello(ouro)
    assert len(server.given) == 3
    kept = ouro.home / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert CLIENT_SECRET not in kept.read_text()


@pytest.mark.usefixtures("secret")
def test_a_server_that_takes_no_basic_gets_the_secret_in_the_body(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.takes_basic = False
    import_api(guarded(oauth2(clientCredentials={})))
    assert ouro(*BY_CLIENT, "--from-env", "PHOTOS_SECRET").exit_code == 0


def test_a_wrong_secret_sets_nothing(ouro: Program, import_api: Import) -> None:
    import_api(guarded(oauth2(clientCredentials={})))
    done = ouro(*BY_CLIENT, "--from-stdin", "--store", "file", stdin="wrong")
    assert done.exit_code == 2
    assert "gave no token: invalid_client: who are you?" in done.err
    assert ouro("auth", "list", "--json").json["credentials"] == []


def authorize(ouro: Program, *arguments: str) -> Result:
    """`auth set` by the code flow, with a browser that goes where it is told to."""
    process = ouro.start(*BY_CLIENT, "--store", "file", *arguments)
    assert process.stderr is not None
    assert process.stdout is not None
    while not (line := process.stderr.readline()).startswith("http"):
        assert line, "no address was printed"
    answer = httpx.get(line.strip(), follow_redirects=True)
    assert "You can close this page" in answer.text
    out, err = process.communicate(timeout=60)
    return Result(process.returncode, out, err)


def test_a_person_says_yes_in_the_browser(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(authorizationCode={})))
    done = authorize(ouro)
    assert done.exit_code == 0, done.err
    assert hello(ouro).out.strip() == '{\n  "hello": "you"\n}'
    assert server.given == ["authorization_code"]
    [shown] = ouro("auth", "list", "--json").json["credentials"]
    assert (shown["state"], shown["flow"], shown["scopes"]) == ("ready", "code", ["read"])


def test_a_redirect_that_is_not_the_answer_is_not_taken(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(authorizationCode={})))
    process = ouro.start(*BY_CLIENT, "--store", "file")
    assert process.stderr is not None
    while not (line := process.stderr.readline()).startswith("http"):
        assert line
    redirect = httpx.URL(line.strip()).params["redirect_uri"]
    for words in ("?code=mine", "?code=mine&state=guessed", "?state="):
        assert httpx.get(redirect + words).status_code == 404
    httpx.get(line.strip(), follow_redirects=True)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert server.given == ["authorization_code"]


def test_somebody_who_says_no_sets_nothing(ouro: Program, import_api: Import) -> None:
    import_api(guarded(oauth2(authorizationCode={})))
    process = ouro.start(*BY_CLIENT, "--store", "file")
    assert process.stderr is not None
    while not (line := process.stderr.readline()).startswith("http"):
        assert line
    asked = httpx.URL(line.strip()).params
    httpx.get(f"{asked['redirect_uri']}?error=access_denied&state={asked['state']}")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "access_denied" in err


def test_a_code_is_typed_on_another_device(ouro: Program, import_api: Import) -> None:
    import_api(guarded(oauth2(deviceAuthorization={})))
    done = ouro(*BY_CLIENT, "--store", "file")
    assert done.exit_code == 0, done.err
    assert "type WDJB-MJHT" in done.err
    assert hello(ouro).exit_code == 0


def test_endpoints_are_discovered(ouro: Program, upstream: Upstream, import_api: Import) -> None:
    address = f"{upstream.url}/.well-known/openid-configuration"
    import_api(guarded({"type": "openIdConnect", "openIdConnectUrl": address}))
    assert authorize(ouro).exit_code == 0
    assert hello(ouro).exit_code == 0


def test_eight_processes_refresh_once(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.lifetime = 1
    import_api(guarded(oauth2(authorizationCode={})))
    authorize(ouro)
    server.lifetime = 3600
    runs = [ouro.start("route", "run", "ada/hello-get") for _ in range(8)]
    for run in runs:
        run.communicate(timeout=60)
    assert [run.returncode for run in runs] == [0] * 8
    assert server.refreshed == 1


def test_a_refused_refresh_says_what_to_do(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.lifetime = 1
    import_api(guarded(oauth2(authorizationCode={})))
    authorize(ouro)
    server._refresh_tokens.clear()
    done = hello(ouro)
    assert (done.exit_code, done.out) == (2, "")
    assert "used before" in done.err
    assert "ouro auth set photos --scheme oauth" in done.err
    assert ouro("action", "list", "--json").json["actions"] == []


def test_a_token_that_the_api_refuses_is_not_resent_and_not_sent_again(
    ouro: Program, server: OAuthServer, upstream: Upstream, import_api: Import
) -> None:
    import_api(guarded(oauth2(authorizationCode={})))
    authorize(ouro)
    server.valid.clear()
    refused = hello(ouro)
    calls = [call for call in upstream.calls if call.path == "/hello"]
    assert (refused.exit_code, len(calls)) == (1, 1)
    assert hello(ouro).exit_code == 0
    assert server.refreshed == 1


def test_a_token_endpoint_that_the_document_moves_does_not_get_the_secret(
    ouro: Program, import_api: Import
) -> None:
    import_api(guarded(oauth2(clientCredentials={})))
    done = ouro(*BY_CLIENT, "--from-stdin", "--store", "file", stdin=CLIENT_SECRET)
    assert done.exit_code == 0, done.err
    with serving(OAuthServer()) as thief:
        moved = {"tokenUrl": f"{thief.url}/token"}
        import_api(guarded(oauth2(clientCredentials=moved)))
        done = hello(ouro)
        [shown] = ouro("auth", "list", "--json").json["credentials"]
        assert thief.calls == []
    assert done.exit_code == 2
    assert "has moved its token endpoint" in done.err
    assert shown["state"] == "elsewhere"


@pytest.mark.parametrize(
    ("scheme", "arguments", "why"),
    [
        (oauth2(password={}), (), "the user's own password"),
        (oauth2(clientCredentials={}), ("--flow", "password"), "Passwords of people"),
        (oauth2(clientCredentials={}), ("--flow", "magic"), "none of code"),
        (oauth2(clientCredentials={}), ("--flow", "code"), "no address for the code flow"),
        (oauth2(clientCredentials={}), (), "needs its secret"),
        (oauth2(implicit={}), (), "does not say where tokens"),
        ({"type": "oauth2"}, (), "does not say where tokens"),
        (
            oauth2(authorizationCode={"tokenUrl": "http://example.org/token"}),
            (),
            "without encryption",
        ),
        (oauth2(authorizationCode={"tokenUrl": "ftp://x/token"}), (), "no address for tokens"),
        (
            {"type": "openIdConnect", "openIdConnectUrl": "http://127.0.0.1:9/"},
            (),
            "cannot read http://127.0.0.1:9/",
        ),
    ],
)
def test_what_cannot_be_is_said_and_sets_nothing(
    ouro: Program, import_api: Import, scheme: Any, arguments: tuple[str, ...], why: str
) -> None:
    import_api(guarded(scheme))
    done = ouro(*BY_CLIENT, *arguments, "--store", "file")
    assert (done.exit_code, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1
    assert ouro("auth", "list", "--json").json["credentials"] == []


def test_scopes_that_are_lacking_are_told(ouro: Program, import_api: Import) -> None:
    import_api(guarded(oauth2(authorizationCode={}), scopes=("read", "write")))
    done = authorize(ouro)
    assert "ask for scopes that it lacks: write" in done.err


@pytest.mark.usefixtures("secret")
def test_a_dry_run_asks_for_no_token(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(clientCredentials={})))
    ouro(*BY_CLIENT, "--from-env", "PHOTOS_SECRET")
    done = ouro("route", "run", "ada/hello-get", "--dry-run")
    assert "Authorization: Bearer [secret]" in done.out
    assert len(server.given) == 1


def test_no_secret_stands_anywhere_but_in_the_vault(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.lifetime = 1
    import_api(guarded(oauth2(authorizationCode={})))
    said = [authorize(ouro)]
    said += [hello(ouro), ouro("route", "run", "ada/hello-get", "--dry-run", "--curl")]
    server.valid.clear()
    said += [hello(ouro), ouro("auth", "list"), ouro("auth", "list", "--json")]
    said += [ouro("action", "show", "@last", "--json"), ouro("doctor")]
    kept = b"".join(
        path.read_bytes()
        for path in ouro.home.rglob("*")
        if path.is_file() and path.name != "credentials.json"
    )
    for secret in filter(None, server.secrets):
        assert not any(secret in each.out + each.err for each in said), secret
        assert secret.encode() not in kept, secret
    assert ouro("auth", "remove", "photos").exit_code == 0
    assert not re.search("access-|refresh-", (ouro.home / "credentials.json").read_text())
