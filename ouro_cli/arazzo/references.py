"""Runtime expressions as they are written: a text in, what it refers to out.

The grammar is that of the Arazzo specification, section Runtime Expressions: 1.1's, whose names
are unlike 1.0's bounded, and read so that a file of 1.0 means the same.
"""

import re
from dataclasses import dataclass

from ouro_cli.errors import ExpressionFault

_BARE = frozenset({"url", "method", "statusCode", "self"})
_EXCHANGE = frozenset({"request", "response", "message"})
_SIMPLE = frozenset({"inputs", "outputs"})
_ROOTS = _BARE | _EXCHANGE | _SIMPLE | {"steps", "workflows", "sourceDescriptions", "components"}
_BEGIN = re.compile(r"\$([A-Za-z]+)(?=$|[.#\s\[=<>!&|)}])")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_STRAY_TILDE = re.compile("~(?![01])")
_EMBEDDED = re.compile(r"\{(\$[^{}]*)\}")
_OUTPUTS = ".outputs."
_DEEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]{1,9})\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a runtime expression refers to.

    `root` is its first word without `$`; `names` what follows, each name whole: `("header", "X")`
    of a request or response, `(step, output)`, `(workflow, "outputs", name)`,
    `(source, what of it)`, `(kind of component, name)`. `pointer` are the tokens of its JSON
    pointer, None where it has none. `deep` are properties and indexes, where it goes on with dots
    and brackets as conditions may.
    """

    text: str
    root: str
    names: tuple[str, ...] = ()
    pointer: tuple[str, ...] | None = None
    deep: tuple[str, ...] = ()


def is_expression(text: str) -> bool:
    """Whether the text as a whole is meant as a runtime expression: it begins as one."""
    begin = _BEGIN.match(text)
    return begin is not None and begin.group(1) in _ROOTS


def pieces(text: str) -> list[str | Reference]:
    """A text cut into what is literal and the expressions that stand in it in braces.

    Raises ExpressionFault for one that begins as an expression and is none.
    """
    found: list[str | Reference] = []
    at = 0
    for embedded in _EMBEDDED.finditer(text):
        if not is_expression(embedded.group(1)):
            continue
        if embedded.start() > at:
            found.append(text[at : embedded.start()])
        found.append(read_reference(embedded.group(1)))
        at = embedded.end()
    if at < len(text):
        found.append(text[at:])
    return found


def read_reference(text: str) -> Reference:
    """The expression that the whole text is; raises ExpressionFault, saying what is wrong."""
    if not is_expression(text):
        raise ExpressionFault(why=f"'{text[:80]}' is no runtime expression")
    root = _BEGIN.match(text).group(1)  # type: ignore[union-attr]
    rest = text[1 + len(root) :]
    if root in _BARE:
        if rest:
            raise _fault(text, f"nothing may follow ${root}")
        return Reference(text, root)
    if not rest.startswith("."):
        raise _fault(text, f"a name must follow ${root}.")
    if root in _EXCHANGE:
        return _of_exchange(text, root, rest[1:])
    path, hash_sign, pointer = rest[1:].partition("#")
    tokens = _tokens(text, pointer) if hash_sign else None
    names = _names(text, root, path)
    if not all(names):
        raise _fault(text, "a name in it is empty")
    return Reference(text, root, names, tokens)


def _names(text: str, root: str, path: str) -> tuple[str, ...]:
    if root in _SIMPLE:
        return (path,)
    if root == "steps":
        step, outputs, name = path.partition(_OUTPUTS)
        if not outputs:
            raise _fault(text, "expected $steps.STEP.outputs.NAME")
        return step, name
    if root == "workflows":
        for kind in ("inputs", "outputs"):
            workflow, found, name = path.partition(f".{kind}.")
            if found:
                return workflow, kind, name
        raise _fault(text, "expected $workflows.WORKFLOW.inputs.NAME or .outputs.NAME")
    first, dot, name = path.partition(".")
    if not dot:
        raise _fault(text, f"expected ${root}.{first}.NAME")
    return first, name


def _of_exchange(text: str, root: str, path: str) -> Reference:
    kind = re.split(r"[.#\[]", path, maxsplit=1)[0]
    rest = path[len(kind) :]
    if kind == "header":
        if not _TOKEN.fullmatch(rest[1:]):
            raise _fault(text, "a header's name must follow header.")
        return Reference(text, root, ("header", rest[1:]))
    if kind in ("query", "path"):
        if len(rest) < 2:
            raise _fault(text, f"a parameter's name must follow {kind}.")
        return Reference(text, root, (kind, rest[1:]))
    if kind not in ("body", "payload"):
        raise _fault(text, f"${root}. goes on with header, query, path or body")
    if not rest:
        return Reference(text, root, ("body",))
    if rest.startswith("#"):
        return Reference(text, root, ("body",), _tokens(text, rest[1:]))
    return Reference(text, root, ("body",), None, deep_steps(text, rest))


def deep_steps(text: str, rest: str) -> tuple[str, ...]:
    """The steps of `.a[0].b`; ExpressionFault where it is not written so."""
    steps, at = [], 0
    while at < len(rest):
        step = _DEEP.match(rest, at)
        if step is None:
            raise _fault(text, f"'{rest[at : at + 20]}' leads nowhere; a pointer begins with #/")
        steps.append(step.group(1) or step.group(2))
        at = step.end()
    return tuple(steps)


def _tokens(text: str, pointer: str) -> tuple[str, ...]:
    try:
        return pointer_steps(pointer)
    except ExpressionFault as fault:
        raise _fault(text, str(fault.facts["why"])) from None


def pointer_steps(pointer: str) -> tuple[str, ...]:
    """The tokens of a JSON pointer (RFC 6901); ExpressionFault where it is none."""
    if pointer and not pointer.startswith("/"):
        raise ExpressionFault(why=f"the JSON pointer '{pointer[:60]}' does not begin with /")
    if _STRAY_TILDE.search(pointer):
        raise ExpressionFault(why="in a JSON pointer ~ is written ~0")
    return tuple(each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:])


def _fault(text: str, why: str) -> ExpressionFault:
    return ExpressionFault(why=f"'{text[:80]}' is no runtime expression: {why}")
