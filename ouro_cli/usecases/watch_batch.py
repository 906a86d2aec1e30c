"""Watch a batch: how far it is, told by what joins the stories of its actions."""

from dataclasses import dataclass

from ouro_cli.model.batch import Batch, Counts
from ouro_cli.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is: as it is kept, and how many of its rows have ended how."""

    batch: Batch
    success: int
    failed: int

    @property
    def ended(self) -> int:
        """How many rows have ended."""
        return self.success + self.failed


class BatchWatch:
    """Counts the rows that end: all of them once, and from then on only what is new."""

    def __init__(self, rt: Runtime, batch_id: str) -> None:
        self._rt = rt
        self._id = batch_id
        self._seq, counts = rt.store.batches.snapshot(batch_id)
        self._success, self._failed = counts.success, counts.failed

    def look(self) -> Progress:
        """How far it is now."""
        store = self._rt.store
        batch = store.batches.get(self._id)
        if batch.route_id is None:
            # What ends is told by the stories of actions alone.
            counts = store.batches.counts(self._id)
            return Progress(batch, counts.success, counts.failed)
        until = store.events.last()
        if until > self._seq:
            ended = store.batches.ended_between(self._id, self._seq, until)
            self._success += ended.pop("success", 0)
            self._failed += sum(ended.values())
            self._seq = until
        return Progress(batch, self._success, self._failed)


def final_counts(rt: Runtime, batch_id: str) -> tuple[Batch, Counts]:
    """The batch and the count of all its rows, looked at anew."""
    batch = rt.store.batches.get(batch_id)
    return batch, rt.store.batches.counts(batch_id)
