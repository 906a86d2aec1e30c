"""Credentials: which scheme one is for, where it is kept, and to which origin it may go."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ouro_cli.errors import CredentialRefused, UsageFault
from ouro_cli.model.grant import Flow, Tokens
from ouro_cli.model.identity import near
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret
from ouro_cli.store.credentials import Credential, find_keyring
from ouro_cli.usecases.obtain_token import kept_tokens
from ouro_cli.usecases.place_credentials import state_of
from ouro_cli.wire.credentials import (
    is_opened,
    kind_of,
    origin_of,
    schemes_of,
    scopes_asked,
)

if TYPE_CHECKING:
    from ouro_cli.usecases.plan_grant import GrantWords


@dataclass(frozen=True, slots=True)
class CredentialWords:
    """What a person says of a credential: which scheme it is for, and where it is to lie."""

    scheme: str | None = None
    variable: str | None = None
    store: str | None = None


def plan_credential(
    rt: Runtime, service: Service, words: CredentialWords, grant: "GrantWords | None" = None
) -> Credential:
    """Which of a service's schemes a credential is for, and where it is to lie: checked, not set.

    Without a keyring, the file has to be asked for: nothing is written in the clear unasked. With
    a grant, what lies there is the client's secret, if any; tokens are kept in the keyring or the
    file, and only a client that acts in its own name can do without keeping them.
    """
    scheme = scheme_name(service, words.scheme)
    planned = Credential(
        service_id=service.id,
        scheme=scheme,
        origin=origin_of(service.base_url),
        place="" if words.variable is None else f"env:{words.variable}",
        created_at=rt.now(),
    )
    if grant is None:
        return replace(planned, place=planned.place or _place(words.store))
    # It loads oauthlib.
    from ouro_cli.usecases.plan_grant import plan_grant  # noqa: PLC0415

    how = plan_grant(rt, service, scheme, grant)
    if words.variable is not None and how.flow is Flow.CLIENT_CREDENTIALS:
        keeping = words.store or ("keyring" if find_keyring() else "")
    else:
        keeping = _place(words.store)
    return replace(planned, place=planned.place or keeping, token_place=keeping, grant=how)


def set_credential(
    rt: Runtime, credential: Credential, secret: str | None, tokens: Tokens | None = None
) -> None:
    """Put a secret and tokens where the credential says, and note it in the registry.

    Without a secret, it lies in a variable of the environment, or there is none.
    """
    if secret is not None and not credential.place.startswith("env:"):
        remember_secret(secret)
        rt.store.vault.write(credential, secret)
    if tokens is not None:
        with rt.store.vault.locked():
            rt.store.vault.write_tokens(credential, tokens)
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
    """Where a credential lies, whether it can be used, and what it opens; never what it is."""
    service = rt.store.services.get(credential.service_id)
    tokens = None if credential.grant is None else kept_tokens(rt, credential)
    opened = [
        route
        for route in rt.store.routes.of_service(service.id)
        if is_opened(service, route.operation, credential.scheme)
    ]
    view: dict[str, Any] = {
        "service": service.name,
        "scheme": credential.scheme,
        "origin": credential.origin,
        "place": credential.place,
        "state": state_of(rt, service, credential),
        "routes": [route.reference for route in opened],
        "flow": None,
        "scopes": [],
        "expires_at": None,
        "lacking_scopes": [],
    }
    if credential.grant is not None:
        granted = tokens.scopes if tokens is not None and tokens.scopes else credential.grant.scopes
        asked = {
            scope
            for route in opened
            for scope in scopes_asked(service, route.operation, credential.scheme)
        }
        view |= {
            "flow": credential.grant.flow.value,
            "client_id": credential.grant.client_id,
            "scopes": list(granted),
            "expires_at": tokens.expires_at.isoformat()
            if tokens is not None and tokens.expires_at is not None
            else None,
            "lacking_scopes": sorted(asked - set(granted)) if granted else [],
        }
    return view


def scheme_name(service: Service, wanted: str | None) -> str:
    """The scheme that is meant: the only one, or the one of this name."""
    known = schemes_of(service)
    if wanted is None:
        if len(known) == 1:
            return next(iter(known))
        raise UsageFault(
            why=f"service '{service.name}' knows several credentials",
            hint=f"Say which, --scheme: {_choices(service)}",
        )
    if wanted in known:
        return wanted
    close = near(wanted, known)
    hint = f"Did you mean {close[0]}?" if close else f"It knows: {', '.join(known)}."
    raise UsageFault(why=f"service '{service.name}' knows no '{wanted}'", hint=hint)


def _choices(service: Service) -> str:
    return "; ".join(f"{name}, {kind_of(service, name)}" for name in schemes_of(service))


def _place(store: str | None) -> str:
    if store is not None:
        return store
    if find_keyring() is not None:
        return "keyring"
    raise CredentialRefused(
        why="there is no keyring here to keep it in",
        hint="Use --from-env NAME, or --store file for a file of mode 0600.",
    )
