"""`ouro action resume`: what is still open is brought to its true end."""

from typing import Annotated

import typer

from ouro_cli.cli.options import Jq, Json, MaybeActionArgs, Timeout
from ouro_cli.cli.waiting import wait_for
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.find_reference import find_action


def command(
    actions: MaybeActionArgs = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are still open.")] = False,
    timeout: Timeout = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Bring actions to their true end, whatever became of the processes that started them.

    What was never sent is sent, what is safe to repeat is sent again, results that are owed are
    waited for, and what nobody can know is ended and said so. No other call is made twice. Prints
    how each ended, with the exit status of `wait`.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    if bool(actions) == everything:
        raise UsageFault(why="say which actions to resume", hint="Name them, or all: --all")
    rt = open_runtime()
    named = [find_action(rt, each).id for each in actions or ()]
    ids = list(dict.fromkeys(named or rt.store.actions.open_ids()))
    wait_for(rt, ids, verb="resume", patience=patience, json=json, jq=jq, as_list=everything)
