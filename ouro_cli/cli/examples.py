"""What is to be known of an example body: said on stderr, beside the example itself."""

from collections.abc import Sequence

from ouro_cli.cli import output
from ouro_cli.usecases.describe_route import Described

_MOST = 5


def tell_of_example(described: Described) -> None:
    """Say what an author's own example had wrong, and which fields have to be filled by hand."""
    _tell("note: the author's own example was mended", described.mended)
    _tell("warning: the example does not fit, fill in", described.unfilled)


def _tell(what: str, places: Sequence[str]) -> None:
    for place in places[:_MOST]:
        output.story(f"{what}: {output.one_line(place)}")
    if len(places) > _MOST:
        output.story(f"{what}: … and {len(places) - _MOST} more")
