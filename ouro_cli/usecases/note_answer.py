"""What an API answered, or that it did not, becomes the action's state: in one commit."""

from dataclasses import dataclass, replace

from ouro_cli.crash import crash_point
from ouro_cli.model.action import Action, Source
from ouro_cli.model.poll import PollPlan
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.upstream import redirects
from ouro_cli.usecases.keep_answer import keep_answer
from ouro_cli.usecases.keep_outputs import makes_nothing, prepare_outputs
from ouro_cli.usecases.lost_calls import unknown
from ouro_cli.usecases.poll_action import accept_polled, plan_poll
from ouro_cli.usecases.send_attempts import Outgoing, end_attempt
from ouro_cli.usecases.settle_action import settle_within, without_secrets
from ouro_cli.usecases.watch_stream import StreamStory
from ouro_cli.usecases.write_outputs import Outputs
from ouro_cli.wire.outcome import (
    Accepted,
    Failed,
    Finished,
    NoAnswer,
    Outcome,
    UpstreamResponse,
    external_error,
    read_outcome,
)


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of a call, read, with all of its bytes kept: ready to be written down.

    An `outcome` settles the action; with a `plan` its result is asked for from now on; with
    neither it stays open, since nobody knows yet what became of it.
    """

    answer: UpstreamResponse | NoAnswer
    outcome: Outcome | None = None
    outputs: Outputs | None = None
    said: Outcome | None = None
    plan: PollPlan | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the result is still to come, and the API has said so."""
        return self.plan is not None or isinstance(self.outcome, Accepted)


def note_answer(
    rt: Runtime, out: Outgoing, answer: UpstreamResponse | NoAnswer, story: StreamStory
) -> Action:
    """End the attempt, and settle the action by what came; return it as it then is.

    `story` has looked on while it came in.
    """
    noted = read_answer(rt, out, answer, story)
    if noted.is_accepted:
        crash_point("R8")
    with rt.store.transaction() as tx:
        write_answer(rt, tx, out, noted)
    if noted.is_accepted:
        crash_point("R9")
    return rt.store.actions.get(out.action_id)


def read_answer(
    rt: Runtime, out: Outgoing, answer: UpstreamResponse | NoAnswer, story: StreamStory
) -> Noted:
    """What came, read before the transaction that writes it; the bytes of its outputs are kept."""
    story.closes()
    if isinstance(answer, NoAnswer) and answer.was_sent and out.route.operation.is_async:
        # The API may well be at work: its callback is still welcome, until it has been silent
        # for too long.
        return Noted(answer)
    answer = keep_answer(rt, answer)
    if isinstance(answer, UpstreamResponse):
        plan = plan_poll(rt, out.route, out.service, out.values, answer)
        if plan is not None:
            return Noted(answer, plan=plan)
    said = story.meaning(answer, out.service.base_url) or _outcome(rt, out, answer)
    heard = said if isinstance(answer, UpstreamResponse) else None
    if isinstance(said, Finished) and makes_nothing(out.route, said, keeps_urls=out.keeps_urls):
        return Noted(answer, without_secrets(said), said=heard)
    outcome, outputs = prepare_outputs(rt, out.action_id, said)
    return Noted(answer, without_secrets(outcome), outputs, heard)


def write_answer(rt: Runtime, tx: Nouns, out: Outgoing, noted: Noted) -> None:
    """End the attempt and write what follows from it, in a transaction that may write more."""
    action_id, answer = out.action_id, noted.answer
    end_attempt(rt, tx, action_id, answer)
    if noted.plan is not None and isinstance(answer, UpstreamResponse):
        accept_polled(rt, tx, action_id, noted.plan, answer)
    elif noted.outcome is not None:
        settle_within(
            *(rt, tx, action_id, noted.outcome, Source.RESPONSE, noted.outputs),
            said=noted.said,
            route=out.route,
        )
    elif isinstance(answer, NoAnswer):
        message = f"sent, no answer seen ({answer.step}: {answer.why})"
        tx.events.tell(action_id, "unanswered", message, at=rt.now(), level="warning")


def _outcome(rt: Runtime, out: Outgoing, answer: UpstreamResponse | NoAnswer) -> Outcome:
    base_url = out.service.base_url
    if isinstance(answer, NoAnswer):
        if answer.was_sent and answer.status is not None:
            return _incomplete(out.action_id, base_url, answer)
        if answer.was_sent:
            action = rt.store.actions.get(out.action_id)
            why = f"no answer came ({answer.step}: {answer.why})"
            return unknown(rt, action, out.route, out.service, why)
        return read_outcome(answer, base_url)
    target = redirects.target_of(answer)
    refusal = "" if target is None else redirects.why_refused(target, answer.url)
    if refusal:
        return Failed(
            external_error(
                f"the API answered {answer.status}: {refusal}",
                502,
                base_url,
                code="redirect_refused",
                upstream_status=answer.status,
            ),
            answer.status,
        )
    return read_outcome(answer, base_url)


def _incomplete(action_id: str, base_url: str, answer: NoAnswer) -> Failed:
    """An answer that began and did not end, or grew too large: never a success."""
    size = 0 if answer.beside is None else answer.beside.size
    kept = f"; what came is kept: ouro action show {action_id} -o FILE" if size else ""
    envelope = external_error(
        f"the API answered {answer.status}, and the answer was cut after {size} bytes"
        f" ({answer.why}){kept}",
        502,
        base_url,
        code="answer_incomplete",
        upstream_status=answer.status,
        received=size,
    )
    return Failed(replace(envelope, beside=answer.beside), answer.status)
