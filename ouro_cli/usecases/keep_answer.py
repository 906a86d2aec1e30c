"""The bytes of an answer that lie in a draft become kept bytes, without what is secret in them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ouro_cli import safety
from ouro_cli.model.action import Beside
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import PIECE
from ouro_cli.wire.outcome import Draft, NoAnswer, UpstreamResponse

_LONGEST_FORM = 2**16


def keep_answer(rt: Runtime, answer: UpstreamResponse | NoAnswer) -> UpstreamResponse | NoAnswer:
    """The answer with what lies in a draft kept beside the registry; as it is where nothing does.

    Called before the transaction that refers to it. Raises RegistryUnavailable where it fails.
    """
    if isinstance(answer, NoAnswer):
        if answer.partial is None:
            return answer
        return replace(answer, partial=None, beside=_keep(rt, answer.partial))
    if answer.draft is None:
        return answer
    beside = _keep(rt, answer.draft)
    with beside.open() as file:
        # The draft's own head may hold a secret that the kept bytes do not.
        head = file.read(len(answer.data))
    return replace(answer, draft=None, beside=beside, data=head)


def _keep(rt: Runtime, draft: Draft) -> Beside:
    files, path = rt.store.files, Path(draft.path)
    if _holds_secrets(path):
        kept = files.keep(safety.redact_parts(_parts(path)))
        path.unlink(missing_ok=True)
    else:
        kept = files.keep_draft(path)
    return files.beside(kept.sha256)


def _holds_secrets(path: Path) -> bool:
    before = b""
    for part in _parts(path):
        # What stands across two parts is seen with the end of the one before.
        seen = before + part
        if safety.redact_bytes(seen) is not seen:
            return True
        before = part[-_LONGEST_FORM:]
    return False


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(PIECE), b"")
