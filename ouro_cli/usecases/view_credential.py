"""A credential as it may be shown: where it lies and what it opens, never what it is."""

from dataclasses import dataclass
from typing import Any

from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases.judge_credential import State, bound_elsewhere, state_of
from ouro_cli.usecases.obtain_token import kept_tokens
from ouro_cli.wire.credentials import is_opened, kind_of, partners_of, scopes_asked


def credential_views(rt: Runtime, service_id: str | None = None) -> list[dict[str, Any]]:
    """The credentials of one service, or of all, as `credential_view` shows them."""
    return [
        view
        for each in ([service_id] if service_id is not None else _with_credentials(rt))
        for view in _of_service(rt, rt.store.services.get(each))
    ]


def credential_view(rt: Runtime, credential: Credential) -> dict[str, Any]:
    """Where a credential lies, whether it can be used, and what it opens.

    `routes` are those that it opens beside whatever else is set; `partners` is what would have to
    be set too for others.
    """
    views = _of_service(rt, rt.store.services.get(credential.service_id))
    return next(each for each in views if each["scheme"] == credential.scheme)


def schemes_in_use(rt: Runtime, service: Service) -> dict[str, int]:
    """How many routes ask for each scheme, alone or with others."""
    counts: dict[str, int] = {}
    for _, operation in _guards(rt, service):
        declared = operation.security if operation.security is not None else service.security
        names = {name for each in declared or [] if isinstance(each, dict) for name in each}
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return counts


def scopes_in_use(rt: Runtime, service: Service, scheme: str) -> tuple[str, ...]:
    """The scopes that the service's routes ask of a scheme, each once, in the order of routes."""
    asked = (sorted(scopes_asked(service, each, scheme)) for _, each in _guards(rt, service))
    return tuple(dict.fromkeys(scope for scopes in asked for scope in scopes))


@dataclass(frozen=True, slots=True)
class _Opened:
    routes: list[str]
    partners: list[str]
    scopes: set[str]


def _with_credentials(rt: Runtime) -> list[str]:
    return list(dict.fromkeys(each.service_id for each in rt.store.credentials.all()))


def _of_service(rt: Runtime, service: Service) -> list[dict[str, Any]]:
    credentials = rt.store.credentials.all(service.id)
    states = {each.scheme: state_of(rt, service, each) for each in credentials}
    ready = {name for name, state in states.items() if state is State.READY}
    guards = _guards(rt, service)
    return [
        _view(rt, service, each, states[each.scheme], _opened(service, guards, each.scheme, ready))
        for each in credentials
    ]


def _guards(rt: Runtime, service: Service) -> list[tuple[str, Operation]]:
    """What each route asks of its callers, as an operation that says no more than that."""
    securities = rt.store.routes.securities(service.id)
    return [(reference, Operation("", "", security=each)) for reference, each in securities]


def _opened(
    service: Service, guards: list[tuple[str, Operation]], scheme: str, ready: set[str]
) -> _Opened:
    opened = _Opened([], [], set())
    for reference, operation in guards:
        if is_opened(service, operation, scheme, ready):
            opened.routes.append(reference)
            opened.scopes.update(scopes_asked(service, operation, scheme))
        else:
            partners = partners_of(service, operation, scheme, ready)
            opened.partners.extend(each for each in partners if each not in opened.partners)
    return opened


def _view(
    rt: Runtime, service: Service, credential: Credential, state: State, opened: _Opened
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "service": service.name,
        "scheme": credential.scheme,
        "kind": kind_of(service, credential.scheme),
        "origin": credential.origin,
        "place": credential.place or credential.token_place,
        "state": state.value,
        "why": bound_elsewhere(service, credential) or None,
        "routes": opened.routes,
        "partners": opened.partners,
        "flow": None,
        "client_id": None,
        "token_url": None,
        "token_place": None,
        "scopes": [],
        "expires_at": None,
        "lacking_scopes": [],
    }
    grant = credential.grant
    if grant is None:
        return view
    tokens = kept_tokens(rt, credential)
    granted = tokens.scopes if tokens is not None and tokens.scopes else grant.scopes
    expires_at = None if tokens is None else tokens.expires_at
    return view | {
        "flow": grant.flow.value,
        "client_id": grant.client_id,
        "token_url": grant.token_url,
        "token_place": credential.token_place or None,
        "scopes": list(granted),
        "expires_at": None if expires_at is None else expires_at.isoformat(),
        "lacking_scopes": sorted(opened.scopes - set(granted)) if granted else [],
    }
