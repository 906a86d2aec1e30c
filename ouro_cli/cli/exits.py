"""Which number a command ends with."""

import signal
from types import FrameType
from typing import TYPE_CHECKING

from ouro_cli.errors import ActionNotFound as ActionNotFound
from ouro_cli.errors import (
    ActionNotMovable,
    AmbiguousReference,
    AssetDamaged,
    AssetUnfit,
    BatchBusy,
    BatchDone,
    BatchNotFound,
    BodyTooLarge,
    BodyUnreadable,
    BundleRefused,
    CallbackRefused,
    ChainInHand,
    ChainNotFound,
    ChainRefused,
    ConfirmationMissing,
    CredentialRefused,
    DocumentRefused,
    DocumentUnreadable,
    ExpressionFault,
    Fault,
    FetchFailed,
    FileExists,
    FileNotWritten,
    FileUnreadable,
    InvalidInput,
    LinkUnknown,
    MissingCredential,
    NothingLate,
    NothingThere,
    OuroError,
    PortTaken,
    QueryRefused,
    RefusedAsUnsafe,
    RegistryInUse,
    RegistryNotEmpty,
    RegistryOnNetwork,
    RegistryReplaced,
    RegistryTooNew,
    RegistryUnavailable,
    RerunRefused,
    RowsRefused,
    SecretUnavailable,
    ServiceNotFound,
    UnknownReference,
    UsageFault,
    WorkerGone,
    WorkflowRefused,
    WrongToken,
)
from ouro_cli.errors import AssetNotFound as AssetNotFound
from ouro_cli.errors import RouteNotFound as RouteNotFound

if TYPE_CHECKING:
    # Every command pays for what stands here, and few of them know actions.
    from ouro_cli.model.action import ActionStatus

SUCCESS = 0
FAILED = 1
NOTHING_SENT = 2
FAULT = 70
REGISTRY_FAILED = 74
STILL_RUNNING = 124
INTERRUPTED = 130
TERMINATED = 143

EXIT: dict[type[OuroError], int] = {
    OuroError: FAULT,
    UsageFault: NOTHING_SENT,
    UnknownReference: NOTHING_SENT,
    ServiceNotFound: NOTHING_SENT,
    RouteNotFound: NOTHING_SENT,
    ActionNotFound: NOTHING_SENT,
    FileUnreadable: NOTHING_SENT,
    AssetNotFound: NOTHING_SENT,
    AssetUnfit: NOTHING_SENT,
    AssetDamaged: REGISTRY_FAILED,
    FetchFailed: FAILED,
    FileExists: NOTHING_SENT,
    FileNotWritten: REGISTRY_FAILED,
    QueryRefused: NOTHING_SENT,
    AmbiguousReference: NOTHING_SENT,
    NothingLate: NOTHING_SENT,
    InvalidInput: NOTHING_SENT,
    MissingCredential: NOTHING_SENT,
    CredentialRefused: NOTHING_SENT,
    RefusedAsUnsafe: NOTHING_SENT,
    DocumentUnreadable: NOTHING_SENT,
    DocumentRefused: NOTHING_SENT,
    PortTaken: NOTHING_SENT,
    CallbackRefused: NOTHING_SENT,
    WrongToken: NOTHING_SENT,
    SecretUnavailable: NOTHING_SENT,
    BodyUnreadable: NOTHING_SENT,
    BodyTooLarge: NOTHING_SENT,
    RegistryUnavailable: REGISTRY_FAILED,
    RegistryTooNew: REGISTRY_FAILED,
    RegistryReplaced: REGISTRY_FAILED,
    RegistryOnNetwork: REGISTRY_FAILED,
    RegistryInUse: REGISTRY_FAILED,
    RegistryNotEmpty: NOTHING_SENT,
    BundleRefused: NOTHING_SENT,
    ActionNotMovable: NOTHING_SENT,
    ConfirmationMissing: NOTHING_SENT,
    LinkUnknown: NOTHING_SENT,
    RerunRefused: NOTHING_SENT,
    RowsRefused: NOTHING_SENT,
    BatchNotFound: NOTHING_SENT,
    BatchDone: NOTHING_SENT,
    BatchBusy: NOTHING_SENT,
    ChainNotFound: NOTHING_SENT,
    ChainInHand: NOTHING_SENT,
    ChainRefused: NOTHING_SENT,
    WorkerGone: FAILED,
    WorkflowRefused: NOTHING_SENT,
    ExpressionFault: NOTHING_SENT,
    NothingThere: NOTHING_SENT,
    Fault: FAULT,
}


class Terminated(BaseException):
    """SIGTERM or SIGHUP came while the program waited."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__(number)


def hear_signals() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP are exceptions, which end a command in good order.

    Before, while modules load, they end the program as they end any other: without a word. What
    was ignored when we began, as under nohup, stays ignored.
    """
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGTERM, _terminate),
        (signal.SIGHUP, _terminate),
    ):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise Terminated(number)


def exit_code_of(fault: OuroError) -> int:
    """The number that an error ends a command with."""
    return next(code for kind in type(fault).__mro__ if (code := EXIT.get(kind)) is not None)


def exit_code_for(status: "ActionStatus | str") -> int:
    """The number that an action's status ends a command with; one that still runs is no failure."""
    return FAILED if status in ("error", "timed-out") else SUCCESS
