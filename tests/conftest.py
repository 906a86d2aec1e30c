"""Fixtures that every kind of test uses: a home, the program, a runtime, sample services."""

import contextlib
import itertools
import os
import random
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.runtime import Runtime
from ouro_cli.seat import find_seated
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.upstream.client import send as really_send
from ouro_cli.upstream.documents import read_document
from tests.support import sample_services
from tests.support.program import Program
from tests.support.real_documents import FIGURE, SEED_NAME

MakeRuntime = Callable[..., Runtime]


def pytest_configure() -> None:
    """Choose the seed of the documents that are sampled, before the workers start."""
    os.environ.setdefault(SEED_NAME, str(random.SystemRandom().randrange(10**6)))


def pytest_report_header() -> str:
    """Say it, so that a sample can be drawn again."""
    return f"documents are sampled with {SEED_NAME}={os.environ[SEED_NAME]}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests recorded, and the seed once more, where it can be seen."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    figures = [value for each in reports for name, value in each.user_properties if name == FIGURE]
    for figure in figures:
        terminalreporter.write_line(f"{figure} ({SEED_NAME}={os.environ[SEED_NAME]})")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Where a registry is to lie; nothing is there yet, and nobody listens there afterwards.

    A listener that waits for what a test left open would ask on, at a port that is another's.
    """
    home = tmp_path / "ouro"
    yield home
    seated = find_seated(home)
    if seated is not None and seated.pid != os.getpid():
        with contextlib.suppress(ProcessLookupError):
            os.kill(seated.pid, signal.SIGTERM)


@pytest.fixture
def ouro(home: Path) -> Program:
    """The program, with a home of its own."""
    return Program(home)


@pytest.fixture
def clock() -> "Clock":
    """A clock that stands until it is moved."""
    return Clock()


class Clock:
    """Now, as a test wants it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def make_runtime(home: Path, clock: Clock) -> Iterator[MakeRuntime]:
    """Makes runtimes on a real registry, with counted ids and a clock that stands."""
    stores: list[Store] = []
    numbers = itertools.count(1)

    def new_id() -> str:
        return f"00000000-0000-7000-8000-{next(numbers):012d}"

    def make(send: Any = really_send, **settings: Any) -> Runtime:
        store = Store(home)
        stores.append(store)
        return Runtime(
            settings=Settings(home=home, user="ada", port=0, **settings),
            store=store,
            send=send,
            read_document=read_document,
            now=clock,
            new_id=new_id,
        )

    yield make
    for store in stores:
        store.close()


@pytest.fixture(scope="session")
def materials() -> Iterator[str]:
    """The address of the sample service that is written for Ouro."""
    with sample_services.running("materials") as url:
        yield url


@pytest.fixture(scope="session")
def library() -> Iterator[str]:
    """The address of the sample service that knows nothing of Ouro."""
    with sample_services.running("library") as url:
        yield url


@pytest.fixture(scope="session")
def predictions() -> Iterator[str]:
    """The address of the sample service whose results have to be asked for."""
    with sample_services.running("predictions") as url:
        yield url
