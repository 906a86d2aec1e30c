"""Look the registry over: what is well, what is odd, what is broken, and what to do about it."""

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouro_cli import seat
from ouro_cli.errors import OuroError
from ouro_cli.process import is_alive
from ouro_cli.runtime import Runtime
from ouro_cli.store.database import LATEST
from ouro_cli.upstream import proxies
from ouro_cli.usecases.judge_credential import State, bound_elsewhere, state_of

_FIXED_SQLITE = (3, 51, 3)


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at: `state` is ok, note, warning or fault."""

    subject: str
    state: str
    message: str
    hint: str = ""


def examine_registry(rt: Runtime, *, deeply: bool = False) -> list[Examined]:
    """Everything that was looked at, in a fixed order; nothing is changed.

    `deeply` reads the bytes of every asset; else only their sizes are looked at.
    """
    try:
        rt.store.services.names()
    except (OuroError, sqlite3.Error) as fault:
        why = fault.message if isinstance(fault, OuroError) else str(fault)
        return [Examined("registry", "fault", why, "Keep the file as it is, and restore a backup.")]
    return [
        *_registry(rt),
        *_sqlite(),
        *_files(rt.settings.home),
        *_listener(rt),
        *_open_actions(rt),
        *_assets(rt, deeply=deeply),
        *_credentials(rt),
        *_proxies(),
    ]


def _registry(rt: Runtime) -> Iterator[Examined]:
    path = rt.store.database.path
    connection = rt.store.database.connection
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        yield Examined("registry", "fault", f"{path} is damaged: {said}", "Restore a backup.")
        return
    size = path.stat().st_size / 2**20
    yield Examined("registry", "ok", f"{path}, version {LATEST}, {size:.1f} MiB")


def _sqlite() -> Iterator[Examined]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= _FIXED_SQLITE:
        yield Examined("SQLite", "ok", version)
    else:
        told = f"{version}; its WAL-reset fault is kept out by never checkpointing beside a writer"
        yield Examined("SQLite", "note", told)


def _files(home: Path) -> Iterator[Examined]:
    loose = [
        each
        for each in (home, *home.iterdir())
        if not each.is_symlink() and stat.S_IMODE(each.stat().st_mode) & 0o077
    ]
    for each in loose:
        mode = "700" if each.is_dir() else "600"
        yield Examined("files", "warning", f"{each} can be read by others", f"chmod {mode} {each}")
    if not loose:
        yield Examined("files", "ok", f"nothing in {home} can be read by others")


def _listener(rt: Runtime) -> Iterator[Examined]:
    seated = seat.find_seated(rt.settings.home)
    if seated is None:
        yield Examined(
            "listener", "ok", "none is running, and none is needed until a run starts one"
        )
        return
    log = rt.settings.home / seat.LOG_NAME
    yield Examined("listener", "ok", f"{seated.url}, process {seated.pid}, log {log}")


def _open_actions(rt: Runtime) -> Iterator[Examined]:
    open_ids = rt.store.actions.open_ids()
    seated = seat.find_seated(rt.settings.home)
    for action_id in open_ids:
        action = rt.store.actions.get(action_id)
        if action.is_accepted:
            if seated is None:
                told = f"{action_id} waits for a callback, and nobody listens"
                yield Examined("action", "warning", told, f"ouro action watch {action_id}")
            elif not (action.callback_url or "").startswith(seated.url):
                told = (
                    f"{action_id} was promised {action.callback_url}, and we listen at {seated.url}"
                )
                yield Examined("action", "warning", told)
        elif action.owner is not None and not is_alive(action.owner):
            told = f"{action_id} was being sent by a process that is gone"
            yield Examined("action", "warning", told, f"ouro action watch {action_id}")
    yield Examined("actions", "ok", f"{len(open_ids)} open")


def _assets(rt: Runtime, *, deeply: bool) -> Iterator[Examined]:
    files, problems = rt.store.files, dict[str, str]()
    count = 0
    for asset in rt.store.assets.all():
        count += 1
        if asset.sha256 not in problems:
            problem = files.problem(asset.sha256, asset.size, deeply=deeply)
            problems[asset.sha256] = problem
        if problems[asset.sha256]:
            told = f"{asset.id} {asset.name}: its bytes are {problems[asset.sha256]}"
            yield Examined("asset", "fault", told, f"Restore {files.path_of(asset.sha256)}")
    idle = [size for sha256, size in files.all() if sha256 not in problems]
    if idle:
        told = f"{len(idle)} files in {files.folder} belong to no asset, {sum(idle):,} bytes"
        yield Examined("assets", "note", told)
    looked = "every byte read" if deeply else "sizes looked at; to read every byte: --deep"
    yield Examined("assets", "ok", f"{count} kept, {looked}")


def _credentials(rt: Runtime) -> Iterator[Examined]:
    for credential in rt.store.credentials.all():
        service = rt.store.services.get(credential.service_id)
        try:
            state = state_of(rt, service, credential)
        except OuroError as fault:
            yield Examined("credential", "fault", fault.message, fault.advice)
            continue
        name = f"{service.name} {credential.scheme}"
        told = {
            State.READY: "",
            State.MISSING: f"{name} is not in {credential.place or credential.token_place}",
            State.EXPIRED: f"{name} has expired",
            State.ELSEWHERE: f"{name}: {bound_elsewhere(service, credential)}",
        }[state]
        if told:
            hint = f"ouro auth set {service.name} --scheme {credential.scheme}"
            yield Examined("credential", "warning", told, hint)


def _proxies() -> Iterator[Examined]:
    for scheme, proxy in proxies.named().items():
        told = f"{proxy} stands before every {scheme} address but those of this machine and network"
        yield Examined("proxy", "note", told, "To do without: NO_PROXY=HOST,...")
