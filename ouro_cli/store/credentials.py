"""Where the credentials of a service lie, as rows; and the one file that may hold them."""

import contextlib
import fcntl
import hashlib
import json
import os
import sqlite3
import stat
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.grant import Grant, Tokens
from ouro_cli.store.rows import moment, time_text

_FILE = "credentials.json"
_LOCKS = "locks"
_KEYRING = "ouro"

LOCK_SECONDS = 90.0
"""How long another process may hold a credential: longer than any token endpoint may take."""

Slot = tuple[str, str]
"""Where one secret lies: its place, and its name there."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Where a secret lies: `place` is `env:NAME`, `keyring` or `file`. Never the secret itself.

    `origin` is the scheme, host and port that it may be sent to, and `binding` the way in which it
    was sent when it was set (`wire.credentials.binding_of`; empty where that is not known). With a
    `grant`, what lies there is the client's secret, if it has one, and access tokens are asked
    for; `token_place` is where they are kept, empty where every process asks for its own.
    """

    service_id: str
    scheme: str
    origin: str
    place: str
    created_at: datetime
    grant: Grant | None = None
    token_place: str = ""
    binding: str = ""


class Credentials:
    """The credentials that are set."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(self, credential: Credential) -> None:
        """Note where a credential lies."""
        self._db.execute(
            "INSERT INTO credential (service_id, scheme, origin, binding, place, created_at, oauth,"
            " token_place) VALUES (:service_id, :scheme, :origin, :binding, :place, :created_at,"
            " :oauth, :token_place) ON CONFLICT (service_id, scheme) DO UPDATE SET"
            " origin = excluded.origin, binding = excluded.binding, place = excluded.place,"
            " created_at = excluded.created_at, oauth = excluded.oauth,"
            " token_place = excluded.token_place",
            {
                "service_id": credential.service_id,
                "scheme": credential.scheme,
                "origin": credential.origin,
                "binding": credential.binding,
                "place": credential.place,
                "created_at": time_text(credential.created_at),
                "oauth": None
                if credential.grant is None
                else json.dumps(credential.grant.as_dict()),
                "token_place": credential.token_place,
            },
        )

    def all(self, service_id: str | None = None) -> list[Credential]:
        """The credentials of one service, or of all."""
        rows = self._db.execute(
            "SELECT * FROM credential WHERE (:id IS NULL OR service_id = :id)"
            " ORDER BY service_id, scheme",
            {"id": service_id},
        )
        return [
            Credential(
                service_id=row["service_id"],
                scheme=row["scheme"],
                origin=row["origin"],
                place=row["place"],
                created_at=moment(row["created_at"]),
                grant=None if row["oauth"] is None else Grant.of_dict(json.loads(row["oauth"])),
                token_place=row["token_place"],
                binding=row["binding"],
            )
            for row in rows
        ]

    def remove(self, service_id: str, scheme: str) -> None:
        """Forget where a credential lies."""
        self._db.execute(
            "DELETE FROM credential WHERE service_id = ? AND scheme = ?", (service_id, scheme)
        )


class Vault:
    """The secrets themselves: read from and written to the places that credentials name."""

    def __init__(self, home: Path) -> None:
        self._path = home / _FILE

    def read(self, credential: Credential) -> str | None:
        """The secret; None where its place does not hold it."""
        kind, _, name = credential.place.partition(":")
        if kind == "env":
            # A line's end that came along would split the header that it goes into.
            return os.environ.get(name, "").strip().lstrip("\ufeff").strip() or None
        return self._get(credential.place, _key(credential))

    def write(self, credential: Credential, secret: str) -> Slot:
        """Put the secret into the keyring or the file; where it lies now."""
        return self._put(credential.place, _key(credential), secret)

    def read_tokens(self, credential: Credential) -> Tokens | None:
        """The tokens of a grant that were kept; None where none were, or they cannot be read."""
        text = self._get(credential.token_place, _tokens_key(credential))
        try:
            return None if text is None else Tokens.of_dict(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def write_tokens(self, credential: Credential, tokens: Tokens) -> Slot:
        """Keep a grant's tokens, durably; where they are not to be kept, nothing happens."""
        key = _tokens_key(credential)
        if not credential.token_place:
            return "", key
        return self._put(credential.token_place, key, json.dumps(tokens.as_dict()))

    def remove(self, credential: Credential, *, but: Collection[Slot] = ()) -> None:
        """Take secret and tokens out of their places; what lies in the environment stays."""
        for place, key in (
            (credential.place, _key(credential)),
            (credential.token_place, _tokens_key(credential)),
        ):
            if (place, key) not in but:
                self._drop(place, key)

    @contextlib.contextmanager
    def held(self, credential: Credential) -> Iterator[None]:
        """Alone with a credential among all processes: one asks for tokens, the others wait."""
        name = hashlib.sha256(_key(credential).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        with _locked(self._path.parent / _LOCKS / f"{name}.lock"):
            yield

    def _get(self, place: str, key: str) -> str | None:
        if place == "keyring":
            keyring = find_keyring()
            return None if keyring is None else keyring.get_password(_KEYRING, key)
        return self._load().get(key) if place == "file" else None

    def _put(self, place: str, key: str, secret: str) -> Slot:
        if place == "keyring":
            keyring = find_keyring()
            if keyring is None:
                raise CredentialRefused(why="there is no keyring", hint="Use --store file.")
            keyring.set_password(_KEYRING, key, secret)
        else:
            with self._file_held():
                self._save({**self._load(), key: secret})
        return place, key

    def _drop(self, place: str, key: str) -> None:
        if place == "keyring" and (keyring := find_keyring()) is not None:
            with contextlib.suppress(keyring.errors.PasswordDeleteError):
                keyring.delete_password(_KEYRING, key)
        elif place == "file":
            with self._file_held():
                held = self._load()
                if held.pop(key, None) is not None:
                    self._save(held)

    def _file_held(self) -> contextlib.AbstractContextManager[None]:
        """Alone with the file, from its reading to its writing."""
        return _locked(self._path.parent / _LOCKS / "file.lock")

    def _load(self) -> dict[str, str]:
        try:
            with self._path.open(encoding="utf-8") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if mode & 0o077:
                    raise CredentialRefused(
                        why=f"{self._path} can be read by others (mode {mode:o})",
                        hint=f"Close it: chmod 600 {self._path}",
                    )
                held = json.load(file)
                if not isinstance(held, dict):
                    raise ValueError("it is no JSON object")
                return held
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as fault:
            raise CredentialRefused(why=f"{self._path} cannot be read: {fault}") from None

    def _save(self, held: dict[str, str]) -> None:
        with _replacing(self._path) as descriptor, os.fdopen(descriptor, "w") as file:
            json.dump(held, file, indent=1)
            file.flush()
            os.fsync(file.fileno())


def _key(credential: Credential) -> str:
    return f"{credential.service_id}/{credential.scheme}"


def _tokens_key(credential: Credential) -> str:
    return f"{_key(credential)}/tokens"


def find_keyring() -> ModuleType | None:
    """The `keyring` package where it is installed and has a real backend; it is slow to import."""
    try:
        import keyring  # noqa: PLC0415
    except ImportError:
        return None
    backend = keyring.get_keyring()
    return None if backend.priority <= 0 else keyring


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise CredentialRefused(
                    why=f"another process has held {path} for {LOCK_SECONDS:g} seconds",
                    hint="Nothing was sent. Try again.",
                )
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[int]:
    """A new file, for its owner alone, that takes the path's place once it is written whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
        draft.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _sync_folder(path: Path) -> None:
    # A refresh token may serve once: the new one must outlive a power cut before it is relied on.
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
