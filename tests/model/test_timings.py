"""How long runs take, in the contract's words."""

from ouro_cli.model.timings import Timings


def test_without_a_run_nothing_is_said() -> None:
    assert Timings([], []).as_metrics() is None


def test_medians_and_percentiles_are_by_nearest_rank() -> None:
    metrics = Timings([5.0], [float(n) for n in range(1, 101)]).as_metrics()
    assert metrics == {
        "avg_ack_ms": 5.0,
        "p50_ack_ms": 5.0,
        "p95_ack_ms": 5.0,
        "avg_completion_ms": 50.5,
        "p50_completion_ms": 50.0,
        "p95_completion_ms": 95.0,
        "latency_sample_count": 100,
    }


def test_runs_that_were_never_acknowledged_still_count() -> None:
    metrics = Timings([], [2.0, 1.0]).as_metrics()
    assert metrics is not None
    assert "avg_ack_ms" not in metrics
    assert metrics["p50_completion_ms"] == 1.0
