"""Whether a criterion is met, in a scope; and where it is not, why, in the words of a person."""

from typing import Any

from ouro_cli.arazzo.conditions import is_true, read_condition, references_of, result_of
from ouro_cli.arazzo.expressions import as_text, evaluate, value_of
from ouro_cli.arazzo.references import Reference, pieces
from ouro_cli.arazzo.scope import Scope
from ouro_cli.arazzo.selectors import XPATH_REFUSED, is_selected, matches
from ouro_cli.errors import ExpressionFault, NothingThere
from ouro_cli.model.chain import Criterion, CriterionKind

_SHOWN = 60


def is_met(criterion: Criterion, scope: Scope) -> bool:
    """Whether the criterion is met; one that cannot be worked out is not."""
    return why_not(criterion, scope) is None


def why_not(criterion: Criterion, scope: Scope) -> str | None:
    """None where the criterion is met, else in one line what stands against it.

    A condition that is none, or cannot be applied to its context, is not met, as the specification
    says of Evaluation Errors.
    """
    try:
        if criterion.kind is CriterionKind.SIMPLE:
            return _simple(criterion.condition, scope)
        if criterion.kind is CriterionKind.XPATH:
            return XPATH_REFUSED
        return _applied(criterion, scope)
    except ExpressionFault as fault:
        return str(fault.facts["why"])


def _simple(condition: str, scope: Scope) -> str | None:
    node = read_condition(condition)
    if is_true(result_of(node, scope)):
        return None
    facts = {each.text: _shown(each, scope) for each in references_of(node)}
    told = ", ".join(f"{name} is {value}" for name, value in facts.items())
    return f"{condition} is not met{f' ({told})' if told else ''}"


def _shown(reference: Reference, scope: Scope) -> str:
    try:
        text = as_text(value_of(reference, scope))
    except NothingThere:
        return "not there"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _applied(criterion: Criterion, scope: Scope) -> str | None:
    try:
        context = evaluate(criterion.context, scope)
    except NothingThere:
        context = None
    if context is None:
        return f"{criterion.context} is not there"
    condition = embedded(criterion.condition, scope)
    if criterion.kind is CriterionKind.REGEX:
        is_found = matches(condition, as_text(context))
        return None if is_found else f"{criterion.context} does not match {condition}"
    if not isinstance(context, dict | list):
        return f"{criterion.context} is no JSON object or list: {as_text(context)[:_SHOWN]}"
    return None if is_selected(condition, context) else f"{condition} selects nothing"


def embedded(condition: str, scope: Scope) -> str:
    """A regex or JSONPath with the expressions in its braces worked out; all else stays."""
    if "{$" not in condition:
        return condition
    return "".join(_piece(each, scope) for each in pieces(condition))


def _piece(piece: str | Reference, scope: Scope) -> Any:
    return piece if isinstance(piece, str) else as_text(value_of(piece, scope))
