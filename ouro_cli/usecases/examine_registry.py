"""Look the registry over: what is well, what is odd, what is broken, and what to do about it."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ouro_cli import seat
from ouro_cli.errors import OuroError
from ouro_cli.process import is_alive
from ouro_cli.runtime import Runtime
from ouro_cli.store.contents import nonsense_in, problems_of
from ouro_cli.store.database import DAMAGE, LATEST
from ouro_cli.store.places import is_network, kind_of
from ouro_cli.store.references import COPIES, references
from ouro_cli.upstream import proxies
from ouro_cli.usecases.examine_callbacks import unreached
from ouro_cli.usecases.judge_credential import State, bound_elsewhere, state_of
from ouro_cli.usecases.repair_registry import loose

_FIXED_SQLITE = (3, 51, 3)
_LEAST_FREE = 256 * 2**20
_LARGE_WAL = 64 * 2**20
_REPAIR = "ouro doctor --repair"


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at: `state` is ok, note, warning or fault."""

    subject: str
    state: str
    message: str
    hint: str = ""


def examine_registry(rt: Runtime, *, deeply: bool = False) -> list[Examined]:
    """Everything that was looked at, in a fixed order; nothing is changed.

    `deeply` reads every page of the registry and the bytes of every asset; else only the pages'
    order and the files' sizes are looked at.
    """
    try:
        rt.store.services.names()
    except (OuroError, *DAMAGE) as fault:
        why = fault.message if isinstance(fault, OuroError) else str(fault)
        cause = fault.__cause__ if isinstance(fault, OuroError) else fault
        is_damage = isinstance(cause, DAMAGE)
        can = f"{_REPAIR}, or restore a backup; the file is kept as it is." if is_damage else ""
        hint = fault.advice if isinstance(fault, OuroError) and not is_damage else can
        return [Examined("registry", "fault", why, hint)]
    sections: list[tuple[str, Callable[[], Iterator[Examined]]]] = [
        ("registry", lambda: _registry(rt, deeply=deeply)),
        ("SQLite", _sqlite),
        ("place", lambda: _place(rt)),
        ("files", lambda: _files(rt.settings.home)),
        ("listener", lambda: _listener(rt)),
        ("actions", lambda: _open_actions(rt)),
        ("clock", lambda: _clock(rt)),
        ("assets", lambda: _assets(rt, deeply=deeply)),
        ("credentials", lambda: _credentials(rt)),
        ("proxies", _proxies),
    ]
    found: list[Examined] = []
    for subject, section in sections:
        try:
            found += section()
        except (sqlite3.Error, ValueError, TypeError, LookupError) as fault:
            # A row that is damaged reads as nonsense.
            found.append(Examined(subject, "fault", f"cannot be read: {fault}", _REPAIR))
    return found


def _registry(rt: Runtime, *, deeply: bool) -> Iterator[Examined]:
    path = rt.store.database.path
    connection = rt.store.database.connection
    if deeply:
        problems = list(problems_of(connection))
    else:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        problems = [] if said == "ok" else [said]
    for problem in problems:
        yield Examined("registry", "fault", f"{path} is damaged: {problem}", _REPAIR)
    if deeply and not problems:
        for nonsense in nonsense_in(connection):
            yield Examined("rows", "fault", nonsense, "Restore a backup.")
    if not problems:
        size = path.stat().st_size / 2**20
        yield Examined("registry", "ok", f"{path}, version {LATEST}, {size:.1f} MiB")
    for copy in sorted(rt.settings.home.glob(COPIES)):
        size = copy.stat().st_size / 2**20
        told = f"{copy}, {size:.1f} MiB, is kept from before; remove it once it is of no use"
        yield Examined("registry", "note", told)


def _sqlite() -> Iterator[Examined]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= _FIXED_SQLITE:
        yield Examined("SQLite", "ok", version)
    else:
        told = f"{version}; its WAL-reset fault is kept out by never checkpointing beside a writer"
        yield Examined("SQLite", "note", told)


def _place(rt: Runtime) -> Iterator[Examined]:
    home = rt.settings.home
    kind, free = kind_of(home), shutil.disk_usage(home).free
    named = kind or "a file system of unknown kind"
    if is_network(kind):
        hint = "Name a folder on a local disk: OURO_HOME=DIR"
        yield Examined("place", "fault", f"{home} lies on {named}, over a network", hint)
    elif free < _LEAST_FREE:
        told = f"{home} has {free / 2**20:.0f} MiB left"
        yield Examined("place", "warning", told, "Make room: ouro prune --older-than 90d")
    else:
        yield Examined("place", "ok", f"{named}, {free / 2**30:.1f} GiB free")
    with contextlib.suppress(FileNotFoundError):
        waiting = Path(f"{rt.store.database.path}-wal").stat().st_size
        if waiting > _LARGE_WAL:
            told = f"the log ahead is {waiting / 2**20:.0f} MiB: somebody has read for very long"
            yield Examined(
                "place", "warning", told, "Stop old watchers: ouro action list --running"
            )


def _files(home: Path) -> Iterator[Examined]:
    found = list(loose(home))
    for each in found:
        mode = "700" if each.is_dir() else "600"
        yield Examined("files", "warning", f"{each} can be read by others", f"chmod {mode} {each}")
    if not found:
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
    if seated.trouble:
        told = f"degraded: {seated.url} does not lead here: {seated.trouble}"
        hint = f"Have it lead to port {seated.port} of this machine again."
        yield Examined("listener", "warning", told, hint)


def _open_actions(rt: Runtime) -> Iterator[Examined]:
    open_ids = rt.store.actions.open_ids()
    accepted = []
    for action_id in open_ids:
        action = rt.store.actions.get(action_id)
        if action.is_accepted:
            accepted.append(action)
        elif action.owner is not None and not is_alive(action.owner):
            told = f"{action_id} was being sent by a process that is gone"
            yield Examined("action", "warning", told, f"ouro action watch {action_id}")
    for each in unreached(seat.find_seated(rt.settings.home), accepted):
        yield Examined("action", "warning", each.message, each.hint)
    yield Examined("actions", "ok", f"{len(open_ids)} open")


def _clock(rt: Runtime) -> Iterator[Examined]:
    """A clock that went back makes what is to come later look as if it had been."""
    asked = "SELECT max(last_updated) FROM action"
    newest = rt.store.database.connection.execute(asked).fetchone()[0]
    limit = (rt.now() + timedelta(minutes=5)).isoformat()
    if newest is not None and newest > limit:
        told = f"an action was changed at {newest}, which is yet to come: the clock went back"
        yield Examined("clock", "warning", told, "Deadlines count from the moments written down.")


def _assets(rt: Runtime, *, deeply: bool) -> Iterator[Examined]:
    files, problems = rt.store.files, dict[str, str]()
    count = 0
    for named in references(rt.store.database.connection):
        count += named.is_needed
        if named.sha256 not in problems:
            problems[named.sha256] = files.problem(named.sha256, named.size, deeply=deeply)
        problem = problems[named.sha256]
        if problem and (named.is_needed or problem != "missing"):
            told = f"{named.by}: its bytes are {problem}"
            hint = f"{_REPAIR}, or restore {files.path_of(named.sha256)}"
            yield Examined("asset", "fault", told, hint)
    idle = [size for sha256, size in files.all() if sha256 not in problems]
    if idle:
        told = f"{len(idle)} files in {files.folder} belong to no asset, {sum(idle):,} bytes"
        yield Examined("assets", "note", told, _REPAIR)
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
