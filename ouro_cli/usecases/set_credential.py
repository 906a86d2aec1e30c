"""Credentials: which scheme one is for, where it is kept, and to which origin it may go."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ouro_cli.errors import CredentialRefused, UsageFault
from ouro_cli.model.grant import Flow, Tokens
from ouro_cli.model.identity import near
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret
from ouro_cli.store.credentials import Credential, find_keyring
from ouro_cli.usecases.view_credential import schemes_in_use
from ouro_cli.wire.credentials import (
    binding_of,
    can_be_sent,
    is_oauth,
    is_webhook_secret,
    kind_of,
    origin_of,
    schemes_of,
    secrets_in,
)

if TYPE_CHECKING:
    from ouro_cli.usecases.plan_grant import GrantWords

_MOST_CHOICES = 6


@dataclass(frozen=True, slots=True)
class CredentialWords:
    """What a person says of a credential: which scheme it is for, and where it is to lie."""

    scheme: str | None = None
    variable: str | None = None
    store: str | None = None


def plan_credential(
    rt: Runtime,
    service: Service,
    words: CredentialWords,
    grant: "GrantWords | None" = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Credential:
    """Which of a service's schemes a credential is for, and where it is to lie: checked, not set.

    Without a keyring, the file has to be asked for: nothing is written in the clear unasked. With
    a grant, what lies there is the client's secret, if any; tokens are kept in the keyring or the
    file, and only a client that acts in its own name can do without keeping them. What was chosen
    otherwise than one may expect is told.
    """
    scheme = scheme_name(rt, service, words.scheme, for_client=grant is not None)
    planned = Credential(
        service_id=service.id,
        scheme=scheme,
        origin=origin_of(service.base_url),
        place="" if words.variable is None else f"env:{words.variable}",
        created_at=rt.now(),
        binding=binding_of(service, scheme),
    )
    if grant is None:
        return replace(planned, place=planned.place or _place(words.store))
    # It loads oauthlib.
    from ouro_cli.usecases.plan_grant import plan_grant  # noqa: PLC0415

    how = plan_grant(rt, service, scheme, grant, tell)
    if words.variable is not None and how.flow is Flow.CLIENT_CREDENTIALS:
        keeping = words.store or ("keyring" if find_keyring() else "")
    else:
        keeping = _place(words.store)
    if not planned.place and grant.has_secret:
        planned = replace(planned, place=keeping)
    return replace(planned, token_place=keeping, grant=how)


def set_credential(
    rt: Runtime, credential: Credential, secret: str | None, tokens: Tokens | None = None
) -> None:
    """Put a secret and tokens where the credential says, and note it in the registry.

    Without a secret, it lies in a variable of the environment, or there is none. What was set for
    the scheme before is taken out of its places.
    """
    vault = rt.store.vault
    service = rt.store.services.get(credential.service_id)
    before = [
        each
        for each in rt.store.credentials.all(credential.service_id)
        if each.scheme == credential.scheme
    ]
    with vault.held(credential):
        kept = []
        if secret is not None and not credential.place.startswith("env:"):
            for each in secrets_in(service, credential.scheme, secret):
                remember_secret(each)
            kept.append(vault.write(credential, secret))
        if tokens is not None:
            kept.append(vault.write_tokens(credential, tokens))
        with rt.store.transaction() as tx:
            tx.credentials.save(credential)
        for other in before:
            vault.remove(other, but=kept)


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


def scheme_name(
    rt: Runtime, service: Service, wanted: str | None, *, for_client: bool = False
) -> str:
    """The scheme that is meant: the one of this name, or the only one that can be.

    A client is for OAuth 2 alone; what routes ask for goes before what they merely might.
    """
    known = schemes_of(service)
    if wanted is None:
        return _only_scheme(rt, service, for_client=for_client)
    if is_webhook_secret(service, wanted) and not for_client:
        return wanted
    if wanted not in known:
        close = near(wanted, known)
        hint = f"Did you mean {close[0]}?" if close else f"It knows: {', '.join(known)}."
        raise UsageFault(why=f"service '{service.name}' knows no '{wanted}'", hint=hint)
    if not can_be_sent(service, wanted):
        raise CredentialRefused(
            why=f"{wanted} is a client certificate (mutualTLS), which ouro cannot send yet"
        )
    if for_client and not is_oauth(service, wanted):
        raise UsageFault(
            why=f"--client-id is for OAuth 2, and {wanted} is {kind_of(service, wanted)}"
        )
    return wanted


def _only_scheme(rt: Runtime, service: Service, *, for_client: bool) -> str:
    possible = [
        name
        for name in schemes_of(service)
        if can_be_sent(service, name) and (is_oauth(service, name) or not for_client)
    ]
    if not possible:
        what = "OAuth 2" if for_client else "credential that ouro can send"
        raise UsageFault(why=f"service '{service.name}' knows no {what}")
    counts = schemes_in_use(rt, service)
    used = [name for name in possible if counts.get(name)] or possible
    if len(used) == 1:
        return used[0]
    told = [
        f"{name} is {kind_of(service, name)}, for {counts.get(name, 0)} of its routes"
        for name in used[:_MOST_CHOICES]
    ]
    more = f"; … and {len(used) - _MOST_CHOICES} more" if len(used) > _MOST_CHOICES else ""
    raise UsageFault(
        why=f"service '{service.name}' knows several credentials",
        hint=f"Say which with --scheme: {'; '.join(told)}{more}.",
    )


def _place(store: str | None) -> str:
    if store is not None:
        return store
    if find_keyring() is not None:
        return "keyring"
    raise CredentialRefused(
        why="there is no keyring here to keep it in",
        hint="Use --from-env NAME, or --store file for a file of mode 0600.",
    )
