"""What went over the wire for an action, as far as it is kept: the entries of an HTTP Archive."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ouro_cli.errors import OuroError
from ouro_cli.model.action import Action, Body, Source
from ouro_cli.model.attempt import Attempt, AttemptOutcome
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.reports.har import Content, har_entry
from ouro_cli.runtime import Runtime
from ouro_cli.views.words import moment_text
from ouro_cli.wire import credentials
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.request import (
    Callback,
    UpstreamRequest,
    body_view,
    build_request,
    without_secrets,
)

_STAND_IN = "secret:secret"


def exchanges_of(rt: Runtime, action: Action) -> Iterator[dict[str, Any]]:
    """An entry for each time that the action's request went out.

    The request is written once more as it was sent, with placeholders for what is secret; in the
    place of each asset stands its id. Nothing is read from the vault.
    """
    request, comment = _request(rt, action)
    attempts = rt.store.attempts.of_action(action.id)
    for attempt in attempts:
        is_last = attempt is attempts[-1]
        content = _content(action) if is_last else Content("", 0, None)
        took = None
        if attempt.ended_at is not None:
            took = (attempt.ended_at - attempt.started_at).total_seconds()
        shown = without_secrets(request)
        yield har_entry(
            started_at=str(moment_text(attempt.started_at)),
            seconds=took,
            method=shown.method,
            url=shown.full_url,
            headers=[*shown.headers, *shown.secret_headers],
            body=body_view(shown.body),
            status=attempt.status_code,
            content=content,
            comment=comment,
            action=action.id,
            ended_as=action.status.value,
            error=_error(attempt),
        )


def _request(rt: Runtime, action: Action) -> tuple[UpstreamRequest, str]:
    """The request as it was sent, and what has to be said of it."""
    route = rt.store.routes.get(action.route.id)
    values = Input.of_request(action.request)
    try:
        service = rt.store.services.get(route.service_id).at(values.server)
        return _built(rt, action, route, service, values), ""
    except (OuroError, KeyError):
        # The route is another by now, and has no place for what was sent.
        request = UpstreamRequest(route.operation.method, f"about:{route.operation.path}", ())
        return request, "The route has changed since; its address cannot be written any more."


def _built(
    rt: Runtime, action: Action, route: Route, service: Service, values: Input
) -> UpstreamRequest:
    if action.inputs:
        given = values.body if isinstance(values.body, dict) else {}
        named = {each.name: {"assetId": each.asset.id} for each in action.inputs}
        values = replace(values, body={**given, **named}, has_body=True)
    held = {each.scheme for each in rt.store.credentials.all(service.id)}
    names, missing = credentials.needed(service, route.operation, held)
    placed = Placed()
    for name in names if missing is None else ():
        placed += credentials.place(service, name, _STAND_IN)
    return build_request(
        service.base_url,
        route,
        values,
        action_id=action.id,
        user_id=action.user_id,
        callback=Callback(action.callback_url or "", _STAND_IN),
        placed=placed,
        where=lambda sha256: str(rt.store.files.path_of(sha256)),
    )


def _error(attempt: Attempt) -> str | None:
    return attempt.message if attempt.outcome is not AttemptOutcome.ANSWERED else None


def _content(action: Action) -> Content:
    """What the API answered, where that is what ended the action."""
    body = action.response
    if body is None:
        return Content("", 0)
    if action.ended_by is not Source.RESPONSE:
        source = "nobody" if action.ended_by is None else action.ended_by.value
        return Content("", 0, comment=f"What the action ended with came by {source}.")
    if body.is_cut and body.beside is not None:
        comment = f"Too large to stand here: sha256 {body.beside.sha256}"
        return Content(body.media_type, body.beside.size, comment=comment)
    content = _error_content(body.value) or _whole(body)
    # What became assets is kept there, and the response refers to them.
    comment = "The bytes of its assets are not repeated here." if action.outputs else ""
    return replace(content, comment=comment)


def _error_content(value: Any) -> Content | None:
    """The API's own answer inside the envelope of an error; None where there is no such thing."""
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict) or "upstreamStatus" not in error:
        return None
    said = error.get("body")
    if said is None:
        return Content("", 0)
    is_text = isinstance(said, str)
    text = said if is_text else json.dumps(said, ensure_ascii=False)
    kind = "text/plain" if is_text else "application/json"
    return Content(kind, len(text.encode("utf-8", "replace")), text)


def _whole(body: Body) -> Content:
    data = b"".join(body.parts()) if body.is_head else body.data
    try:
        return Content(body.media_type, len(data), data.decode())
    except UnicodeDecodeError:
        return Content(body.media_type, len(data), base64.b64encode(data).decode(), is_base64=True)
