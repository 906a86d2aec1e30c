"""Fetch the results that lie at an address, and keep them as outputs of their run."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ouro_cli.errors import FetchFailed, FileUnreadable, RegistryUnavailable
from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset
from ouro_cli.model.compatibility import unfit
from ouro_cli.model.declaration import normal_extension
from ouro_cli.model.fetch import Fetch, next_wait
from ouro_cli.model.filename import harmless_name
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.keep_asset import AssetWords, prepare_file
from ouro_cli.usecases.keep_outputs import owned_by
from ouro_cli.usecases.record_properties import record_properties
from ouro_cli.usecases.write_outputs import Made, write_made
from ouro_cli.wire.disposition import filename_in
from ouro_cli.wire.outputs import extension_of

_OCTETS = "application/octet-stream"


def fetch_outputs(rt: Runtime, action_ids: Collection[str] | None = None) -> None:
    """Fetch what is due, of these actions or of all, one after the other.

    What nobody could fetch after some attempts is given up, with a note on the action. Should
    this process die meanwhile, another takes it on later.
    """
    for fetch in rt.store.fetches.pending(action_ids):
        if fetch.next_at > rt.now() or (fetch.owner is not None and is_alive(fetch.owner)):
            continue
        with rt.store.transaction() as tx:
            taken = tx.fetches.take(fetch, this_process())
        if taken:
            _fetch(rt, fetch)


def _fetch(rt: Runtime, fetch: Fetch) -> None:
    action = rt.store.actions.get(fetch.action_id)
    service = rt.store.services.get(action.route.service_id)
    try:
        with rt.download(fetch.url, service.base_url, rt.settings) as found:
            filename, media_type = _named(fetch, found.url, found.media_type, found.disposition)
            words = AssetWords(
                name=fetch.words["name"] or filename,
                description=fetch.words["description"],
                filename=filename,
                media_type=media_type,
                visibility=fetch.words["visibility"],
                license=fetch.words["license"] or "ARR",
            )
            asset = owned_by(action, prepare_file(rt, found.parts, words))
    except FetchFailed as fault:
        _put_off(rt, fetch, str(fault.facts["why"]), is_lasting=fault.is_lasting)
    except (FileUnreadable, RegistryUnavailable, OSError) as fault:
        why = (fault.strerror or "").lower() if isinstance(fault, OSError) else fault.message
        _put_off(rt, fetch, why)
    except BaseException:
        # Ctrl-C: whoever comes next takes it up at once.
        with rt.store.transaction() as tx:
            tx.fetches.put_off(fetch, rt.now())
        raise
    else:
        _keep(rt, fetch, action, asset)


def _keep(rt: Runtime, fetch: Fetch, action: Action, asset: Asset) -> None:
    with rt.store.transaction() as tx:
        # Whoever was slower finds it done.
        if not tx.fetches.remove(fetch):
            return
        write_made(rt, tx, action, [Made(fetch.name, asset, fetch.declaration, fetch.is_primary)])
        # What the answer says of this output had nothing to stand on before.
        record_properties(rt, tx, action.id)
        tx.events.tell(
            action.id, "kept", f"output {fetch.name} was fetched: {asset.size} bytes", at=rt.now()
        )
        why = unfit(asset, fetch.declaration)
        if why:
            told = f"output {fetch.name} {why}; it was kept all the same"
            tx.events.tell(action.id, "note", told, at=rt.now(), level="warning")


def _put_off(rt: Runtime, fetch: Fetch, why: str, *, is_lasting: bool = False) -> None:
    wait = None if is_lasting else next_wait(fetch.attempts + 1)
    with rt.store.transaction() as tx:
        if wait is not None:
            tx.fetches.put_off(fetch, rt.now() + timedelta(seconds=wait))
        elif tx.fetches.remove(fetch):
            told = f"output {fetch.name} was not kept: {why}"
            tx.events.tell(fetch.action_id, "note", told, at=rt.now(), level="warning")


def _named(fetch: Fetch, url: str, answered: str, disposition: str) -> tuple[str, str]:
    """The file's name and media type: as the run says, else the answer, else the address."""
    kind = answered.partition(";")[0].strip().lower()
    kind = "" if kind == _OCTETS else kind
    given = fetch.words["filename"] or filename_in(disposition)
    given = given or unquote(PurePosixPath(urlsplit(url).path).name)
    filename = harmless_name(given) if given else "unnamed"
    if normal_extension(PurePosixPath(filename).suffix) is None:
        filename = harmless_name(f"{filename}.{extension_of(kind)}")
    return filename, fetch.words["media_type"] or kind
