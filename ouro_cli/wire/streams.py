"""What went wrong, where an event of a stream says that something did."""

from ouro_cli.model.streams import Item
from ouro_cli.wire.message import message_in

_OF_AN_ERROR = frozenset({"error", "type", "code", "status", "statusCode", "message"})
_LONGEST = 1_000


def fault_in(item: Item) -> str:
    """The message of an `event: error`, or of an object that holds an error and nothing else.

    Empty where it is no such event.
    """
    if item.kind == "error":
        return message_in(item.value) or item.text.strip()[:_LONGEST] or "no reason was given"
    value = item.value if '"error"' in item.text else None
    if isinstance(value, dict) and value.get("error") and set(value) <= _OF_AN_ERROR:
        return message_in(value)
    return ""
