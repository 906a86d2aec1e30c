"""Work in a process of its own: what it does stays, and how it ended is told."""

import os
import signal
import threading

import pytest

from ouro_cli.errors import Fault, RefusedAsUnsafe, WorkerGone
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.apart import set_apart
from tests.conftest import MakeRuntime


def _people(rt: Runtime) -> list[str]:
    return [name for name in ("ada", "grace") if rt.store.people.find(name)]


def _write(rt: Runtime, name: str) -> None:
    with rt.store.transaction() as tx:
        tx.people.id_of(name, rt.new_id(), rt.now())


def test_what_a_worker_wrote_is_there(make_runtime: MakeRuntime) -> None:
    rt = make_runtime()
    _write(rt, "ada")
    set_apart(rt, lambda rt, _: _write(rt, "grace")).check()
    assert _people(rt) == ["ada", "grace"]


def test_a_worker_that_is_asked_to_stop_ends_in_good_order(make_runtime: MakeRuntime) -> None:
    rt = make_runtime()

    def work(rt: Runtime, stopping: threading.Event) -> None:
        _write(rt, "ada")
        assert stopping.wait(60)
        _write(rt, "grace")

    worker = set_apart(rt, work)
    while not _people(rt):
        assert not worker.is_over(0.01)
    os.kill(worker.pid, signal.SIGINT)
    worker.stop()
    worker.check()
    assert _people(rt) == ["ada", "grace"]


def test_an_error_of_the_worker_is_raised_where_it_is_looked_on(make_runtime: MakeRuntime) -> None:
    def work(_rt: Runtime, _stopping: threading.Event) -> None:
        raise RefusedAsUnsafe(why="the sky is low", hint="Wait.")

    with pytest.raises(RefusedAsUnsafe) as told:
        set_apart(make_runtime(), work).check()
    assert (told.value.facts["why"], told.value.advice) == ("the sky is low", "Wait.")


def test_a_fault_of_the_worker_is_told_with_its_report(make_runtime: MakeRuntime) -> None:
    def work(_rt: Runtime, _stopping: threading.Event) -> None:
        raise ZeroDivisionError("by zero")

    rt = make_runtime()
    with pytest.raises(Fault, match="ZeroDivisionError: by zero") as told:
        set_apart(rt, work).check()
    assert "ZeroDivisionError" in (rt.settings.home / "listener.log").read_text()
    assert str(rt.settings.home) in told.value.advice


def test_a_worker_that_was_killed_is_told(make_runtime: MakeRuntime) -> None:
    worker = set_apart(make_runtime(), lambda _rt, stopping: _wait(stopping))
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerGone):
        worker.check()


def _wait(stopping: threading.Event) -> None:
    stopping.wait(60)
