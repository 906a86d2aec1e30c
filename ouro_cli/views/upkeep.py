"""What was done to a registry as a whole, as JSON-ready dicts."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from ouro_cli.model.upkeep import BackedUp, Exported, Imported, Pruned, Restored


def backup_view(done: "BackedUp") -> dict[str, Any]:
    """A backup that was written."""
    return {
        "path": str(done.path.absolute()),
        "size": done.size,
        "files": done.files,
        "counts": done.counts,
        "missing": list(done.missing),
    }


def restored_view(done: "Restored") -> dict[str, Any]:
    """A registry that was put in the place of another."""
    return {
        "counts": done.counts,
        "registry_version": done.version,
        "kept_aside": None if done.aside is None else str(done.aside),
        "missing": list(done.missing),
    }


def exported_view(done: "Exported") -> dict[str, Any]:
    """Actions that were handed on."""
    return {
        "path": str(done.path.absolute()),
        "size": done.size,
        "actions": list(done.action_ids),
        "files": done.files,
        "missing": list(done.missing),
    }


def imported_view(done: "Imported") -> dict[str, Any]:
    """Actions that were taken in."""
    return {
        "new": list(done.new),
        "went_on": list(done.went_on),
        "unchanged": list(done.unchanged),
    }


def pruned_view(done: "Pruned") -> dict[str, Any]:
    """What a pruning removed, or would remove."""
    return {
        "actions": list(done.action_ids),
        "assets": done.assets,
        "files": done.files,
        "file_bytes": done.file_bytes,
        "row_bytes": done.row_bytes,
        "is_done": done.is_done,
        "copies": [str(each) for each in done.copies],
    }
