"""Which output goes where: by name, by type and declaration, by word; never by a guess."""

from typing import Any

import pytest

from ouro_cli.errors import UsageFault
from ouro_cli.model.wiring import Need, Offer, Wire, read_rule, rules_of, wires_for
from tests.builders import a_crystal

FILE: dict[str, Any] = {"asset_type": "file"}
CIF: dict[str, Any] = {"asset_type": "file", "file_extensions": ["cif"]}
ROWS: dict[str, Any] = {"asset_type": "dataset"}


def _need(**facts: Any) -> Need:
    fields = {key: frozenset(kinds) for key, kinds in facts.pop("fields", {}).items()}
    known = frozenset(fields) | frozenset(facts.pop("known", ()))
    return Need(2, "two", "ada/two-post", facts.pop("assets", {}), fields, known)


def _known(data: Any, **assets: Any) -> Offer:
    return Offer(1, "one", assets=assets, data=data, is_known=True)


def _wires(need: Need, *offers: Offer, rules: tuple[str, ...] = ()) -> list[Wire]:
    return wires_for(need, offers, [read_rule(each) for each in rules])


def test_an_asset_goes_by_its_name() -> None:
    need = _need(assets={"structure": FILE})
    offer = _known({}, structure=a_crystal(), other=a_crystal())
    assert _wires(need, offer) == [Wire(("input", "structure"), "one", ("structure",))]


def test_the_only_asset_that_fits_goes_by_its_type() -> None:
    need = _need(assets={"structure": CIF})
    offer = _known({}, relaxed=a_crystal(), table=ROWS)
    assert _wires(need, offer) == [Wire(("input", "structure"), "one", ("relaxed",))]


def test_two_that_fit_are_refused_with_the_lines_that_decide() -> None:
    need = _need(assets={"structure": CIF})
    offer = _known({}, relaxed=a_crystal(), initial=a_crystal())
    with pytest.raises(UsageFault, match="could be relaxed or initial") as told:
        _wires(need, offer)
    assert "--map structure=relaxed or --map structure=initial" in told.value.advice
    (wire,) = _wires(need, offer, rules=("structure=initial",))
    assert wire.source == ("initial",)


def test_one_asset_that_could_be_either_input_is_refused() -> None:
    need = _need(assets={"first": FILE, "second": FILE})
    with pytest.raises(UsageFault, match="could be first or second"):
        _wires(need, _known({}, made=a_crystal()))


def test_an_asset_that_does_not_fit_is_refused_where_it_was_said() -> None:
    need = _need(assets={"structure": {"asset_type": "file", "file_extensions": ["xyz"]}})
    assert _wires(need, _known({}, made=a_crystal())) == []
    with pytest.raises(UsageFault, match="does not fit"):
        _wires(need, _known({}, made=a_crystal()), rules=("structure=made",))


def test_declared_outputs_are_held_against_declared_inputs() -> None:
    need = _need(assets={"structure": CIF, "table": ROWS})
    offer = Offer(1, "one", assets={"made": CIF, "rows": ROWS})
    assert {each.target[1]: each.source for each in _wires(need, offer)} == {
        "structure": ("made",),
        "table": ("rows",),
    }


def test_a_required_field_goes_by_its_name_from_the_nearest_step() -> None:
    need = _need(fields={("body", "T"): {"number"}, ("path", "id"): {"string"}})
    near = Offer(2, "near", fields={"T": frozenset({"integer"})})
    far = Offer(1, "far", fields={"T": frozenset({"number"}), "id": frozenset({"integer"})})
    assert _wires(need, near, far) == [
        Wire(("body", "T"), "near", ("T",)),
        Wire(("path", "id"), "far", ("id",)),
    ]


def test_a_field_that_nobody_has_is_told_with_what_is_there() -> None:
    need = _need(fields={("body", "T"): {"number"}})
    with pytest.raises(UsageFault, match=r"needs body\.T.*\(keys: id, url\)") as told:
        _wires(need, _known({"id": 1, "url": "u"}))
    assert "--map body.T=FIELD" in told.value.advice


def test_a_field_of_another_type_is_told() -> None:
    need = _need(fields={("body", "T"): {"number"}})
    with pytest.raises(UsageFault, match="is string, and ada/two-post takes number"):
        _wires(need, Offer(1, "one", fields={"T": frozenset({"string"})}))


def test_where_nothing_is_known_the_name_is_trusted_until_it_runs() -> None:
    need = _need(fields={("body", "T"): {"number"}})
    assert _wires(need, Offer(1, "one")) == [Wire(("body", "T"), "one", ("T",))]


def test_a_rule_leads_deep_into_what_is_known_or_says_what_is_there() -> None:
    need = _need(known={("body", "T")})
    offer = _known({"id": 1, "url": "u", "deep": {"x": [{"y": 2}]}})
    (wire,) = _wires(need, offer, rules=("body.T=final_data.deep.x.0.y",))
    assert wire == Wire(("body", "T"), "one", ("deep", "x", "0", "y"))
    with pytest.raises(UsageFault, match=r"step 2: \$\.a\.b not in output of step 1"):
        _wires(need, offer, rules=("T=final_data.a.b",))


@pytest.mark.parametrize(
    ("rule", "why"),
    [("nonsense", "no target"), ("nope=deep", "has no 'nope'"), ("s=gone", "makes 'gone'")],
)
def test_a_rule_that_leads_nowhere_is_told(rule: str, why: str) -> None:
    need = _need(known={("body", "T")}, assets={"s": FILE})
    with pytest.raises(UsageFault, match=why):
        _wires(need, _known({"deep": 1}), rules=(rule,))


def test_a_rule_is_that_of_the_step_that_it_names_or_of_the_only_one_that_has_the_place() -> None:
    two = _need(known={("body", "T"), ("body", "x")})
    three = Need(3, "three", "ada/three-post", known=frozenset({("body", "T")}))
    needs = [two, three]
    rules = [read_rule(each) for each in ("3:T=a", "x=b", "ada/three-post:T=c")]
    assert rules_of(rules, two, needs) == [rules[1]]
    assert rules_of(rules, three, needs) == [rules[0], rules[2]]
    with pytest.raises(UsageFault, match="could be for step 2 or 3"):
        rules_of([read_rule("T=a")], two, needs)
    with pytest.raises(UsageFault, match="no step takes 'z'"):
        rules_of([read_rule("4:z=a")], two, needs)
