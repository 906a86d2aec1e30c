"""What is odd about a document, told once: many of one kind are one line and a count."""

import re
from collections.abc import Iterable

from ouro_cli.model.service import Finding

MOST_ALIKE = 5
"""So many findings that say the same of different places are told each by itself."""

_QUOTED = re.compile("'[^']*'")


def told_once(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that repeat another, in order.

    Of more than `MOST_ALIKE` that differ in nothing but the place and the names in quotes, the
    first stands for all, and says how many there are.
    """
    kinds: dict[str, list[Finding]] = {}
    for each in dict.fromkeys(findings):
        kinds.setdefault(_QUOTED.sub("", each.message), []).append(each)
    told = []
    for alike in kinds.values():
        if len(alike) <= MOST_ALIKE:
            told += alike
        else:
            first = alike[0]
            more = f"{first.message} (and so at {len(alike) - 1:,} more places)"
            told.append(Finding(first.pointer, more))
    return told
