"""A crystal structure in a CIF file: whether it is one, and what it is made of."""

import re

_IS_CIF = re.compile(r"(?im)^\s*data_\S")
_HAS_CELL = re.compile(r"(?im)^\s*_cell[_.]length_a\b")
_FORMULA = re.compile(
    r"(?im)^\s*_chemical_formula[_.](?:sum|structural)\s+(?:'([^'\n]*)'|\"([^\"\n]*)\"|(\S+))"
)
_LONGEST_FORMULA = 200


def is_crystal(text: str) -> bool:
    """Whether the text is a CIF file with a crystal's cell in it."""
    return _IS_CIF.search(text) is not None and _HAS_CELL.search(text) is not None


def crystal_formula(text: str) -> str:
    """The sum formula as the file states it, without blanks; empty where it states none."""
    found = _FORMULA.search(text)
    if found is None:
        return ""
    formula = "".join((found.group(1) or found.group(2) or found.group(3) or "").split())
    if formula in ("?", ".") or not re.fullmatch(r"[\w.()\[\]+\-]+", formula):
        return ""
    return formula[:_LONGEST_FORMULA]
