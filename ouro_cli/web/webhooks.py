"""The two addresses that services call back: an action's result, and its log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ouro_cli.errors import BodyTooLarge, BodyTooSlow, BodyUnreadable
from ouro_cli.model.action import Body
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.accept_webhook import accept_webhook, append_log, check_token

TOKEN_HEADER = "ouro-webhook-token"


def routes(rt: Runtime) -> list[Route]:
    """`POST /actions/{id}/response` and `/actions/{id}/log` (contract section 6)."""

    def respond(action_id: str, token: str, body: Body) -> dict[str, Any]:
        return {"verdict": accept_webhook(rt, action_id, token, body).value}

    def log(action_id: str, token: str, body: Body) -> dict[str, Any]:
        append_log(rt, action_id, token, body.data)
        return {"logged": True}

    return [
        Route("/actions/{action_id}/response", _taking(rt, respond), methods=["POST"]),
        Route("/actions/{action_id}/log", _taking(rt, log), methods=["POST"]),
    ]


def _taking(
    rt: Runtime, use: Callable[[str, str, Body], dict[str, Any]]
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that proves the token, reads the body within its bounds, and passes it on.

    Only the reading is asynchronous, since only it may have to wait for somebody else.
    """

    async def endpoint(request: Request) -> Response:
        action_id = request.path_params["action_id"]
        token = request.headers.get(TOKEN_HEADER, "")
        await run_in_threadpool(check_token, rt, action_id, token)
        body = Body(await _read(request, rt), request.headers.get("content-type", ""))
        data = await run_in_threadpool(use, action_id, token, body)
        return JSONResponse({"data": data, "error": None})

    return endpoint


async def _read(request: Request, rt: Runtime) -> bytes:
    limit, seconds = rt.settings.largest_callback, rt.settings.callback_seconds
    length = request.headers.get("content-length")
    if length is not None and (not length.isdigit() or int(length) > limit):
        raise BodyTooLarge(limit=limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise BodyTooLarge(limit=limit)
                parts.append(part)
    except TimeoutError:
        raise BodyTooSlow(seconds=f"{seconds:g}") from None
    except ClientDisconnect:
        raise BodyUnreadable(why="it ended too early") from None
    return b"".join(parts)
