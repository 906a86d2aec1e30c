"""Checks of the values in a workflow: expressions, criteria and payloads, before anything runs."""

from collections.abc import Callable, Iterable
from typing import Any

from ouro_cli.arazzo.conditions import read_condition, references_of
from ouro_cli.arazzo.known import Known, NotKnown, kind_of
from ouro_cli.arazzo.payload import kind_of as target_kind
from ouro_cli.arazzo.references import (
    Reference,
    is_expression,
    pieces,
    pointer_steps,
    read_reference,
)
from ouro_cli.arazzo.selectors import DRAFT, XPATH_REFUSED, matches, read_jsonpath
from ouro_cli.arazzo.statics import Place, Statics
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import Criterion, CriterionKind, Payload, Selector, SelectorKind

Steps = tuple[object, ...]
Tell = Callable[[Steps, str, bool], None]
"""Takes where, what, and whether it is an error."""


class Values:
    """Checks the values of one workflow, and tells what is wrong with them."""

    def __init__(self, statics: Statics, tell: Tell) -> None:
        self._statics = statics
        self._tell = tell

    def check(self, value: Any, place: Place, at: Steps) -> Known:
        """Check every expression in a value; what is known of the value itself."""
        if isinstance(value, str):
            return self._text(value, place, at)
        if isinstance(value, Selector):
            self.selector(value, place, at)
            return Known()
        children: Iterable[tuple[object, Any]] = ()
        if isinstance(value, dict):
            children = value.items()
        elif isinstance(value, list):
            children = enumerate(value)
        for key, each in children:
            self.check(each, place, (*at, key))
        return Known(({"type": kind_of(value)},))

    def fits(self, value: Any, wanted: Known, place: Place, at: Steps) -> None:
        """Check a value that becomes JSON, and against what is known of its place there."""
        self.check(value, place, at)
        # What is wrong with its expressions was told just now.
        Values(self._statics, lambda *_: None)._fit(value, wanted, place, at, self._tell)

    def _fit(self, value: Any, wanted: Known, place: Place, at: Steps, tell: Tell) -> None:
        if not wanted.schemas:
            return
        is_text = isinstance(value, str | Selector)
        known = self.check(value, place, at) if is_text else Known(({"type": kind_of(value)},))
        compare(value, known, wanted, at, tell)
        children: Iterable[tuple[object, Any]] = ()
        if isinstance(value, dict | list):
            children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in children:
            try:
                self._fit(each, wanted.at([str(key)]), place, (*at, key), tell)
            except NotKnown as fault:
                tell((*at, key), f"the body {fault}", fault.is_certain)

    def _text(self, text: str, place: Place, at: Steps) -> Known:
        try:
            if is_expression(text):
                reference = read_reference(text)
                self._usual_form(reference, at)
                return self.reference(reference, place, at)
            if "{$" in text:
                for each in pieces(text):
                    if isinstance(each, Reference):
                        self.reference(each, place, at)
        except ExpressionFault as fault:
            self._tell(at, str(fault.facts["why"]), True)
            return Known()
        return Known(({"type": "string"},))

    def _usual_form(self, reference: Reference, at: Steps) -> None:
        """Outside of conditions the grammar knows pointers alone, though 1.1's examples do not."""
        if reference.deep:
            pointer = "".join(f"/{each}" for each in reference.deep)
            message = f"{reference.text}: the specification writes ${reference.root}.body#{pointer}"
            self._tell(at, message, False)

    def reference(self, reference: Reference, place: Place, at: Steps) -> Known:
        """Check that an expression leads somewhere; what is known of it."""
        try:
            return self._statics.known(reference, place)
        except NotKnown as fault:
            self._tell(at, f"{reference.text}: {fault}", fault.is_certain)
        return Known()

    def output(self, value: Any, place: Place, at: Steps) -> None:
        """Check an output, which must be an expression."""
        self.check(value, place, at)
        if isinstance(value, str) and not is_expression(value) and "{$" not in value:
            is_meant = value.startswith("$")
            self._tell(at, f"'{value[:80]}' is no runtime expression", is_meant)

    def selector(self, selector: Selector, place: Place, at: Steps) -> None:
        """Check a Selector Object."""
        self._text(selector.context, place, (*at, "context"))
        try:
            if selector.kind is SelectorKind.XPATH:
                raise ExpressionFault(why=XPATH_REFUSED)
            if selector.kind is SelectorKind.JSONPATH:
                read_jsonpath(selector.selector)
            else:
                pointer_steps(selector.selector)
        except ExpressionFault as fault:
            self._tell((*at, "selector"), str(fault.facts["why"]), True)

    def criterion(self, criterion: Criterion, place: Place, at: Steps) -> None:
        """Check a criterion: that it is one, and that what it speaks of can be there."""
        try:
            if criterion.kind is CriterionKind.SIMPLE:
                for each in references_of(read_condition(criterion.condition)):
                    self.reference(each, place, (*at, "condition"))
                return
            if criterion.kind is CriterionKind.XPATH:
                raise ExpressionFault(why=XPATH_REFUSED)
            self._condition(criterion, place, at)
        except ExpressionFault as fault:
            self._tell((*at, "condition"), str(fault.facts["why"]), True)
        if not is_expression(criterion.context):
            message = f"'{criterion.context[:80]}' is no runtime expression"
            self._tell((*at, "context"), message, True)
        else:
            self._text(criterion.context, place, (*at, "context"))

    def _condition(self, criterion: Criterion, place: Place, at: Steps) -> None:
        if criterion.version == DRAFT:
            message = f"{DRAFT} is read as RFC 9535, which says the same of all but scripts"
            self._tell((*at, "type"), message, False)
        if "{$" in criterion.condition:
            self._text(criterion.condition, place, (*at, "condition"))
        elif criterion.kind is CriterionKind.REGEX:
            matches(criterion.condition, "")
        else:
            read_jsonpath(criterion.condition)

    def payload(self, payload: Payload, wanted: Known, place: Place, at: Steps) -> None:
        """Check a payload, and that its replacements lead into it."""
        self.fits(payload.payload, wanted, place, (*at, "payload"))
        for index, each in enumerate(payload.replacements):
            here = (*at, "replacements", index)
            self.check(each.value, place, (*here, "value"))
            try:
                kind = target_kind(each, payload.content_type)
                if kind is SelectorKind.XPATH:
                    raise ExpressionFault(why=XPATH_REFUSED)
                if kind is SelectorKind.JSONPATH:
                    read_jsonpath(each.target)
                else:
                    _lead_into(payload.payload, pointer_steps(each.target), each.target)
            except ExpressionFault as fault:
                self._tell((*here, "target"), str(fault.facts["why"]), True)


def compare(value: Any, known: Known, wanted: Known, at: Steps, tell: Tell) -> None:
    """Tell where both types are known and no value can be of both."""
    given, asked = known.kinds(), wanted.kinds()
    if "number" in asked:
        asked |= {"integer"}
    if "integer" in asked and "number" in given:
        # A number may be whole.
        given |= {"integer"}
    if given and asked and not given & asked:
        shown = f"{value} " if isinstance(value, str) and value.startswith("$") else ""
        tell(at, f"{shown}is {_told(given)}, and {_told(asked)} is expected", True)


def _lead_into(payload: Any, steps: tuple[str, ...], target: str) -> None:
    """Raise ExpressionFault where a pointer leads past what a template holds."""
    for index, step in enumerate(steps):
        is_last = index == len(steps) - 1
        if isinstance(payload, dict):
            if step not in payload and is_last:
                return
            found = payload.get(step, ...)
        elif isinstance(payload, list):
            if step == "-" and is_last:
                return
            known = step.isdecimal() and int(step) < len(payload)
            found = payload[int(step)] if known else ...
        elif isinstance(payload, str):
            # A template, or an expression: what it holds is seen only when it is filled in.
            return
        else:
            found = ...
        if found is ...:
            raise ExpressionFault(why=f"{target} leads nowhere in the payload at '{step}'")
        payload = found


def _told(kinds: Iterable[str]) -> str:
    words = {"null": "nothing", "string": "a text", "integer": "a whole number"}
    words |= {"number": "a number", "boolean": "true or false", "array": "a list"}
    return " or ".join(words.get(each, "an object") for each in sorted(kinds))
