"""Start an action: check everything that was given, then write it down; nothing is sent yet."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ouro_cli.crash import crash_point
from ouro_cli.errors import InvalidInput
from ouro_cli.model.action import Action
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import PIECE, Files
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.check_way import check_way
from ouro_cli.usecases.describe_route import components_of
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.keep_outputs import KEEP_REQUEST
from ouro_cli.usecases.place_credentials import place_credentials
from ouro_cli.usecases.send_inputs import SentInputs
from ouro_cli.usecases.wire_inputs import REQUEST_KEY as INPUTS
from ouro_cli.usecases.wire_inputs import Wiring, wire_inputs
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.faults import Fault
from ouro_cli.wire.fitting import Fitted, Fitter
from ouro_cli.wire.inputs import Arguments, Input
from ouro_cli.wire.manner import Manner
from ouro_cli.wire.request import Callback, UpstreamRequest, build_request
from ouro_cli.wire.servers import choose_server
from ouro_cli.wire.uploads import KeptFile, Upload, replaced


@dataclass(frozen=True, slots=True)
class RouteCall:
    """A route by its reference, and what to call it with."""

    route: str
    arguments: Arguments
    silence_seconds: float | None = None
    inputs: tuple[str, ...] = ()
    keep_urls: bool = False
    manner: Manner = field(default_factory=Manner)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that can be made: the route, its service, and an input without fault.

    `notes` say what was odd and is sent all the same. `service` has the base URL that the call
    goes to.
    """

    route: Route
    service: Service
    input: Input
    wiring: Wiring
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """An action that only has to be written down: all that it needs is kept."""

    action_id: str
    route_id: str
    request: dict[str, Any]
    wiring: Wiring
    silence_seconds: float | None


def start_action(
    rt: Runtime,
    call: RouteCall,
    tell: Callable[[str], None] = lambda _: None,
    *,
    also: Callable[[Nouns, str], None] = lambda _tx, _id: None,
) -> Action:
    """Write a queued action down, whole and checked: from here on the run exists.

    Files are kept before it, so that they can be sent whatever becomes of this process. Raises
    InvalidInput with every fault of the input at once, MissingCredential, and what `wire_inputs`
    raises; then nothing was stored. What is odd and sent all the same is told. `also` is written
    in the same transaction: what the action, whose id it is given, is a part of.
    """
    prepared = prepare(rt, call)
    for note in prepared.notes:
        tell(note)
    ready = keep_ready(rt, prepared, call)
    with rt.store.transaction() as tx:
        add_action(rt, tx, ready)
        also(tx, ready.action_id)
        crash_point("R1")
    crash_point("R2")
    return rt.store.actions.get(ready.action_id)


def keep_ready(rt: Runtime, prepared: Prepared, call: RouteCall) -> Ready:
    """Keep the files of a checked call, so that `add_action` can write it down."""
    kept = replace(prepared.input, body=_kept(rt.store.files, prepared.input.body))
    wiring = prepared.wiring.kept(rt)
    request = _request(kept, wiring, call)
    return Ready(rt.new_id(), prepared.route.id, request, wiring, call.silence_seconds)


def add_action(rt: Runtime, tx: Nouns, ready: Ready, user_id: str = "") -> None:
    """Write a queued action down, in a transaction that may write others too.

    `user_id` is the caller's, where it is at hand.
    """
    now = rt.now()
    user_id = user_id or tx.people.id_of(rt.settings.user, rt.new_id(), now)
    tx.actions.add(
        ready.action_id,
        ready.route_id,
        user_id,
        ready.request,
        this_process(),
        now,
        ready.silence_seconds,
    )
    ready.wiring.write(rt, tx, ready.action_id, user_id)


def prepare(rt: Runtime, call: RouteCall, *, is_preview: bool = False) -> Prepared:
    """Check a call as `start_action` does, and store nothing; a preview asks nobody for a token."""
    counter = Counter(rt, call, is_preview=is_preview)
    wiring = wire_inputs(rt, counter.route, call.inputs, call.arguments.uploads)
    return counter.check(call.arguments, wiring)


class Counter:
    """Where calls of one route are checked, one or many: what they share is found out once.

    Of the call it is made with, the arguments are not looked at, but for the server. Raises what
    `prepare` raises whatever the arguments are.
    """

    def __init__(self, rt: Runtime, call: RouteCall, *, is_preview: bool = False) -> None:
        self._rt = rt
        self.route = find_route(rt, call.route)
        self.stated = rt.store.services.get(self.route.service_id)
        self._manner = call.manner
        self._is_preview = is_preview
        self.fitter = Fitter(self.route, components_of(rt, self.route), self.stated.openapi)
        self._server = choose_server(self.stated, self.route.operation, call.arguments.server)

    @property
    def service(self) -> Service:
        """The service at the address that is called."""
        return self.stated.at(self._server.url)

    def place(self) -> Placed:
        """The credentials that a call needs now, in their places."""
        placed = place_credentials(
            self._rt, self.service, self.route.operation, is_preview=self._is_preview
        )
        if not self._is_preview:
            check_way(self.service, placed, self._manner)
        return placed

    def fit(self, arguments: Arguments, wiring: Wiring) -> tuple[Fitted, list[Fault]]:
        """The arguments in their places, and all that is wrong with them."""
        fitted = self.fitter.fit(wiring.in_place(self._rt, arguments))
        return fitted, [*wiring.faults_in(fitted.faults, fitted.input), *self._server.faults]

    def values(self, fitted: Fitted, wiring: Wiring) -> Input:
        """The input as an action keeps it."""
        return wiring.taken_out(replace(fitted.input, server=self._server.url))

    def check(self, arguments: Arguments, wiring: Wiring) -> Prepared:
        """A call that can be made; InvalidInput with every fault of what was given."""
        fitted, faults = self.fit(arguments, wiring)
        if faults:
            raise InvalidInput(
                route=self.route.reference,
                faults="; ".join(map(str, faults)),
                each=faults,
                missing=[] if self._server.faults else fitted.missing,
            )
        placed = self.place()
        notes = [each for each in fitted.notes if not wiring.is_ours(each.partition(":")[0])]
        values = self.values(fitted, wiring)
        return Prepared(self.route, self.service, values, wiring, (*notes, *placed.notes))


def _request(values: Input, wiring: Wiring, call: RouteCall) -> dict[str, Any]:
    """What an action keeps of its call: assets by reference, since they are resolved when sent."""
    request = values.as_request()
    if wiring.inputs:
        request[INPUTS] = wiring.references()
    if call.keep_urls:
        request[KEEP_REQUEST] = True
    request |= call.manner.as_request()
    return request


def preview_request(
    rt: Runtime, call: RouteCall, tell: Callable[[str], None] = lambda _: None
) -> UpstreamRequest:
    """The request that a call would send, with placeholders for what is made when it is sent."""
    prepared = prepare(rt, call, is_preview=True)
    for note in prepared.notes:
        tell(note)
    action_id = "00000000-0000-7000-8000-000000000000"
    url = rt.settings.public_url or f"http://{rt.settings.host}:{rt.settings.port}"
    return build_request(
        prepared.service.base_url,
        prepared.route,
        SentInputs(prepared.wiring.objects(rt, f"{url}/assets/[made when it is sent]"), {}).in_body(
            prepared.input, url
        ),
        action_id=action_id,
        user_id=rt.store.people.find(rt.settings.user) or prepared.route.user_id,
        callback=Callback(f"{url}/actions/{action_id}/response", "made when it is sent"),
        placed=place_credentials(rt, prepared.service, prepared.route.operation, is_preview=True),
    )


def _kept(files: Files, body: Any) -> Any:
    """The body with each of its files kept, and named by what it holds."""

    def keep(upload: Upload) -> Any:
        if upload.open is None:
            kept = files.keep_file(Path(upload.path))
        else:
            with upload.open() as source:
                kept = files.keep(iter(lambda: source.read(PIECE), b""))
        return KeptFile(kept.sha256, kept.size, upload.filename, upload.media_type).as_value()

    return replaced(body, keep)
