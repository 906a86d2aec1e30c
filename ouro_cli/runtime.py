"""The tray that every use case takes first: what it needs of the world, and no logic of its own."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ouro_cli.model.identity import new_id
from ouro_cli.settings import Settings, read_settings
from ouro_cli.store.registry import Store

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ouro_cli.model.service import Seen
    from ouro_cli.upstream.documents import Fetched
    from ouro_cli.upstream.downloads import Download
    from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
    from ouro_cli.wire.request import UpstreamRequest

    Send = Callable[..., UpstreamResponse | NoAnswer]
    Ask = Callable[[UpstreamRequest, str, Settings], UpstreamResponse | NoAnswer]
    FetchFile = Callable[[str, str, Settings], AbstractContextManager[Download]]
    ReadDocument = Callable[[str, Settings, Seen | None], Fetched | None]


def _on_first_use(module: str, name: str) -> Callable[..., Any]:
    """A function whose module is imported when it is first called: httpx is not cheap."""

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments)

    return call


_ask = _on_first_use("ouro_cli.upstream.polls", "ask")
_download = _on_first_use("ouro_cli.upstream.downloads", "download")


@dataclass(frozen=True, slots=True)
class Runtime:
    """Settings, the registry, the ways out into the world, a clock and a source of ids."""

    settings: Settings
    store: Store
    send: "Send"
    read_document: "ReadDocument"
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    download: "FetchFile" = _download
    ask: "Ask" = _ask


def open_runtime() -> Runtime:
    """The tray as the program runs with it; the registry is opened at its first use."""
    settings = read_settings()
    store = Store(settings.home)
    _opened.append(store)
    return Runtime(
        settings=settings,
        store=store,
        send=_on_first_use("ouro_cli.upstream.client", "send"),
        read_document=_on_first_use("ouro_cli.upstream.documents", "read_document"),
        now=lambda: datetime.now(UTC),
        new_id=new_id,
    )


def close_runtimes() -> None:
    """Close what was opened, so that the registry is one tidy file while nobody uses it."""
    while _opened:
        _opened.pop().close()


_opened: list[Store] = []
