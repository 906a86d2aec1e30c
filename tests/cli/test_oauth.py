"""OAuth 2 as a person and a CI job meet it: against a real server, on real sockets."""

import contextlib
import json
import os
import re
import signal
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


def authorize(ouro: Program, *arguments: str, store: str | None = "file") -> Result:
    """`auth set` by the code flow, with a browser that goes where it is told to."""
    process = ouro.start(*BY_CLIENT, *(("--store", store) if store else ()), *arguments)
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


@pytest.mark.usefixtures("secret")
def test_a_clients_secret_means_the_client_itself(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(authorizationCode={}, clientCredentials={}, password={})))
    assert ouro(*BY_CLIENT, "--from-env", "PHOTOS_SECRET").exit_code == 0
    assert server.given == ["client_credentials"]


def test_over_ssh_a_code_is_typed_where_the_browser_is(ouro: Program, import_api: Import) -> None:
    import_api(guarded(oauth2(authorizationCode={}, deviceAuthorization={})))
    ouro.environment["SSH_CONNECTION"] = "192.0.2.1 1 192.0.2.2 22"
    done = ouro(*BY_CLIENT, "--store", "file")
    assert (done.exit_code, "type WDJB-MJHT" in done.err) == (0, True)


def test_only_what_routes_ask_for_is_asked_for(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    scheme = oauth2(authorizationCode={"scopes": {"read": "", "write": "", "admin": ""}})
    import_api(guarded(scheme, scopes=("write", "read")))
    authorize(ouro)
    authorize(ouro, "--scope", "read", "--scope", "admin")
    assert [each for each in server.scopes if each] == ["read write", "read admin"]


def test_where_the_document_says_implicit_the_code_flow_is_found_and_used(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(implicit={})))
    assert authorize(ouro).exit_code == 0
    assert server.given == ["authorization_code"]
    [shown] = ouro("auth", "list", "--json").json["credentials"]
    assert shown["token_url"].endswith("/token")


def test_a_server_speaks_for_no_other_issuer(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.issuer = "https://other.test"
    import_api(guarded(oauth2(implicit={})))
    done = ouro(*BY_CLIENT, "--store", "file")
    assert (done.exit_code, "does not say where tokens" in done.err) == (2, True)


def test_a_run_that_is_interrupted_does_not_lose_what_was_refreshed(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.lifetime = 1
    import_api(guarded(oauth2(authorizationCode={})))
    authorize(ouro)
    server.lifetime = 3600
    run = ouro.start("route", "run", "ada/hello-get")
    # The new refresh token exists, and the old one is worth nothing, when the signal comes.
    server.before_answer = lambda: run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    server.before_answer = lambda: None
    assert run.returncode == 130
    assert ouro("action", "list", "--json").json["actions"] == []
    assert hello(ouro).exit_code == 0
    assert server.refreshed == 1


def test_a_public_client_is_well_without_a_secret(ouro: Program, import_api: Import) -> None:
    import_api(guarded(oauth2(authorizationCode={})))
    authorize(ouro)
    assert "photos oauth" not in ouro("doctor").out


def test_nothing_secret_stands_in_the_list_of_processes(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    import_api(guarded(oauth2(authorizationCode={})))
    seen: list[bytes] = []

    def look() -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                seen.append(path.read_bytes())

    server.before_answer = look
    assert authorize(ouro).exit_code == 0
    shown = b"\n".join(seen)
    assert CLIENT_ID.encode() in shown
    assert not [each for each in server.secrets if each and each.encode() in shown]


def test_nobody_else_can_read_anything_whatever_the_umask(
    ouro: Program, server: OAuthServer, import_api: Import
) -> None:
    server.lifetime = 1
    before = os.umask(0)
    try:
        import_api(guarded(oauth2(authorizationCode={})))
        authorize(ouro)
        hello(ouro)
    finally:
        os.umask(before)
    there = [ouro.home, *ouro.home.rglob("*")]
    assert len(there) > 4
    assert [each for each in there if stat.S_IMODE(each.stat().st_mode) & 0o077] == []


def test_tokens_lie_in_the_keyring_where_there_is_one(
    ouro: Program, import_api: Import, tmp_path: Path
) -> None:
    folder = tmp_path / "packages"
    folder.mkdir()
    # The package's own interface, over a file that stands for the system's keyring.
    (folder / "keyring.py").write_text(KEYRING.format(path=str(tmp_path / "keys.json")))
    ouro.environment["PYTHONPATH"] = str(folder)
    import_api(guarded(oauth2(authorizationCode={})))
    done = authorize(ouro, store=None)
    assert (done.exit_code, "  keyring  " in done.out) == (0, True)
    assert hello(ouro).exit_code == 0
    assert "refresh-" in (tmp_path / "keys.json").read_text()
    assert not (ouro.home / "credentials.json").exists()
    ouro("auth", "remove", "photos")
    assert json.loads((tmp_path / "keys.json").read_text()) == {}


KEYRING = """
import json, pathlib, types
_path = pathlib.Path({path!r})

class PasswordDeleteError(Exception):
    pass

errors = types.SimpleNamespace(PasswordDeleteError=PasswordDeleteError)

def get_keyring():
    return types.SimpleNamespace(priority=5)

def _load():
    return json.loads(_path.read_text()) if _path.exists() else {{}}

def get_password(service, key):
    return _load().get(f"{{service}}/{{key}}")

def set_password(service, key, secret):
    _path.write_text(json.dumps({{**_load(), f"{{service}}/{{key}}": secret}}))

def delete_password(service, key):
    held = _load()
    if held.pop(f"{{service}}/{{key}}", None) is None:
        raise PasswordDeleteError
    _path.write_text(json.dumps(held))
"""


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
        (
            oauth2(clientCredentials={"tokenUrl": "http://127.0.0.1:9/token"}),
            ("--flow", "code"),
            "no address for the code flow",
        ),
        (oauth2(clientCredentials={}), (), "needs its secret"),
        (
            oauth2(implicit={"authorizationUrl": "http://127.0.0.1:9/authorize"}),
            (),
            "says implicit, which is not safe, and does not say where tokens",
        ),
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
    ouro: Program, server: OAuthServer, import_api: Import, tmp_path: Path
) -> None:
    """Client secret, verifier, code, access and refresh tokens, with an API that echoes."""
    server.lifetime, server.echoes = 1, True
    import_api(guarded(oauth2(authorizationCode={})))
    (tmp_path / "given").write_text(CLIENT_SECRET)
    said = [authorize(ouro, "--flow", "code", "--from-file", str(tmp_path / "given"))]
    said += [hello(ouro), ouro("route", "run", "ada/hello-get", "--dry-run", "--curl")]
    server.valid.clear()
    server.lifetime = 3600
    said += [hello(ouro), hello(ouro), ouro("auth", "list"), ouro("auth", "list", "--json")]
    server.valid.clear()
    said += [hello(ouro), ouro("action", "show", "@last", "--json"), ouro("doctor")]
    server._refresh_tokens.clear()
    said += [hello(ouro), ouro("action", "list", "--json"), ouro("action", "logs", "@last")]
    kept = b"".join(
        path.read_bytes()
        for path in ouro.home.rglob("*")
        if path.is_file() and path.name != "credentials.json"
    )
    assert [each.exit_code for each in said[-3:]] == [2, 0, 0]
    assert server.refreshed >= 2
    for secret in filter(None, {*server.secrets, CLIENT_SECRET}):
        assert not any(secret in each.out + each.err for each in said), secret
        assert secret.encode() not in kept, secret
    assert ouro("auth", "remove", "photos").exit_code == 0
    left = (ouro.home / "credentials.json").read_text()
    assert not re.search("access-|refresh-|client", left)
