"""Secrets in their places: whole, for their owner alone, and not lost where many write at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.grant import Tokens
from ouro_cli.store import credentials
from ouro_cli.store.credentials import Credential, Vault
from tests.builders import NOW

WRITE = """
import sys
from pathlib import Path
from ouro_cli.store.credentials import Credential, Vault
from tests.builders import NOW
for number in range(10):
    name = f"{sys.argv[2]}-{number}"
    Vault(Path(sys.argv[1])).write(Credential("s", name, "http://a:80", "file", NOW), name)
"""


def _credential(scheme: str = "a", **facts: str) -> Credential:
    usual = {"service_id": "s", "scheme": scheme, "origin": "http://a:80", "place": "file"}
    return Credential(**usual | facts, created_at=NOW)  # type: ignore[arg-type]


def test_of_many_who_write_at_once_each_is_kept(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path), f"{each}"])
        for each in range(6)
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 6
    held = json.loads((tmp_path / "credentials.json").read_text())
    assert sorted(held.values()) == sorted(f"{a}-{b}" for a in range(6) for b in range(10))


@pytest.mark.parametrize(("given", "read"), [("\ufeff key\r\n", "key"), ("\n", None), ("", None)])
def test_a_variable_is_read_without_what_came_along(
    given: str, read: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", given)
    assert Vault(tmp_path).read(_credential(place="env:THE_KEY")) == read


def test_tokens_and_a_secret_lie_side_by_side_and_go_one_by_one(tmp_path: Path) -> None:
    vault, credential = Vault(tmp_path), _credential(token_place="file")
    slot = vault.write(credential, "secret")
    vault.write_tokens(credential, Tokens("access", "refresh", NOW, ("read",)))
    assert vault.read_tokens(credential) == Tokens("access", "refresh", NOW, ("read",))
    vault.remove(credential, but=[slot])
    assert (vault.read(credential), vault.read_tokens(credential)) == ("secret", None)


def test_tokens_that_are_not_to_be_kept_are_not(tmp_path: Path) -> None:
    vault, credential = Vault(tmp_path), _credential()
    vault.write_tokens(credential, Tokens("access"))
    assert vault.read_tokens(credential) is None
    assert not (tmp_path / "credentials.json").exists()


def _write(folder: Path, text: str) -> None:
    path = folder / "credentials.json"
    path.write_text(text)
    path.chmod(0o600)


@pytest.mark.parametrize("text", ["{", "[]", "", "5"])
def test_a_file_that_is_damaged_is_said_to_be(text: str, tmp_path: Path) -> None:
    _write(tmp_path, text)
    with pytest.raises(CredentialRefused, match=r"credentials\.json cannot be read"):
        Vault(tmp_path).read(_credential())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"access_token": "a", "expires_at": "soon"}'])
def test_tokens_that_cannot_be_read_are_none(text: str, tmp_path: Path) -> None:
    _write(tmp_path, json.dumps({"s/a/tokens": text}))
    assert Vault(tmp_path).read_tokens(_credential(token_place="file")) is None


def test_a_credential_that_another_holds_is_waited_for_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "LOCK_SECONDS", 0.1)
    vault = Vault(tmp_path)
    with vault.held(_credential()):
        with vault.held(_credential("b")):
            pass
        with pytest.raises(CredentialRefused, match="another process"), vault.held(_credential()):
            pass
    with vault.held(_credential()):
        pass
