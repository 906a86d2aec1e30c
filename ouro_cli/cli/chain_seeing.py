"""A chain seen through on the terminal: its engine apart, its tree drawn, its result printed."""

import contextlib
import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.chain_tree import ChainTree
from ouro_cli.cli.reporting import NO_REPORTS, Reports
from ouro_cli.cli.results import plain_response
from ouro_cli.errors import ChainInHand, WorkerGone
from ouro_cli.model.chain_run import ChainRun, ChainStatus
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.apart import Apart, set_apart
from ouro_cli.usecases.resume_chain import holder_of
from ouro_cli.usecases.run_chain import run_chain
from ouro_cli.usecases.take_callbacks import seated
from ouro_cli.usecases.watch_action import OutOfPatience
from ouro_cli.usecases.watch_chain import watch_chain
from ouro_cli.views.action import action_view
from ouro_cli.views.chain import chain_view

_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class ChainSeeing:
    """How long to wait, since when, what to print, and what reports to write."""

    patience: float | None
    began: float
    no_wait: bool = False
    quiet: bool = False
    json: bool = False
    jq: str | None = None
    reports: Reports = NO_REPORTS


def see_chain_through(rt: Runtime, chain: ChainRun, how: ChainSeeing) -> None:
    """Have a chain run on, watch it to its end, print it, and leave with its number."""
    if how.quiet:
        output.print_line(chain.id)
    engine = None
    if not chain.is_final and holder_of(chain) is None:
        chain_id = chain.id
        engine = set_apart(rt, lambda rt, stopping: _run(rt, chain_id, stopping))
    if how.no_wait:
        if engine is not None:
            engine.let_go()
        if not how.quiet:
            chain = rt.store.chains.get(chain.id)
            output.show(chain_view(chain), _go_on, json=how.json, jq=how.jq)
        return
    chain = _follow(rt, chain, engine, how)
    if not how.quiet and not how.reports.takes_stdout:
        show_chain(rt, chain, json=how.json, jq=how.jq)
    how.reports.write_chain(rt, chain.id)
    raise typer.Exit(exits.FAILED if chain.status is ChainStatus.ERROR else exits.SUCCESS)


def show_chain(rt: Runtime, chain: ChainRun, *, json: bool, jq: str | None) -> None:
    """Print a chain that has ended: its outputs, else the response of its last step."""
    output.show(chain_view(chain), lambda view: _human(rt, chain, view), json=json, jq=jq)


def _run(rt: Runtime, chain_id: str, stopping: Any) -> None:
    # Whoever was faster is looked on at.
    with contextlib.suppress(ChainInHand), seated(rt):
        run_chain(rt, chain_id, stopping)


def _follow(rt: Runtime, chain: ChainRun, engine: Apart | None, how: ChainSeeing) -> ChainRun:
    # From here on the process may live for hours.
    gc.enable()
    tree = ChainTree(rt, silent=how.quiet)
    engines = _Engines(rt, chain.id, engine)
    left = None
    if how.patience is not None:
        left = max(0.0, how.patience - (time.monotonic() - how.began))
    with _leaving(rt, chain.id, how):
        for seen in watch_chain(
            rt, chain.id, patience=left, check=engines.check, on_tick=tree.tick
        ):
            chain = seen
            tree.show(seen)
    return chain


class _Engines:
    """Whoever is at the chain that is looked on at: our own engine, or somebody else's."""

    def __init__(self, rt: Runtime, chain_id: str, engine: Apart | None) -> None:
        self._rt = rt
        self._chain_id = chain_id
        self._engine = engine
        self._next_look = time.monotonic() + _BETWEEN_LOOKS

    def check(self) -> None:
        """Raise where our engine ended before the chain; take over from another's that did."""
        if self._engine is not None and self._engine.is_over():
            self._engine.check()
            self._engine = None
        elif time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _BETWEEN_LOOKS
            chain_id, chain = self._chain_id, self._rt.store.chains.get(self._chain_id)
            if self._engine is None and not chain.is_final and holder_of(chain) is None:
                self._engine = set_apart(self._rt, lambda rt, stop: _run(rt, chain_id, stop))


@contextlib.contextmanager
def _leaving(rt: Runtime, chain_id: str, how: ChainSeeing) -> Iterator[None]:
    """Whatever ends the watching early, say last how to go on; the chain itself goes on."""
    try:
        yield
    except OutOfPatience:
        exit_code, why = exits.STILL_RUNNING, "Still running"
    except KeyboardInterrupt:
        exit_code, why = exits.INTERRUPTED, "The chain goes on"
    except exits.Terminated as stopped:
        exit_code, why = stopped.exit_code, "The chain goes on"
    except WorkerGone as gone:
        hint = f"Go on with: ouro action chain --resume {chain_id}"
        raise WorkerGone(status=gone.facts["status"], hint=hint) from None
    else:
        return
    if how.json and not how.quiet:
        output.print_json(chain_view(rt.store.chains.get(chain_id)))
    how.reports.write_chain(rt, chain_id)
    output.story(f"{why}: ouro action chain --resume {chain_id}")
    raise typer.Exit(exit_code)


def _go_on(view: dict[str, Any]) -> None:
    output.print_line(view["id"])
    output.story(f"Go on with: ouro action chain --resume {view['id']}")


def _human(rt: Runtime, chain: ChainRun, view: dict[str, Any]) -> None:
    status = view["status"]
    mark = output.styled("✓" if status == "success" else "✗", status)
    output.story(f"{mark} {output.joined(status, view['workflow'], view['id'], view['duration'])}")
    if status == "error":
        why = output.one_line((view["error"] or {}).get("message", "")).rstrip(".")
        output.story(f"ouro: {why}. Go on with: ouro action chain --resume {view['id']}")
        return
    if view["outputs"]:
        output.print_value(view["outputs"])
        return
    last = next((each for each in reversed(chain.steps) if each.action_id is not None), None)
    if last is not None and last.action_id is not None:
        response = plain_response(action_view(rt.store.actions.get(last.action_id)))
        if response is not None:
            output.print_value(response)
