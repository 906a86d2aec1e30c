"""Keep what a run made: the bytes of all that a response holds, before the run ends by it."""

import json
import sqlite3
from dataclasses import replace
from typing import Any

from ouro_cli import safety
from ouro_cli.errors import FileUnreadable, RegistryUnavailable
from ouro_cli.model.action import Action, Body
from ouro_cli.model.asset import Asset
from ouro_cli.model.compatibility import unfit
from ouro_cli.model.declaration import Declaration
from ouro_cli.model.fetch import Fetch
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.body_defaults import body_defaults
from ouro_cli.usecases.keep_asset import AssetWords, prepare_dataset, prepare_file, prepare_post
from ouro_cli.usecases.write_outputs import Made, Outputs
from ouro_cli.wire import addresses
from ouro_cli.wire.file_response import file_payload, reference_to
from ouro_cli.wire.outcome import Finished, Outcome, json_body
from ouro_cli.wire.outputs import (
    Address,
    Encoded,
    Markdown,
    Payload,
    PayloadFault,
    Raw,
    Rows,
    read_payloads,
    without_base64,
)

KEEP_EXTENSION = "x-ouro-keep"
KEEP_REQUEST = "keep_urls"


def prepare_outputs(
    rt: Runtime, action_id: str, outcome: Outcome, *, is_late: bool = False
) -> tuple[Outcome, Outputs | None]:
    """Keep the bytes of all that a successful outcome holds; the outcome then as it is to be kept.

    Nothing is written into the registry yet, and what no asset can be made of becomes a note:
    whatever happens here, the response is not lost. An action that has ended is left alone, but
    for a late result that a person accepts.
    """
    if not isinstance(outcome, Finished):
        return outcome, None
    action = rt.store.actions.get(action_id)
    if action.is_final and not is_late:
        return outcome, None
    route = rt.store.routes.get(action.route.id)
    body = replace(outcome.body, data=safety.redact_bytes(outcome.body.data))
    declarations = route.operation.output_assets
    file = file_payload(body, outcome.disposition, declarations, route.slug)
    if file is not None:
        value, payloads, problems = None, [file], list[str]()
    else:
        wanted = _wanted_addresses(action, route)
        value = body.last_value if declarations or wanted else None
        payloads, problems = read_payloads(
            declarations, action.request.get("body"), body_defaults(rt, route), value
        )
        payloads += _addressed(payloads, value, wanted, problems)
    gathered = _Gathered(rt, action, {each.name for each in payloads}, problems)
    for payload in payloads:
        gathered.take(payload)
    outputs = gathered.outputs(declarations, value)
    body = _without_bytes(body, outputs, file)
    return replace(outcome, body=body), outputs


def makes_nothing(route: Route, outcome: Finished, *, keeps_urls: bool) -> bool:
    """Whether no asset can come of an answer: none is declared or asked for, and it is no file."""
    operation = route.operation
    if operation.output_assets or keeps_urls or operation.extensions.get(KEEP_EXTENSION):
        return False
    return file_payload(outcome.body, outcome.disposition, {}, route.slug) is None


def owned_by(action: Action, asset: Asset) -> Asset:
    """The asset as the caller's own, whoever runs this process."""
    return replace(asset, user_id=action.user_id, creator=action.user_name)


def visibility_for(action: Action, said: str) -> str:
    """Who may see an output: as the run says, else as its primary input (contract section 5.3)."""
    taken = next((link.asset.visibility for link in action.inputs if link.is_primary), "private")
    return said or taken


class _Gathered:
    """The outputs of one response as they are made, one after the other."""

    def __init__(self, rt: Runtime, action: Action, names: set[str], notes: list[str]) -> None:
        self._rt = rt
        self._action = action
        self._names = names
        self._notes = notes
        self._made: list[Made] = []
        self._awaited: list[Fetch] = []

    def take(self, payload: Payload) -> None:
        """Make an asset of a payload, or a note that says why there is none."""
        existing = self._rt.store.assets.find(payload.asset_id) if payload.asset_id else None
        if existing is not None and existing.removed_at is None:
            self._add(payload, existing, is_new=False)
        elif isinstance(payload.content, Address):
            self._awaited.append(self._fetch(payload, payload.content.url))
        else:
            try:
                asset = self._prepare(payload)
            except (
                PayloadFault,
                FileUnreadable,
                OSError,
                RegistryUnavailable,
                sqlite3.Error,
                ValueError,
                TypeError,
            ) as e:
                self._notes.append(f"output {payload.name} was not kept: {_why(e)}")
            except OverflowError:
                self._notes.append(f"output {payload.name} was not kept: a number is out of range")
            else:
                self._add(payload, owned_by(self._action, asset), is_new=True)

    def outputs(self, declarations: dict[str, Declaration], value: Any) -> Outputs:
        """All of them, the primary one marked."""
        names = [*(each.name for each in self._made), *(each.name for each in self._awaited)]
        primary = _primary(names, declarations)
        return Outputs(
            action=self._action,
            response=value,
            made=tuple(replace(each, is_primary=each.name == primary) for each in self._made),
            awaited=tuple(replace(each, is_primary=each.name == primary) for each in self._awaited),
            notes=tuple(self._notes),
        )

    def _add(self, payload: Payload, asset: Asset, *, is_new: bool) -> None:
        self._made.append(Made(payload.name, asset, payload.declaration, is_new=is_new))
        why = unfit(asset, payload.declaration)
        if why:
            self._notes.append(f"output {payload.name} {why}; it was kept all the same")

    def _prepare(self, payload: Payload) -> Asset:
        words = AssetWords(
            name=payload.title,
            description=payload.description,
            filename=payload.filename,
            media_type=payload.media_type,
            visibility=self._visibility(payload),
            license=payload.license or "ARR",
        )
        match payload.content:
            case Encoded() | Raw() as content:
                return prepare_file(self._rt, content.parts(), words)
            case Rows(rows=rows):
                return prepare_dataset(self._rt, rows, words)
            case Markdown(text=text):
                return prepare_post(self._rt, text, words)
            case _:
                raise PayloadFault(f"no asset {payload.asset_id} is here, and nothing else is said")

    def _visibility(self, payload: Payload) -> str:
        if payload.declaration.get("embedded_in") in self._names:
            return payload.visibility or "inherit"
        return visibility_for(self._action, payload.visibility)

    def _fetch(self, payload: Payload, url: str) -> Fetch:
        words = {
            "name": payload.title,
            "description": payload.description,
            "filename": payload.filename,
            "media_type": payload.media_type,
            "visibility": self._visibility(payload),
            "license": payload.license,
        }
        declaration, now = payload.declaration, self._rt.now()
        return Fetch(self._action.id, payload.name, url, words, False, declaration, now)


def _primary(names: list[str], declarations: dict[str, Declaration]) -> str | None:
    """The output that stands for the run: the one so marked, the only one, else the first.

    Where a marked one was to be made and was not, no other of several takes its place.
    """
    marked = [name for name, each in declarations.items() if each.get("primary") is True]
    chosen = next((name for name in names if name in marked), None)
    if chosen is not None or not names:
        return chosen
    return names[0] if len(names) == 1 or not marked else None


def _wanted_addresses(action: Action, route: Route) -> bool | list[str]:
    """Which addresses of the response are to be kept: all, those at some dot paths, or none."""
    if action.request.get(KEEP_REQUEST) is True:
        return True
    declared = route.operation.extensions.get(KEEP_EXTENSION)
    if isinstance(declared, str):
        declared = [declared]
    if isinstance(declared, list):
        return [each for each in declared if isinstance(each, str)]
    return declared is True


def _addressed(
    payloads: list[Payload], value: Any, wanted: bool | list[str], problems: list[str]
) -> list[Payload]:
    """The addresses in a response that no declared output holds, as outputs."""
    if not wanted:
        return []
    taken = tuple(f"{each.name}." for each in payloads)
    found = [
        (path, url)
        for path, url in addresses.addresses_in(value, wanted)
        if not f"{path}.".startswith(taken)
    ]
    if len(found) > addresses.MOST:
        problems.append(f"only {addresses.MOST} of {len(found)} addresses were kept")
    return [
        Payload(path or "response", {"asset_type": "file"}, Address(url))
        for path, url in found[: addresses.MOST]
    ]


def _without_bytes(body: Body, outputs: Outputs, file: Payload | None) -> Body:
    """The body without the bytes that are kept as assets; as it came where none are."""
    if file is not None:
        kept = {each.name: reference_to(each.asset) for each in outputs.made}
        return json_body(kept) if kept else body
    names = {each.name for each in outputs.made if each.is_new}
    value = outputs.response
    if isinstance(value, dict) and any(
        isinstance(value[name], dict) and "base64" in value[name] for name in names
    ):
        text = json.dumps(without_base64(value, names), ensure_ascii=False)
        return Body(text.encode("utf-8", "surrogatepass"), body.media_type)
    return body


def _why(fault: Exception) -> str:
    if isinstance(fault, FileUnreadable | RegistryUnavailable):
        return str(fault.facts["why"])
    if isinstance(fault, OSError):
        return (fault.strerror or "it cannot be written").lower()
    return str(fault).splitlines()[0] if str(fault) else type(fault).__name__
