"""Credentials: which scheme one is for, where it is kept, and to which origin it may go."""

from typing import Any

from ouro_cli.errors import CredentialRefused, UsageFault
from ouro_cli.model.identity import near
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret
from ouro_cli.store.credentials import Credential, find_keyring
from ouro_cli.wire.credentials import origin_of, schemes_of


def plan_credential(
    rt: Runtime, service: Service, *, scheme: str | None, variable: str | None, store: str | None
) -> Credential:
    """Which of a service's schemes a credential is for, and where it is to lie: checked, not set.

    Without a keyring, the file has to be asked for: nothing is written in the clear unasked.
    """
    return Credential(
        service_id=service.id,
        scheme=_scheme_name(service, scheme),
        origin=origin_of(service.base_url),
        place=f"env:{variable}" if variable is not None else _place(store),
        created_at=rt.now(),
    )


def set_credential(rt: Runtime, credential: Credential, secret: str | None) -> None:
    """Put a secret where its credential says, and note the credential in the registry.

    Without a secret, it lies in a variable of the environment.
    """
    if secret is not None:
        remember_secret(secret)
        rt.store.vault.write(credential, secret)
    with rt.store.transaction() as tx:
        tx.credentials.save(credential)


def remove_credential(rt: Runtime, service: Service, scheme: str | None) -> Credential:
    """Forget a service's credential, and take the secret out of its store."""
    held = rt.store.credentials.all(service.id)
    chosen = [each for each in held if scheme in (None, each.scheme)]
    if not chosen:
        raise CredentialRefused(
            why=f"service '{service.name}' has no such credential", hint="See: ouro auth list"
        )
    if len(chosen) > 1:
        raise UsageFault(
            why=f"service '{service.name}' has several credentials",
            hint=f"Say which: --scheme {' or '.join(each.scheme for each in chosen)}",
        )
    with rt.store.transaction() as tx:
        tx.credentials.remove(service.id, chosen[0].scheme)
    rt.store.vault.remove(chosen[0])
    return chosen[0]


def credential_view(rt: Runtime, credential: Credential) -> dict[str, Any]:
    """Where a credential lies and whether it can be read now; never what it is."""
    return {
        "service": rt.store.services.get(credential.service_id).name,
        "scheme": credential.scheme,
        "origin": credential.origin,
        "place": credential.place,
        "is_readable": rt.store.vault.read(credential) is not None,
    }


def _scheme_name(service: Service, wanted: str | None) -> str:
    known = schemes_of(service)
    if wanted is None:
        if len(known) == 1:
            return next(iter(known))
        raise UsageFault(
            why=f"service '{service.name}' knows several credentials",
            hint=f"Say which: --scheme {' | '.join(known)}",
        )
    if wanted in known:
        return wanted
    close = near(wanted, known)
    hint = f"Did you mean {close[0]}?" if close else f"It knows: {', '.join(known)}."
    raise UsageFault(why=f"service '{service.name}' knows no '{wanted}'", hint=hint)


def _place(store: str | None) -> str:
    if store is not None:
        return store
    if find_keyring() is not None:
        return "keyring"
    raise CredentialRefused(
        why="there is no keyring here to keep it in",
        hint="Use --from-env NAME, or --store file for a file of mode 0600.",
    )
