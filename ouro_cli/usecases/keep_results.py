"""What became of a batch's rows, as a dataset: own columns, action, outputs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ouro_cli.crash import crash_point
from ouro_cli.model.asset import Asset
from ouro_cli.model.batch import Batch
from ouro_cli.runtime import Runtime
from ouro_cli.store.batches import BatchRow
from ouro_cli.store.row_sources import RowSource
from ouro_cli.store.tables import Records
from ouro_cli.usecases.keep_asset import AssetWords, prepare_table, write_row
from ouro_cli.views.action import action_view

_OURS = ("row", "status", "action_id", "error")


def keep_results(rt: Runtime, batch_id: str, name: str | None = None) -> Asset | None:
    """Keep the results of a batch as a dataset of this name, or of the one that it was to have.

    None where it has no name. The dataset is there once it is whole; until then nothing is.
    """
    batch = rt.store.batches.get(batch_id)
    name = name or batch.into_name
    if not name:
        return None
    rows = _Results(rt, batch)
    table = Records(Path(batch.source), rows)
    asset = prepare_table(rt, table, Path(batch.source), AssetWords(name=name))
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of(rt.settings.user, asset.user_id, rt.now())
        write_row(rt, tx, replace(asset, user_id=user_id))
        tx.batches.keep_into(batch_id, name, asset.id)
        return tx.assets.get(asset.id)


class _Results:
    """The rows of the dataset; they can be read as often as wanted, and are never held at once."""

    def __init__(self, rt: Runtime, batch: Batch) -> None:
        self._rt = rt
        self._batch = batch

    def __iter__(self) -> Iterator[dict[str, Any]]:
        plan = self._batch.plan
        source = RowSource(self._rt.store.files.path_of(self._batch.sha256), plan["form"])
        # Of a batch that was done long ago, the table may be gone; its actions are not.
        own = source.typed_rows() if source.path.exists() else iter(())
        number = 0
        for row in self._rt.store.batches.rows(self._batch.id):
            columns: dict[str, Any] = {}
            while number < row.row:
                columns = next(own, {})
                number += 1
            crash_point("B4")
            yield self._result(row, columns)

    def _result(self, row: BatchRow, columns: dict[str, Any]) -> dict[str, Any]:
        status = "error" if row.status is None else row.status.value
        found = {"row": row.row, "status": status, "action_id": row.action_id, "error": row.error}
        for name, value in columns.items():
            found[f"input_{name}" if name in _OURS else name] = value
        if row.chain_id is not None:
            chain = self._rt.store.chains.get(row.chain_id)
            return self._with_outputs(
                found | {"chain_id": chain.id}, chain.outputs, _message_of({"error": chain.error})
            )
        if row.action_id is None:
            return found
        view = action_view(self._rt.store.actions.get(row.action_id))
        if status != "success":
            found["error"] = _message_of(view["response"])
            return found
        return self._with_outputs(found, view["final_data"], None)

    def _with_outputs(
        self, found: dict[str, Any], outputs: Any, error: str | None
    ) -> dict[str, Any]:
        found["error"] = error or found["error"]
        for name, value in _flat(outputs).items():
            found[f"output_{name}" if name in found else name] = value
        return found


def _flat(data: Any) -> dict[str, Any]:
    """The outputs of an action flattened one level: `{"a": {"b": 1}}` is `a_b`; assets by id."""
    flat: dict[str, Any] = {}
    for name, value in (data or {}).items():
        if isinstance(value, dict) and {"id", "asset_type"} <= value.keys():
            flat[name] = value["id"]
        elif isinstance(value, dict):
            flat |= {f"{name}_{key}": each for key, each in value.items()}
        else:
            flat[name] = value
    return flat


def _message_of(response: Any) -> str | None:
    error = response.get("error") if isinstance(response, dict) else None
    if isinstance(error, dict):
        return str(error.get("message") or error.get("code") or "") or None
    return None if error is None else str(error)
