"""`ouro action chain`: outputs feed the next route; a file describes a whole workflow."""

import time
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.chain_seeing import ChainSeeing, see_chain_through
from ouro_cli.cli.each_options import (
    Again,
    Concurrency,
    EachTable,
    IgnoreColumns,
    Into,
    RateOption,
    StopAfter,
)
from ouro_cli.cli.given import given_arguments
from ouro_cli.cli.options import Jq, Json, Timeout
from ouro_cli.cli.reporting import ReportOption, read_reports
from ouro_cli.cli.workflow_report import show_check, show_plan
from ouro_cli.errors import UsageFault
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.export_workflow import check_free, export_workflow
from ouro_cli.usecases.file_chain import file_chain
from ouro_cli.usecases.find_chain import find_chain
from ouro_cli.usecases.line_chain import LineCall, line_chain, split_line
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.resume_chain import Resumption, holder_of, resume_chain
from ouro_cli.views.chain import chain_view


def command(
    line: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ACTION] [ROUTE]... [WORD]...",
            help="An action that has ended, or none; routes to run one after the other; and words"
            " for the first of them, as `route run` takes them.",
        ),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option("--body", metavar="BODY", help="The first route's body: JSON, @file, or -."),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="[NAME=]ASSET", help="An asset for the first route: an id, a file."
        ),
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="[ROUTE:]TARGET=SOURCE",
            help="Which output goes where: structure=relaxed, body.temperature=final_data.T.",
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="Run a workflow of this Arazzo file."),
    ] = None,
    workflow: Annotated[
        str, typer.Option("--workflow", metavar="ID", help="Which workflow of the file.")
    ] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="K=V", help="An input of the workflow; K:=JSON too."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume", metavar="CHAIN", help="Go on with a chain, or look on; @last is the newest."
        ),
    ] = None,
    from_step: Annotated[
        str, typer.Option("--from", metavar="STEP", help="With --resume: begin again at this step.")
    ] = "",
    edits: Annotated[
        list[str] | None,
        typer.Option(
            "--edit",
            metavar="STEP.PLACE=VALUE",
            help="With --resume: change what a step that is not yet run is given.",
        ),
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="With --resume: the file as it was, if it has changed.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="With --resume: the file as it is now.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With --file: only say what is wrong with it.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="With --file: draw what would be done, and do nothing."),
    ] = False,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="With --dry-run: as a Mermaid diagram.")
    ] = False,
    export: Annotated[
        str | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Write the chain as an Arazzo file: of routes, and run them; of --resume CHAIN,"
            " and run nothing.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="With --export: replace the file.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the chains, newest first.")] = False,
    each: EachTable = None,
    concurrency: Concurrency = None,
    rate: RateOption = None,
    stop_after: StopAfter = None,
    into: Into = None,
    ignore_columns: IgnoreColumns = False,
    again: Again = False,
    timeout: Timeout = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return at once; the chain goes on.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the chain's id alone.")
    ] = False,
    report: ReportOption = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Run routes one after the other, each with what the one before it made.

    Every step is an action of its own. What a step is given is found among the outputs of those
    before it: assets by name, by type and declaration; else fields of the response by their names.
    Where that could mean several, nothing is sent, and --map decides. Ctrl-C and --timeout end the
    watching, never the chain.

    \b
    ouro action chain @last ada/relax-structure-post steps:=10
    ouro action chain ada/build-post ada/relax-post --body '{"formula": "Fe2Ni"}'
    ouro action chain -f screen.arazzo.yaml --with composition=Fe2Ni
    ouro action chain -f screen.arazzo.yaml --each rows.csv --into screened
    ouro action chain -f screen.arazzo.yaml --check
    ouro action chain --resume @last

    Exit status: 0 success, 1 a step failed, 2 nothing was sent, 124 still running when --timeout
    passed, 130 left by Ctrl-C.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    reports = read_reports(report, json=json, jq=jq)
    how = ChainSeeing(patience, time.monotonic(), no_wait, quiet, json, jq, reports)
    _check_words(line, file, resume, listed, bool(from_step or edits or stored or changed))
    _check_file_words(file, resume, line, bool(check or dry_run or mermaid), export)
    rt = open_runtime()
    if listed:
        _list(rt, json=json, jq=jq)
        return
    if file is not None and check:
        show_check(rt, file, workflow, json=json, jq=jq)
        return
    if file is not None and (dry_run or mermaid):
        show_plan(rt, file, workflow, mermaid=mermaid, json=json, jq=jq)
        return
    if resume is not None and export is not None:
        _export(rt, find_chain(rt, resume), export, force=force)
        return
    if resume is not None:
        kind = Resumption(from_step, tuple(edits or ()), stored, changed)
        see_chain_through(rt, _resumed(rt, resume, kind), how)
        return
    if each is not None:
        # Few chains are of many rows.
        from ouro_cli.cli.batches import Each, Looking  # noqa: PLC0415
        from ouro_cli.cli.chain_batches import chain_each  # noqa: PLC0415

        if file is None:
            why = "--each belongs to --file"
            raise UsageFault(why=why, hint="Nothing was sent. Write the chain down: --export FILE")
        places = tuple(maps or ())
        table = Each(each, concurrency, rate, stop_after, into, places, ignore_columns, again)
        looking = Looking(patience, no_wait, quiet, json, jq, reports)
        chain_each(rt, file, workflow, given or [], table, looking, _tell)
        return
    if file is not None:
        chain = file_chain(rt, load_workflow(rt, file), workflow, given or [], _tell)
    else:
        if export is not None:
            check_free(export, force=force)
        chain = line_chain(rt, _line_call(line or [], body, inputs or [], maps or []), _tell)
        if export is not None:
            _export(rt, chain, export, force=force)
    see_chain_through(rt, chain, how)


def _line_call(line: list[str], body: str | None, inputs: list[str], maps: list[str]) -> LineCall:
    names, words = split_line(line)
    arguments = given_arguments(
        words, body=body, param=[], query=[], header=[], content_type="", server=[]
    )
    return LineCall(tuple(names), arguments, tuple(inputs), tuple(maps))


def _check_words(
    line: list[str] | None, file: str | None, resume: str | None, listed: bool, of_resume: bool
) -> None:
    """Raise UsageFault unless exactly one kind of chain is asked for."""
    asked = [bool(line), file is not None, resume is not None, listed]
    if sum(asked) != 1:
        hint = "Give routes, or one of -f FILE, --resume CHAIN, --list."
        why = "no chain is named" if not any(asked) else "more than one chain is named"
        raise UsageFault(why=why, hint=f"Nothing was sent. {hint}")
    if of_resume and resume is None:
        why = "--from, --edit, --stored and --changed belong to --resume"
        raise UsageFault(why=why, hint="Nothing was sent.")


def _check_file_words(
    file: str | None, resume: str | None, line: list[str] | None, of_file: bool, export: str | None
) -> None:
    """Raise UsageFault for options that belong to another kind of chain."""
    if of_file and file is None:
        why = "--check, --dry-run and --mermaid belong to --file"
        raise UsageFault(why=why, hint="Nothing was sent.")
    if export is not None and not (line or resume):
        why = "--export is for routes, or for --resume CHAIN"
        raise UsageFault(why=why, hint="Nothing was sent. A file is one already.")


def _export(rt: Runtime, chain: ChainRun, path: str, *, force: bool) -> None:
    export_workflow(rt, chain, path, force=force)
    output.story(output.one_line(f"wrote {path}"))


def _resumed(rt: Runtime, name: str, how: Resumption) -> ChainRun:
    chain = find_chain(rt, name)
    holder = holder_of(chain)
    if holder is not None and how.changes_nothing:
        output.story(output.one_line(f"{_who(holder)} is at it; looking on."))
        return chain
    return resume_chain(rt, chain, how)


def _who(owner: str) -> str:
    host, _, rest = owner.partition("/")
    return f"Process {rest.split('/')[-2]} of {host}"


def _list(rt: Runtime, *, json: bool, jq: str | None) -> None:
    chains = [chain_view(each) for each in rt.store.chains.newest(20)]
    output.show({"chains": chains, "has_more": False}, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    rows = []
    for each in view["chains"]:
        done = sum(step["status"] == "success" for step in each["steps"])
        steps = f"{done}/{len(each['steps'])} steps"
        took = each["duration"] or output.ago(each["created_at"])
        rows.append([each["id"], each["status"], each["workflow"], steps, took])
    if rows:
        output.table(rows, ["CHAIN", "STATUS", "WORKFLOW", "STEPS", "TOOK"], style_column=1)
    else:
        output.story("No chain has been run yet.")


def _tell(text: str) -> None:
    output.story(output.one_line(f"Note: {text}"))
