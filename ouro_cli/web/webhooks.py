"""The two addresses that services call back: an action's result, and its log (contract section 6).

They speak ASGI themselves: a callback costs a few hundred microseconds in all, and a framework
would be a good part of it.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ouro_cli.crash import crash_point
from ouro_cli.errors import BodyTooLarge
from ouro_cli.model.action import Body
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.accept_webhook import (
    Callback,
    CallbackRoom,
    Sender,
    Verdict,
    check_sender,
    read_callback,
    read_line,
)
from ouro_cli.web.answers import Receive, Scope, Send, answer_with, refuse
from ouro_cli.web.bodies import Bodies, Gathering
from ouro_cli.web.connection import WHOLE
from ouro_cli.web.writer import Writer

TOKEN_HEADER = "ouro-webhook-token"

SMALL = 64 * 1024
"""How large a callback may be that the writing thread reads by itself."""

_READ = {"response": read_callback, "log": read_line}
_SAID = {
    each: json.dumps({"data": {"verdict": each.value}, "error": None}).encode() for each in Verdict
}
_LOGGED = json.dumps({"data": {"logged": True}, "error": None}).encode()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A callback as it arrives: for which action, what it is, and its headers."""

    action_id: str
    kind: str
    headers: Mapping[str, str] = field(repr=False)

    @property
    def token(self) -> str:
        return self.headers.get(TOKEN_HEADER, "")

    @property
    def length(self) -> int:
        """How long its body is said to be; digits alone have come this far."""
        return int(self.headers.get("content-length", "0"))


class _Gone(Exception):
    """Whoever sent this has gone away in the middle of it."""


class _TakesTime(Exception):
    """Assets are made of this callback, which is not for the thread that others wait for."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        super().__init__()


class Webhooks:
    """`POST /actions/{id}/response` and `/actions/{id}/log`; `close` ends its threads."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._writer: Writer | None = None
        self._bodies = Bodies(rt.store.files, rt.settings.largest_callback)
        # What is large, or makes assets, is read one after the other, beside all else.
        self._reader = ThreadPoolExecutor(1, "reader")

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer if this is one of the addresses; False where it is not."""
        before, _, rest = scope["path"].partition("/actions/")
        action_id, _, kind = rest.partition("/")
        if before or kind not in _READ or scope["method"] != "POST":
            return False
        try:
            verdict = await self._take(action_id, kind, scope, receive)
        except _Gone:
            return True
        except Exception as fault:
            await refuse(send, fault)
            return True
        await answer_with(send, 200, _LOGGED if kind == "log" else _SAID[verdict])
        crash_point("W4")
        return True

    def close(self) -> None:
        """Write what was handed over, and end."""
        if self._writer is not None:
            self._writer.close()
        self._reader.submit(self._rt.store.close)
        self._reader.shutdown()

    async def _take(self, action_id: str, kind: str, scope: Scope, receive: Receive) -> Verdict:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        arrival = _Arrival(action_id, kind, headers)
        if self._writer is None:
            self._writer = Writer(self._rt)
        if WHOLE in scope.get("extensions", ()) and arrival.length <= SMALL:
            # Nobody has to be waited for, so its sender is judged along with it.
            data, _ = await _next_part(receive)
            return await self._take_at_once(self._writer, arrival, self._body(arrival, data))
        sender = check_sender(self._rt, action_id, arrival.token, headers)
        if arrival.length > self._bodies.limit:
            raise BodyTooLarge(limit=self._bodies.limit)
        gathering = Gathering(self._bodies)
        try:
            await _gather(receive, gathering)
            if gathering.size <= SMALL:
                body = self._body(arrival, gathering.read())
                return await self._take_at_once(self._writer, arrival, body)
            return await self._take_beside(
                self._writer, arrival, sender, lambda: self._body(arrival, gathering.read())
            )
        finally:
            gathering.close()

    async def _take_at_once(self, writer: Writer, arrival: _Arrival, body: Body) -> Verdict:
        """Judge, read and write it, all by the one thread: it is small, and it is here."""

        def read(room: CallbackRoom) -> Callback:
            sender = check_sender(self._rt, arrival.action_id, arrival.token, arrival.headers)
            if not room.is_plain(sender.expected):
                raise _TakesTime(sender)
            return _READ[arrival.kind](self._rt, room, sender, body, arrival.headers)

        try:
            return await writer.write(read)
        except _TakesTime as fault:
            return await self._take_beside(writer, arrival, fault.sender, lambda: body)

    async def _take_beside(
        self, writer: Writer, arrival: _Arrival, sender: Sender, body: Callable[[], Body]
    ) -> Verdict:
        def read() -> Callback:
            room = CallbackRoom(self._rt)
            return _READ[arrival.kind](self._rt, room, sender, body(), arrival.headers)

        callback = await asyncio.get_running_loop().run_in_executor(self._reader, read)
        return await writer.write(lambda _: callback)

    @staticmethod
    def _body(arrival: _Arrival, data: bytes) -> Body:
        return Body(data, arrival.headers.get("content-type", ""))


async def _gather(receive: Receive, gathering: Gathering) -> None:
    more = True
    while more:
        part, more = await _next_part(receive)
        if part:
            gathering.add(part)
        if more and gathering.size:
            crash_point("W1")


async def _next_part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _Gone
    return message.get("body", b""), message.get("more_body", False)
