"""How long runs of a route took, as its last successes show (contract section 9.2)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds from the dispatch of each run to its acknowledgement, and to its end."""

    ack: Sequence[float]
    completion: Sequence[float]

    def as_metrics(self) -> dict[str, float | int] | None:
        """Averages, medians and 95th percentiles in the contract's words; None without a run."""
        if not self.completion:
            return None
        metrics: dict[str, float | int] = {}
        for name, values in (("ack", self.ack), ("completion", self.completion)):
            if values:
                metrics[f"avg_{name}_ms"] = round(sum(values) / len(values), 3)
                metrics[f"p50_{name}_ms"] = round(_percentile(values, 50), 3)
                metrics[f"p95_{name}_ms"] = round(_percentile(values, 95), 3)
        return {**metrics, "latency_sample_count": len(self.completion)}


def _percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
