"""What the expressions of a chain are worked out from: its rows, and the actions that they name."""

import re
from collections.abc import Sequence
from typing import Any

from ouro_cli.arazzo.scope import Exchange, Scope
from ouro_cli.model.action import Action, Source
from ouro_cli.model.chain import Workflow, WorkflowFile
from ouro_cli.model.chain_run import ChainRun, StepRun
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.place_credentials import place_credentials
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.request import Callback, build_request

# A name may hold an apostrophe too, and none does: it ends the text in which the name stands.
_HEADER = re.compile(r"\$response\.header\.([!#$%&*+.^_`|~0-9A-Za-z-]+)")


def scope_of(
    rt: Runtime,
    chain: ChainRun,
    file: WorkflowFile,
    visits: Sequence[StepRun],
    exchange: Exchange | None = None,
) -> Scope:
    """What a chain's expressions see after these visits; of a step the last one that has ended."""
    steps: dict[str, dict[str, Any]] = {}
    workflows: dict[str, dict[str, dict[str, Any]]] = {}
    for visit in visits:
        if not visit.status.is_final or visit.outputs is None:
            continue
        steps[visit.step] = dict(visit.outputs)
        if visit.child_id is not None:
            child = rt.store.chains.get(visit.child_id)
            seen = {"inputs": dict(child.inputs), "outputs": dict(child.outputs or {})}
            workflows[child.workflow] = seen
    return Scope(
        inputs=chain.inputs,
        outputs=chain.outputs or {},
        steps=steps,
        workflows=workflows,
        exchange=exchange,
        sources={each.name: each.url for each in file.sources},
        components=file.components,
    )


def exchange_of(rt: Runtime, action: Action, *, with_url: bool = True) -> Exchange:
    """What an action sent and what came of it: its `final_data` where it made assets."""
    values = Input.of_request(action.request)
    headers = {str(name): str(each) for name, each in values.headers.items()}
    if values.content_type:
        headers["Content-Type"] = values.content_type
    return Exchange(
        url=_url_of(rt, action, values) if with_url else "",
        method=action.route.method,
        status=action.upstream_status_code,
        request_headers=headers,
        request_query=values.query,
        request_path=values.path,
        request_body=values.body,
        response_headers=_answer_headers(rt, action),
        response_body=_result_of(action),
    )


def asset_outputs(action: Action) -> dict[str, Any]:
    """The assets that an action made, by their declared names."""
    return {
        each.name: {
            "id": each.asset.id,
            "asset_type": each.asset.asset_type.value,
            "name": each.asset.name,
        }
        for each in action.outputs
    }


def named_headers(workflow: Workflow) -> tuple[str, ...]:
    """The headers of answers that a workflow asks for, in lower case."""
    return tuple(sorted({each.lower() for each in _HEADER.findall(repr(workflow))}))


def _result_of(action: Action) -> Any:
    body = action.response
    if body is None:
        return None
    events = body.events
    value: Any = events if events is not None else body.last_value if body.is_cut else body.value
    made = asset_outputs(action)
    if not made:
        return value
    return (dict(value) if isinstance(value, dict) else {"_raw": value}) | made


def _answer_headers(rt: Runtime, action: Action) -> dict[str, str]:
    told: dict[str, str] = {}
    for attempt in rt.store.attempts.of_action(action.id):
        told |= attempt.facts.get("headers") or {}
    if action.ended_by is Source.RESPONSE and action.response is not None:
        told.setdefault("content-type", action.response.media_type)
    return told


def _url_of(rt: Runtime, action: Action, values: Input) -> str:
    """The address that was called, without credentials and callbacks."""
    route = rt.store.routes.get(action.route.id)
    service = rt.store.services.get(route.service_id).at(values.server)
    placed = place_credentials(rt, service, route.operation, is_preview=True)
    request = build_request(
        service.base_url,
        route,
        values,
        action_id=action.id,
        user_id=action.user_id,
        callback=Callback("", ""),
        placed=placed,
        where=lambda sha256: str(rt.store.files.path_of(sha256)),
    )
    return request.url
