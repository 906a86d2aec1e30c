"""Properties: what a route's runs find out about assets, as declared and as a response says it."""

from collections.abc import Collection, Iterable
from typing import Any

from ouro_cli.model.declaration import Declaration, is_condition, is_equal
from ouro_cli.model.dot_path import as_number, value_at

EXTENSION = "x-ouro-properties"

_TEXTS = ("unit", "uncertainty", "method")


def read_properties(
    declared: Any, inputs: Collection[str], outputs: Collection[str], problems: list[str]
) -> tuple[Declaration, ...]:
    """What `x-ouro-properties` says that runs find out (contract section 3.8).

    `inputs` and `outputs` are the names of the assets that the route takes and makes. What cannot
    be read is left out and said in `problems`: a declaration as a whole where nobody could tell
    what to record, or when, or of what; else the faulty word alone.
    """
    if declared is None:
        return ()
    if not isinstance(declared, list):
        problems.append(f"{EXTENSION}: expected a list, not {type(declared).__name__}")
        return ()
    read: list[Declaration] = []
    for index, declaration in enumerate(declared):
        where = f"{EXTENSION}/{index}"
        problem = _problem(declaration, inputs, outputs)
        if problem is not None:
            problems.append(f"{where}: {problem}; left out")
            continue
        tidy = _tidy(declaration, where, problems)
        if _key(tidy) in map(_key, read):
            twice = f"{tidy['property']} is declared twice"
            problems.append(f"{where}: {twice}; left out. Give each another method")
            continue
        if not inputs and "subject" not in tidy:
            problems.append(f"{where}: the route takes no asset that it could be recorded of")
        read.append(tidy)
    return tuple(read)


def subject_of(declaration: Declaration) -> tuple[str, str | None]:
    """Which asset it is a property of: `input` or `output`, and its name; the primary one if None.

    The primary input, where nothing is said.
    """
    subject = declaration.get("subject") or {"input": None}
    return next(iter(subject.items()))


def is_met(declaration: Declaration, response: Any) -> bool:
    """Whether a response is one to record the property from: its `requires`."""
    requires: dict[str, Any] = declaration.get("requires") or {}
    return all(_holds(value_at(response, path), wish) for path, wish in requires.items())


def conditions_in(declaration: Declaration, response: Any) -> dict[str, Any]:
    """Under which conditions the value was found: those that name a value of the response, its.

    The words themselves, where they name none.
    """
    conditions: dict[str, str] = declaration.get("conditions") or {}
    found = {name: value_at(response, path) for name, path in conditions.items()}
    return {name: conditions[name] if each is None else each for name, each in found.items()}


def _holds(value: Any, wish: Any) -> bool:
    if isinstance(wish, dict):
        number = as_number(value)
        least, most = wish.get("min"), wish.get("max")
        if number is None:
            return False
        return (least is None or number >= least) and (most is None or number <= most)
    if value is None:
        return False
    return any(is_equal(value, each) for each in (wish if isinstance(wish, list) else [wish]))


def _key(declaration: Declaration) -> tuple[Any, Any]:
    return (declaration["property"], declaration.get("method"))


def _problem(declaration: Any, inputs: Collection[str], outputs: Collection[str]) -> str | None:
    if not isinstance(declaration, dict):
        return "expected an object"
    for word in ("property", "value"):
        if not (isinstance(declaration.get(word), str) and declaration[word]):
            return f"{word} {declaration.get(word)!r} is no text"
    return (
        _subject_problem(declaration.get("subject"), {"input": inputs, "output": outputs})
        or _when_problem(declaration.get("when"))
        or _requires_problem(declaration.get("requires"))
    )


def _subject_problem(subject: Any, names: dict[str, Collection[str]]) -> str | None:
    if subject is None:
        return None
    if not isinstance(subject, dict) or len(subject) != 1 or not subject.keys() <= names.keys():
        return 'subject is neither {"input": name} nor {"output": name}'
    side, name = next(iter(subject.items()))
    if not isinstance(name, str) or name not in names[side]:
        return f"subject names {name!r}, which is no {side} of the route"
    return None


def _when_problem(condition: Any) -> str | None:
    return None if condition is None or is_condition(condition) else "when is no condition"


def _requires_problem(requires: Any) -> str | None:
    if requires is None:
        return None
    if not isinstance(requires, dict):
        return "requires is no object"
    for path, wish in requires.items():
        if isinstance(wish, dict):
            is_range = bool(wish) and wish.keys() <= {"min", "max"}
            if not is_range or any(as_number(each) is None for each in wish.values()):
                return f"requires.{path}: a range takes the numbers min, max or both"
        elif not _is_choice(wish):
            return f"requires.{path}: expected a value, a list of values or a range"
    return None


def _is_choice(wish: Any) -> bool:
    choices: Iterable[Any] = wish if isinstance(wish, list) else [wish]
    return wish != [] and all(isinstance(each, bool | int | float | str) for each in choices)


def _tidy(declaration: Declaration, where: str, problems: list[str]) -> Declaration:
    tidy = {word: value for word, value in declaration.items() if value is not None}
    for word in _TEXTS:
        if word in tidy and not isinstance(tidy[word], str):
            problems.append(f"{where}: {word} {tidy.pop(word)!r} is no text and was left out")
    conditions = tidy.get("conditions", {})
    if not isinstance(conditions, dict) or not all(
        isinstance(each, str) for each in conditions.values()
    ):
        problems.append(f"{where}: conditions {tidy.pop('conditions')!r} cannot be read; left out")
    return tidy
