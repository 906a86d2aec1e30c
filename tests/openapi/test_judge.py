"""Values that are judged by schemas, in bounded time."""

import time
from typing import Any

from ouro_cli.openapi.judge import MOST_FAULTS, Judge, is_pattern


def _doubling(steps: int) -> dict[str, Any]:
    parts: dict[str, Any] = {
        f"A{n}": {"allOf": [{"$ref": f"#/$defs/A{n + 1}"}] * 2} for n in range(steps)
    }
    return {"$ref": "#/$defs/A0", "$defs": parts | {f"A{steps}": {"type": "object"}}}


def test_faults_have_their_place() -> None:
    faults = Judge({"properties": {"a": {"type": "integer"}}}).faults({"a": "x"})
    assert faults is not None
    assert [list(each.instance_path) for each in faults] == [["a"]]


def test_formats_count() -> None:
    assert Judge({"format": "date"}).faults("tomorrow")


def test_a_schema_that_doubles_at_every_step_is_judged_while_it_is_small() -> None:
    faults = Judge(_doubling(8)).faults(1)
    assert faults is not None
    assert len(faults) == MOST_FAULTS


def test_a_schema_that_doubles_for_ever_is_not_judged() -> None:
    began = time.process_time()
    assert Judge(_doubling(60)).faults({}) is None
    assert time.process_time() - began < 1


def test_a_list_that_doubles_at_every_level_is_not_judged() -> None:
    schema: dict[str, Any] = {"allOf": [{"items": {"$ref": "#"}}] * 4}
    value: list[Any] = []
    for _ in range(30):
        value = [value]
    assert Judge(schema).faults(value) is None


def test_a_schema_that_leads_to_itself_is_judged() -> None:
    assert Judge({"anyOf": [{"$ref": "#"}, {"type": "string"}]}).faults("x") == []


def test_a_long_chain_of_references_is_not_judged() -> None:
    parts: dict[str, Any] = {f"A{n}": {"$ref": f"#/$defs/A{n + 1}"} for n in range(2_000)}
    assert Judge({"$ref": "#/$defs/A0", "$defs": parts}).faults(1) is None


def test_what_is_no_schema_judges_nothing() -> None:
    judge = Judge({"type": "unheard of"})
    assert not judge.is_able
    assert judge.faults(1) is None


def test_a_pattern_is_told_from_what_is_none() -> None:
    assert is_pattern("^a+$")
    assert not is_pattern("[")
