"""`--report KIND=FILE`: what became of runs, as files for other programs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import Runtime

if TYPE_CHECKING:
    from ouro_cli.model.action import Action
    from ouro_cli.reports.case import Case
    from ouro_cli.usecases.write_reports import Report

ReportOption = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="KIND=FILE",
        help="Also write a report: junit=FILE, md=FILE, har=FILE; - is standard output.",
    ),
]


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports that were asked for; none of them costs nothing."""

    wanted: "tuple[Report, ...]" = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def takes_stdout(self) -> bool:
        """Whether a report is all that stdout is to have."""
        return any(each.path is None for each in self.wanted)

    @property
    def has_exchanges(self) -> bool:
        """Whether a report tells what went over the wire."""
        return any(each.kind == "har" for each in self.wanted)

    def write(self, title: str, cases: "Iterable[Case]") -> None:
        """Write all of them, going through the cases once; say on stderr where they are."""
        if not self.wanted:
            return
        # Only whoever asks for a report loads what writes one.
        from ouro_cli.usecases.write_reports import write_reports  # noqa: PLC0415

        write_reports(self.wanted, title, cases)
        for each in self.wanted:
            if each.path is not None:
                output.story(f"  report: {output.joined(each.kind, each.path)}")

    def write_actions(
        self,
        rt: Runtime,
        title: str,
        actions: "Iterable[Action]",
        judged: dict[str, Any] | None = None,
    ) -> None:
        """Write a case for each action, and for each expectation that was judged of it."""
        if not self.wanted:
            return
        from ouro_cli.usecases.report_cases import action_case, expectation_cases  # noqa: PLC0415

        def cases() -> "Iterator[Case]":
            for action in actions:
                case = action_case(rt, action, has_exchanges=self.has_exchanges)
                yield case
                if judged is not None:
                    # That the run did not succeed is the case before.
                    yield from expectation_cases({**judged, "message": ""}, case.group)

        self.write(title, cases())

    def write_chain(self, rt: Runtime, chain_id: str) -> None:
        """Write a case for each step of a chain, as far as it is."""
        if not self.wanted:
            return
        from ouro_cli.usecases.report_many import chain_cases  # noqa: PLC0415

        chain = rt.store.chains.get(chain_id)
        cases = chain_cases(rt, chain, has_exchanges=self.has_exchanges)
        self.write(f"ouro action chain {chain.workflow}", cases)

    def write_batch(self, rt: Runtime, batch_id: str) -> None:
        """Write a case for each row of a batch, as far as it is, in flat memory."""
        if not self.wanted:
            return
        from ouro_cli.usecases.report_many import batch_cases  # noqa: PLC0415

        batch = rt.store.batches.get(batch_id)
        cases = batch_cases(rt, batch, has_exchanges=self.has_exchanges)
        self.write(f"ouro batch of {batch.source}", cases)

    def write_expectations(self, rt: Runtime, action: "Action", judged: dict[str, Any]) -> None:
        """Write a case for each expression that was held against an action."""
        if not self.wanted:
            return
        from ouro_cli.usecases.exchanges import exchanges_of  # noqa: PLC0415
        from ouro_cli.usecases.report_cases import expectation_cases  # noqa: PLC0415

        first, *others = expectation_cases(judged, action.route.reference)
        if self.has_exchanges:
            first = replace(first, exchanges=tuple(exchanges_of(rt, action)))
        self.write(f"ouro action {action.id}", [first, *others])


NO_REPORTS = Reports()


def read_reports(
    texts: Sequence[str] | None, *, json: bool = False, jq: str | None = None
) -> Reports:
    """The reports that were asked for, their places looked at before anything is done.

    Raises UsageFault for an unknown kind, FileExists, FileUnreadable.
    """
    if not texts:
        return NO_REPORTS
    from ouro_cli.usecases.write_reports import KINDS, Report, check_destination  # noqa: PLC0415

    wanted = []
    for text in texts:
        kind, equals, name = text.partition("=")
        if kind not in KINDS or not name:
            known = ", ".join(f"{each}=FILE" for each in KINDS)
            why = f"--report {text}: expected KIND=FILE" if not equals or not name else ""
            raise UsageFault(
                why=why or f"--report: '{kind}' is no kind of report", hint=f"One of: {known}."
            )
        wanted.append(Report(kind, None if name == "-" else Path(name).expanduser()))
    reports = Reports(tuple(wanted))
    names = [each.path for each in wanted]
    if len(set(names)) < len(names):
        raise UsageFault(why="--report: two reports would go to the same place")
    if reports.takes_stdout and (json or jq is not None):
        raise UsageFault(why="--report KIND=- and --json both would be all of stdout")
    for each in wanted:
        check_destination(each)
    return reports
