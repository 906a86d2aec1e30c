"""The chain that a person means: by its id, the beginning of one, or `@last`."""

from ouro_cli.errors import AmbiguousReference, ChainNotFound
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.model.identity import is_uuid, is_uuid_prefix
from ouro_cli.runtime import Runtime


def find_chain(rt: Runtime, name: str) -> ChainRun:
    """The chain of this UUID or beginning of one; `@last` is the newest that is no step."""
    chains = rt.store.chains
    if name == "@last":
        newest = chains.newest_id()
        if newest is None:
            raise ChainNotFound(name=name, hint="No chain has been run yet.")
        return chains.get(newest)
    wanted = name.lower()
    ids = rt.store.people.ids_like("chain", wanted) if is_uuid_prefix(wanted) else []
    if len(ids) > 1 and not is_uuid(wanted):
        raise AmbiguousReference(name=name, choices=", ".join(ids))
    if not ids:
        raise ChainNotFound(name=name)
    return chains.get(ids[0])
