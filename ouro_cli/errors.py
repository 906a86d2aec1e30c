"""What can go wrong, in words a person can act on: what happened, and what to do next."""

from typing import Any


class OuroError(Exception):
    """Something went wrong.

    The first line of a subclass's docstring is its message, a format string over the
    keyword arguments; `code` is a stable word for machines, `hint` says what to do next.
    """

    code = "error"
    hint = ""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.details: dict[str, Any] = {}
        """What stands beside the error where it is shown as JSON."""
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What happened, in one line."""
        first_line = (type(self).__doc__ or "").strip().split("\n", 1)[0]
        return first_line.format_map(self.facts)

    @property
    def advice(self) -> str:
        """What to do next; empty where nothing useful is known."""
        own = self.facts.get("hint")
        return str(own) if own is not None else self.hint.format_map(self.facts)


class UsageFault(OuroError):
    """{why}"""

    code = "usage"


class UnknownReference(OuroError):
    """No {noun} is called '{name}'."""

    code = "not_found"


class ServiceNotFound(UnknownReference):
    """No service is called '{name}'."""

    code = "service_not_found"
    hint = "See all: ouro service list"


class RouteNotFound(UnknownReference):
    """No route is called '{name}'."""

    code = "route_not_found"
    hint = "See all: ouro route list"


class ActionNotFound(UnknownReference):
    """No action is called '{name}'."""

    code = "action_not_found"
    hint = "See the latest: ouro action list"


class NothingLate(OuroError):
    """Nothing of action {id} can be accepted: {why}."""

    code = "nothing_late"
    hint = "See what came: ouro action show {id}"


class AssetNotFound(UnknownReference):
    """No asset is called '{name}'."""

    code = "asset_not_found"
    hint = "See the latest: ouro asset list"


class AssetUnfit(OuroError):
    """{why}."""

    code = "asset_unfit"
    hint = "Nothing was sent."


class AssetDamaged(OuroError):
    """The bytes of asset {name} are {why}."""

    code = "asset_damaged"
    hint = "Restore a backup; see what else is missing: ouro doctor"


class QueryRefused(OuroError):
    """Cannot query {name}: {why}."""

    code = "query_refused"
    hint = "See its columns: ouro asset show ID"


class FileExists(OuroError):
    """{path} is there already."""

    code = "file_exists"
    hint = "Nothing was written. To replace it: --force"


class FileNotWritten(OuroError):
    """Cannot write {path}: {why}."""

    code = "file_not_written"


class FetchFailed(OuroError):
    """Cannot fetch {url}: {why}."""

    code = "fetch_failed"

    @property
    def is_lasting(self) -> bool:
        """Whether another attempt would end no better."""
        return bool(self.facts.get("is_lasting"))


class AmbiguousReference(OuroError):
    """'{name}' could be any of: {choices}."""

    code = "ambiguous_reference"
    hint = "Write one of them whole."


class InvalidInput(OuroError):
    """Invalid input for {route}: {faults}"""

    code = "invalid_input"
    hint = "Nothing was sent. See what it takes: ouro route show {route}"


class MissingCredential(OuroError):
    """Service '{service}' needs a credential for {scheme}."""

    code = "missing_credential"
    hint = "Nothing was sent. Set it: ouro auth set {service} --scheme {scheme}"


class CredentialRefused(OuroError):
    """{why}"""

    code = "credential_refused"


class RefusedAsUnsafe(OuroError):
    """Refused: {why}."""

    code = "refused_as_unsafe"


class DocumentUnreadable(OuroError):
    """Cannot read {source}: {why}."""

    code = "document_unreadable"


class FileUnreadable(OuroError):
    """Cannot read {path}: {why}."""

    code = "file_unreadable"

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing at this path."""
        return bool(self.facts.get("is_missing"))


class DocumentRefused(OuroError):
    """{source} has {count} faults, the first at {first}"""

    code = "document_refused"
    hint = "Nothing was changed. Without --strict they are warnings."

    def __init__(self, source: str, findings: list[dict[str, str]]) -> None:
        first = findings[0]
        super().__init__(
            source=source,
            count=len(findings),
            first=f"{first['pointer']} ({first['message']})",
        )
        self.details = {"warnings": findings}


class RerunRefused(OuroError):
    """Not run again: {why}."""

    code = "rerun_refused"


class RegistryUnavailable(OuroError):
    """The registry at {path} cannot be used: {why}."""

    code = "registry_unavailable"
    hint = "Nothing was changed. Look closer: ouro doctor"


class RegistryTooNew(RegistryUnavailable):
    """The registry at {path} is version {found}, and this ouro knows {known}."""

    code = "registry_too_new"
    hint = "Install a newer ouro; nothing was changed."


class RegistryReplaced(RegistryUnavailable):
    """The registry at {path} was replaced while it was open."""

    code = "registry_replaced"
    hint = "Nothing was changed. Run the command again; stop a listener that runs by hand."


class RegistryOnNetwork(RegistryUnavailable):
    """The registry at {path} would lie on {kind}, over which SQLite's log is not safe."""

    code = "registry_on_network"
    hint = "Name a folder on a local disk: OURO_HOME=DIR"


class RegistryInUse(RegistryUnavailable):
    """The registry at {path} is in use: {why}."""

    code = "registry_in_use"
    hint = "Nothing was changed."


class RegistryNotEmpty(OuroError):
    """The registry at {path} holds {held}."""

    code = "registry_not_empty"
    hint = "Nothing was changed. To replace it and keep it aside: --force"


class BundleRefused(OuroError):
    """{path} is refused: {why}."""

    code = "bundle_refused"
    hint = "Nothing was changed."


class ActionNotMovable(OuroError):
    """Action {action_id} cannot be handed on: {why}."""

    code = "action_not_movable"


class ConfirmationMissing(OuroError):
    """{what} asks first, and nobody is there to ask."""

    code = "confirmation_missing"
    hint = "Nothing was changed. To go ahead: --yes"


class PortTaken(OuroError):
    """Cannot listen on {host}:{port}: {why}."""

    code = "port_taken"
    hint = "Choose another: --port 0 takes any free one."


class CallbackRefused(OuroError):
    """The callback was refused."""

    code = "callback_refused"


class WrongToken(CallbackRefused):
    """No action takes this callback with this token."""

    code = "wrong_token"


class SecretUnavailable(CallbackRefused):
    """The secret that callbacks are signed with is not at hand."""

    code = "secret_unavailable"
    hint = "Set it again: ouro auth set SERVICE --scheme webhook"


class BodyUnreadable(CallbackRefused):
    """The body cannot be read: {why}."""

    code = "body_unreadable"


class BodyTooLarge(CallbackRefused):
    """The body is larger than {limit} bytes."""

    code = "body_too_large"


class LinkUnknown(OuroError):
    """There is nothing here."""

    code = "link_unknown"


class WorkflowRefused(OuroError):
    """{name} is no workflow that can be run: {first}"""

    code = "workflow_refused"
    hint = "Nothing was sent. See all that is wrong: ouro action chain -f {name} --check"

    def __init__(self, name: str, findings: list[dict[str, Any]]) -> None:
        first = findings[0]
        place = f"line {first['line']}" if first["line"] else first["pointer"]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(name=name, first=f"{place}: {first['message']}{more}")
        self.findings = findings
        self.details = {"findings": findings}


class ExpressionFault(OuroError):
    """{why}."""

    code = "expression_fault"


class NothingThere(ExpressionFault):
    """{why}."""

    code = "nothing_there"


class ChainNotFound(UnknownReference):
    """No chain is called '{name}'."""

    code = "chain_not_found"
    hint = "See the latest: ouro action chain --list"


class ChainInHand(OuroError):
    """Chain {id} is in hand: {owner} is at it."""

    code = "chain_in_hand"
    hint = "Look on: ouro action chain --resume {id}"


class ChainRefused(OuroError):
    """Not resumed: {why}."""

    code = "chain_refused"


class WorkerGone(OuroError):
    """The process that was at it ended before its work did (status {status})."""

    code = "worker_gone"
    hint = "Nothing that it wrote is lost. Go on with what is left: say the same again."


class Fault(OuroError):
    """A fault in ouro: {why}."""

    code = "fault"
    hint = "A report lies in {report}; please pass it on."


class RowsRefused(OuroError):
    """{faulty} of {total} rows cannot be run: {first}"""

    code = "rows_refused"
    hint = "Nothing was sent."

    def __init__(self, faulty: int, total: int, rows: list[dict[str, Any]]) -> None:
        first = "; ".join(f"row {each['row']}: {', '.join(each['faults'])}" for each in rows)
        more = "; ..." if faulty > len(rows) else ""
        super().__init__(faulty=f"{faulty:,}", total=f"{total:,}", first=first + more)
        self.details = {"rows": rows}


class BatchNotFound(UnknownReference):
    """No batch is called '{name}'."""

    code = "batch_not_found"
    hint = "A run with --each says its id."


class BatchDone(OuroError):
    """Batch {id} has run these rows already."""

    code = "batch_done"
    hint = "See them: ouro action list --batch {id}. To run all of them once more: --again"


class BatchBusy(OuroError):
    """Batch {id} is run by {who}."""

    code = "batch_busy"
    hint = "Look on by saying the command again, or wait."
