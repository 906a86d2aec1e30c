"""`ouro route run`: start, send, watch; what is kept outlives this command."""

import time
from pathlib import Path
from typing import Annotated

import typer

from ouro_cli.cli import output
from ouro_cli.cli.asking import complete
from ouro_cli.cli.call_options import Body, Header, Inputs, Param, Query, Words
from ouro_cli.cli.each_options import (
    Again,
    Concurrency,
    EachTable,
    IgnoreColumns,
    Into,
    MapOption,
    RateOption,
    StopAfter,
)
from ouro_cli.cli.examples import tell_of_example
from ouro_cli.cli.expecting import Expect, read_expectations, refuse_unseen
from ouro_cli.cli.given import given_arguments
from ouro_cli.cli.options import Jq, Json, Quiet, RouteArg, Timeout
from ouro_cli.cli.reporting import ReportOption, read_reports
from ouro_cli.cli.seeing import Seeing, see_through
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.describe_route import describe_route
from ouro_cli.usecases.save_outputs import check_folder
from ouro_cli.usecases.start_action import RouteCall, preview_request, start_action
from ouro_cli.wire.curl import curl_line
from ouro_cli.wire.manner import Manner
from ouro_cli.wire.request import body_view, without_secrets


def command(
    route: RouteArg,
    words: Words = None,
    body: Body = None,
    param: Param = None,
    query: Query = None,
    header: Header = None,
    content_type: Annotated[
        str,
        typer.Option(
            "--content-type", metavar="TYPE", help="The body's media type, where there are several."
        ),
    ] = "",
    server: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            metavar="SERVER",
            help="One of the document's servers: its number, address, or a part of its description;"
            " NAME=VALUE sets a variable of it.",
        ),
    ] = None,
    inputs: Inputs = None,
    save_to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Save what it makes into this folder."),
    ] = None,
    keep_urls: Annotated[
        bool,
        typer.Option("--keep-urls", help="Also keep what the addresses in the result lead to."),
    ] = False,
    timeout: Timeout = None,
    silence: Annotated[
        str | None,
        typer.Option(
            "--silence", metavar="TIME", help="Give it up after so long without a sign of life."
        ),
    ] = None,
    no_retry: Annotated[
        bool, typer.Option("--no-retry", help="Send it once, whatever comes back.")
    ] = False,
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure", help="Look at no certificate, for this run alone; the action says so."
        ),
    ] = False,
    allow_proxy: Annotated[
        bool,
        typer.Option("--allow-proxy", help="Let a credential pass an HTTP proxy that can read it."),
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return once the API has accepted.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the request; send and store nothing.")
    ] = False,
    curl: Annotated[
        bool, typer.Option("--curl", help="With --dry-run: print it as a curl command.")
    ] = False,
    example: Annotated[
        bool, typer.Option("--example", help="Print a body that this route would take.")
    ] = False,
    full_example: Annotated[
        bool, typer.Option("--full-example", help="The same, with all that may stand in it.")
    ] = False,
    expect: Expect = None,
    report: ReportOption = None,
    each: EachTable = None,
    concurrency: Concurrency = None,
    rate: RateOption = None,
    stop_after: StopAfter = None,
    into: Into = None,
    places: MapOption = None,
    ignore_columns: IgnoreColumns = False,
    again: Again = False,
    quiet: Quiet = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Run a route and keep what it returns.

    Everything is checked against the route's document before anything is sent. The result goes
    to stdout, the story to stderr. Ctrl-C and --timeout end the waiting, never the run.

    \b
    ouro route run ada/predict-post composition=Fe2Ni
    ouro route run ada/predict-post --body '{"composition": "Fe2Ni"}'
    ouro route run ada/relax-structure-post --body @in.json --no-wait -q
    ouro route run ada/add-photo-post title=Cat photo@cat.png
    ouro route run ada/symmetrize-post --input ./water.xyz -o results
    ouro route run ada/predict-post --each rows.csv --rate 10/s --into results
    ouro route run ada/predict-post composition=Fe2Ni --expect '$.score < 1'

    With --each it is run once for each row of a table, whose columns go to the parameters, fields
    and inputs of their names. Ctrl-C then starts no more; the same command goes on.

    Exit status: 0 success, 1 the run failed or is not as expected, 2 nothing was sent, 124 still
    running when --timeout passed, 130 left by Ctrl-C.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    began = time.monotonic()
    expectations = read_expectations(expect)
    refuse_unseen(expectations, no_wait=no_wait, each=each is not None)
    reports = read_reports(report, json=json, jq=jq)
    rt = open_runtime()
    if example or full_example:
        described = describe_route(rt, route, everything=full_example)
        output.print_value(described.body_example)
        tell_of_example(described)
        return
    call = RouteCall(
        route,
        given_arguments(
            words or [],
            body=body,
            param=param or [],
            query=query or [],
            header=header or [],
            content_type=content_type,
            server=server or [],
        ),
        None if silence is None else read_duration(silence, "--silence"),
        tuple(inputs or ()),
        keep_urls,
        Manner(no_retry=no_retry, insecure=insecure, allow_proxy=allow_proxy),
    )
    if each is not None:
        # Few runs are of many rows, and all others are sooner without what those need.
        from ouro_cli.cli.batches import Each, Looking, run_each  # noqa: PLC0415

        table = Each(
            *(each, concurrency, rate, stop_after, into),
            *(tuple(places or ()), ignore_columns, again),
        )
        run_each(rt, table, call, Looking(patience, no_wait, quiet, json, jq, reports))
        return
    call = complete(rt, call)
    if save_to is not None:
        check_folder(save_to)
    if dry_run or curl:
        _preview(rt, call, curl=curl, json=json)
        return
    action = start_action(rt, call, _note)
    how = Seeing(patience, began, no_wait, quiet, json, jq, save_to, expectations, reports)
    see_through(rt, action, how)


def _note(text: str) -> None:
    output.story(output.one_line(f"Note: {text}; sent as it is"))


def _preview(rt: Runtime, call: RouteCall, *, curl: bool, json: bool) -> None:
    request = preview_request(rt, call, _note)
    if curl:
        output.print_line(curl_line(request))
        return
    shown = without_secrets(request)
    headers = [*shown.headers, *shown.secret_headers]
    text = body_view(shown.body)
    if json:
        view = {
            "method": shown.method,
            "url": shown.full_url,
            "headers": [list(each) for each in headers],
            "body": text,
        }
        output.print_json(view)
        return
    output.print_text(f"{shown.method} {shown.full_url}")
    for name, value in headers:
        output.print_text(output.one_line(f"{name}: {value}"))
    if text is not None:
        output.print_text("\n" + text.replace("\r\n", "\n"))
