"""One question for the result of an action: where, with which credentials, and the answer."""

import contextlib
from dataclasses import dataclass, replace

from ouro_cli.errors import OuroError
from ouro_cli.model.poll import Poll
from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.usecases.keep_answer import keep_answer
from ouro_cli.usecases.place_credentials import note_refusals, place_credentials
from ouro_cli.wire.credentials import Placed, origin_of
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.manner import manner_of
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse, is_token_refused
from ouro_cli.wire.parameters import header_text
from ouro_cli.wire.poll_answer import Elsewhere, Missed, PollAnswer, read_answer
from ouro_cli.wire.request import UpstreamRequest
from ouro_cli.wire.retry_after import retry_after

_HOPS = 3
_NOT_REPEATED = frozenset({"accept", "content-type", "idempotency-key", "prefer", "cookie"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back, what it means, and how long the API asks to be left alone."""

    answer: UpstreamResponse | NoAnswer
    said: PollAnswer
    wait: float | None


class Question:
    """One question for the result of an action, from its first address to where it lies."""

    def __init__(self, rt: Runtime, poll: Poll) -> None:
        self._rt = rt
        self._poll = poll
        action = rt.store.actions.get(poll.action_id)
        self._route = rt.store.routes.get(action.route.id)
        self._values = Input.of_request(action.request)
        self._is_verified = not manner_of(action.request).insecure
        service = rt.store.services.get(self._route.service_id)
        self._service = service.at(self._values.server)

    def ask(self, seconds: float) -> Asked:
        """Ask for the state, and then, where it is done and lies elsewhere, for the result."""
        plan = self._poll.plan
        asked = self._ask_once(plan.url, plan.method, seconds, is_result=False)
        for _ in range(_HOPS):
            if not isinstance(asked.said, Elsewhere):
                break
            asked = self._ask_once(asked.said.url, "GET", seconds, is_result=True)
        return asked

    def _ask_once(self, url: str, method: str, seconds: float, *, is_result: bool) -> Asked:
        rt, service = self._rt, self._service
        placed = Placed()
        is_own = origin_of(url) == origin_of(service.base_url)
        if is_own:
            try:
                placed = place_credentials(rt, service, self._route.operation)
            except OuroError as fault:
                unsent = NoAnswer("credentials", fault.message, was_sent=False)
                return Asked(unsent, Missed(fault.message), None)
        settings = replace(rt.settings, call_seconds=min(seconds, rt.settings.call_seconds))
        request = self._request(url, method, placed, is_own=is_own)
        answer = self._answer(request, settings)
        if isinstance(answer, UpstreamResponse) and is_token_refused(answer) and placed.tokens:
            with contextlib.suppress(OuroError):
                note_refusals(rt, service, placed)
        said = read_answer(
            answer,
            self._poll.plan,
            service.base_url,
            self._route.operation.output_assets,
            is_result=is_result,
        )
        left_alone = None if isinstance(answer, NoAnswer) else retry_after(answer, rt.now())
        return Asked(answer, said, left_alone)

    def _answer(self, request: UpstreamRequest, settings: Settings) -> UpstreamResponse | NoAnswer:
        """What comes back; what of it is large lies beside the registry."""
        rt, draft = self._rt, self._rt.store.files.draft_path()
        request = replace(request, verify=self._is_verified, draft=str(draft))
        try:
            answer = rt.ask(request, self._service.base_url, settings)
            return answer if isinstance(answer, NoAnswer) else keep_answer(rt, answer)
        finally:
            draft.unlink(missing_ok=True)

    def _request(self, url: str, method: str, placed: Placed, *, is_own: bool) -> UpstreamRequest:
        declared = self._route.operation.parameters_in("header")
        headers = [("Accept", "application/json, */*;q=0.5")]
        secret = list(placed.headers)
        if is_own:
            taken = {name.lower() for name, _ in secret} | _NOT_REPEATED
            headers.append(("ouro-action-id", self._poll.action_id))
            headers += [
                (name, header_text(declared.get(name, {}), value).strip(" \t"))
                for name, value in self._values.headers.items()
                if value is not None and name.lower() not in taken
            ]
        if placed.cookies:
            cookies = "; ".join(f"{name}={value}" for name, value in placed.cookies)
            secret.append(("Cookie", cookies))
        return UpstreamRequest(
            method=method,
            url=url,
            headers=tuple(headers),
            secret_headers=tuple(secret),
            secret_query=placed.query,
            digest=placed.digest,
        )
