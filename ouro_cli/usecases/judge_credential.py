"""Whether a credential can be sent now, and if not, why not."""

from enum import StrEnum

from ouro_cli.model.grant import Flow
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases.obtain_token import kept_tokens
from ouro_cli.wire import credentials


class State(StrEnum):
    """What a credential is good for at the moment."""

    READY = "ready"
    EXPIRED = "expired"
    MISSING = "missing"
    ELSEWHERE = "elsewhere"


def state_of(rt: Runtime, service: Service, credential: Credential) -> State:
    """What the service's credential is good for; nobody is asked for a token.

    Ready is also a token that has expired, where a new one is to be had without a person.
    """
    if bound_elsewhere(service, credential):
        return State.ELSEWHERE
    grant = credential.grant
    if grant is None or grant.flow is Flow.CLIENT_CREDENTIALS:
        return State.MISSING if rt.store.vault.read(credential) is None else State.READY
    tokens = kept_tokens(rt, credential)
    if tokens is None:
        return State.MISSING
    if tokens.is_fresh(rt.now()) or grant.can_renew(tokens):
        return State.READY
    return State.EXPIRED


def bound_elsewhere(service: Service, credential: Credential) -> str:
    """Why a credential is not sent to the service as it is now; empty where it is."""
    origin = credentials.origin_of(service.base_url)
    if credential.origin != origin:
        return f"The one that is set is for {credential.origin}, and is not sent to {origin}"
    binding = credentials.binding_of(service, credential.scheme)
    if credential.binding not in ("", binding):
        return (
            f"The one that is set is for '{credential.binding}',"
            f" and the document now asks for '{binding}'"
        )
    if credential.grant is None or not credential.grant.stated_url:
        return ""
    stated = credentials.token_address(service, credential.scheme)
    # Where a document has moved the token endpoint, the client's secret does not follow.
    if stated and not credentials.is_same_origin(stated, credential.grant.stated_url):
        return "The document has moved its token endpoint since it was set"
    return ""
