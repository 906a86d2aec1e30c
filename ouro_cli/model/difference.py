"""Something that a document says otherwise than it did."""

import json
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.price import read_price


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is said otherwise: where in the route, of which field, before and after.

    `where` reads `limit (query)`, `body.items[].name`, `answer 200.id`; it is empty for what is
    said of the route as a whole. `field` is `presence` where the place itself is new or gone:
    `before` and `after` are then true or false. `is_breaking` is true where a call, or a reader
    of its answer, that was right before need not be right any more.
    """

    where: str
    field: str
    before: Any
    after: Any
    is_breaking: bool

    def __str__(self) -> str:
        what = f"{self.field} {_shown(self.before)} -> {_shown(self.after)}"
        if self.field == "presence":
            what = "is new" if self.after else "is gone"
        elif self.field == "required":
            what = "is required now" if self.after else "is optional now"
        elif self.field == "pricing":
            what = f"costs {_price(self.after)}; cost {_price(self.before)} before"
        elif self.field in ("description", "summary", "title"):
            what = f"{self.field} reads otherwise"
        return what


def _price(declaration: Any) -> str:
    return "nothing that is said" if declaration is None else str(read_price(declaration))


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
