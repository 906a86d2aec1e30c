"""The two addresses that services call back: an action's result, and its log (contract section 6).

They speak ASGI themselves: a callback costs a few hundred microseconds in all, and a framework
would be a good part of it.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ouro_cli.crash import crash_point
from ouro_cli.errors import BodyTooLarge
from ouro_cli.model.action import Body
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import FOLDER
from ouro_cli.usecases.accept_webhook import (
    CallbackRoom,
    Sender,
    Verdict,
    check_sender,
    read_callback,
    read_line,
)
from ouro_cli.web.answers import Receive, Scope, Send, answer_with, refuse
from ouro_cli.web.bodies import Bodies, Gathering
from ouro_cli.web.writer import Read, Writer

TOKEN_HEADER = "ouro-webhook-token"

SMALL = 64 * 1024
"""How large a callback may be that the writing thread reads by itself."""

_OK = {
    each: json.dumps({"data": {"verdict": each.value}, "error": None}).encode() for each in Verdict
}
_LOGGED = json.dumps({"data": {"logged": True}, "error": None}).encode()


class _Gone(Exception):
    """Whoever sent this has gone away in the middle of it."""


class Webhooks:
    """`POST /actions/{id}/response` and `/actions/{id}/log`; `close` ends its threads."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._room = CallbackRoom(rt)
        self._writer: Writer | None = None
        self._bodies = Bodies(rt.settings.home / FOLDER / "drafts", rt.settings.largest_callback)
        # What is large, or makes assets, is read one after the other, beside all else.
        self._reader = ThreadPoolExecutor(1, "reader")

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer if this is one of the addresses; False where it is not."""
        _, _, rest = scope["path"].partition("/actions/")
        action_id, _, kind = rest.partition("/")
        is_ours = scope["path"].startswith("/actions/") and kind in ("response", "log")
        if not is_ours or scope["method"] != "POST":
            return False
        try:
            verdict = await self._take(action_id, kind, scope, receive)
        except _Gone:
            return True
        except Exception as fault:
            await refuse(send, fault)
            return True
        data = _LOGGED if kind == "log" else _OK[verdict]
        await answer_with(send, 200, data)
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
        sender = check_sender(self._rt, action_id, headers.get(TOKEN_HEADER, ""), headers)
        length = headers.get("content-length", "")
        if length and int(length) > self._bodies.limit:
            raise BodyTooLarge(limit=self._bodies.limit)
        read = read_line if kind == "log" else read_callback
        gathering = Gathering(self._bodies)
        try:
            await _gather(receive, gathering)
            return await self._write(read, sender, gathering, headers)
        finally:
            gathering.close()

    async def _write(
        self, read: Any, sender: Sender, gathering: Gathering, headers: Mapping[str, str]
    ) -> Verdict:
        if self._writer is None:
            self._writer = Writer(self._rt)
        rt, media_type = self._rt, headers.get("content-type", "")

        def work(room: CallbackRoom) -> Any:
            return read(rt, room, sender, Body(gathering.read(), media_type), headers)

        if gathering.size > SMALL or self._makes_assets(sender):
            loop = asyncio.get_running_loop()
            done = await loop.run_in_executor(self._reader, lambda: work(CallbackRoom(rt)))
            return await self._writer.write(lambda _: done)
        work_now: Read = work
        return await self._writer.write(work_now)

    def _makes_assets(self, sender: Sender) -> bool:
        return not self._room.is_plain(sender.expected)


async def _gather(receive: Receive, gathering: Gathering) -> None:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        part, more = message.get("body", b""), message.get("more_body", False)
        if part:
            gathering.add(part)
        if more and gathering.size:
            crash_point("W1")
