"""YAML, as OpenAPI means it."""

import time
from typing import Any

import pytest
import yaml

from ouro_cli.openapi.yaml_text import Parser, YamlFault, _Builder, read_yaml


def test_libyaml_reads_where_it_is_there() -> None:
    assert Parser is yaml.cyaml.CParser  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Text, whatever YAML 1.1 made of it.
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("2020-01-01", "2020-01-01"),
        ("12:30:45", "12:30:45"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("1.2.3", "1.2.3"),
        ("0b101", "0b101"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("nul", "nul"),
        ("=", "="),
        # Numbers.
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("01.5", 1.5),
        ("9" * 4_000, int("9" * 4_000)),
        # Words.
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("", None),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        # Tags of the core schema.
        ("!!str 1", "1"),
        ("!!int 0x10", 16),
        ("!!float 1.5", 1.5),
        ("!!bool true", True),
        ("!!null ''", None),
        ("! 1", "1"),
    ],
)  # fmt: skip
def test_a_scalar_is_what_yaml_1_2_says(text: str, expected: Any) -> None:
    read = read_yaml(f"value: {text}\n")["value"]
    assert (read, type(read)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "200: ok\ntrue: x\nnull: y\n1.5: z", ["200", "true", "null", "1.5"], id="plain"
        ),
        pytest.param("{no: 1, 2020-01-01: 2}", ["no", "2020-01-01"], id="flow"),
        pytest.param("? a b\n: 1", ["a b"], id="explicit"),
    ],
)
def test_keys_are_always_text(text: str, expected: list[str]) -> None:
    assert list(read_yaml(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("- 1\n- [2, {a: 3}]\n- - 4", [1, [2, {"a": 3}], [4]], id="lists"),
        pytest.param(
            "a: |\n  x\n  y\nb: >\n  x\n  y\n", {"a": "x\ny\n", "b": "x y\n"}, id="blocks"
        ),
        pytest.param("# nothing\n", None, id="a comment alone"),
        pytest.param("", None, id="nothing"),
        pytest.param("--- 1\n...\n", 1, id="one document, marked"),
        pytest.param("a: &x [1]\nb: *x", {"a": [1], "b": [1]}, id="alias of a list"),
        pytest.param("a: &x\nb: *x", {"a": None, "b": None}, id="alias of null"),
        pytest.param("- &k name\n- *k : 1", ["name", {"name": 1}], id="alias as a key"),
        pytest.param("&k name: 1\nother: *k", {"name": 1, "other": "name"}, id="anchor on a key"),
        pytest.param("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}, id="an anchor anew"),
        pytest.param(
            "a: &a {k: 1, l: 2}\nb: {<<: *a, l: 3}",
            {"a": {"k": 1, "l": 2}, "b": {"l": 3, "k": 1}},
            id="merge: own keys win",
        ),
        pytest.param(
            "- &a {k: 1}\n- &b {k: 2, m: 3}\n- {<<: [*a, *b]}",
            [{"k": 1}, {"k": 2, "m": 3}, {"k": 1, "m": 3}],
            id="merge: the first of several wins",
        ),
        pytest.param("b: {<<: {k: 1}}", {"b": {"k": 1}}, id="merge without alias"),
        pytest.param("a: {'<<': 1}", {"a": {"<<": 1}}, id="a quoted merge is a name"),
        pytest.param('a: "\\U0001F600 \\t"', {"a": "😀 \t"}, id="escapes"),
    ],
)
def test_yaml_is_read(text: str, expected: Any) -> None:
    assert read_yaml(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("a:\n\t- b", "line 2: a tab is used as indentation", id="tab"),
        pytest.param("a: @b", "line 1: '@' cannot start a value; put it in quotes", id="@"),
        pytest.param("a: 1\nb: `c`", "line 2: '`' cannot start a value", id="backtick"),
        pytest.param("a: 'b", "line 1: found unexpected end of stream", id="open quote"),
        pytest.param("a: b: c", "line 1: mapping values are not allowed", id="two colons"),
        pytest.param("a: 1\nb: [1, 2", "line 3: did not find expected", id="open list"),
        pytest.param("a: 1\n---\nb: 2", "line 2: holds a second document", id="two documents"),
        pytest.param(
            "get: 1\nput:\n  x: 1\nget:\n  y: 1\n  z: 1",
            "lines 1 and 4: the key 'get' stands",
            id="twice",
        ),
        pytest.param(
            "200: a\n'200': b", "lines 1 and 2: the key '200' stands twice", id="quoted twice"
        ),
        pytest.param(
            "- &k a\n- *k : 1\n  a: 2", "lines 2 and 3: the key 'a' stands twice", id="alias twice"
        ),
        pytest.param("a: &x [*x]", r"line 1: alias \*x holds itself", id="self alias"),
        pytest.param("a: &x {b: {c: *x}}", r"alias \*x holds itself", id="self alias, deeper"),
        pytest.param("a: *x", r"line 1: alias \*x names no anchor", id="no anchor"),
        pytest.param("? [a]\n: b", "line 1: a key is no plain text", id="a list as key"),
        pytest.param("- &x {a: 1}\n- *x : 1", "line 2: a key is no plain text", id="alias as key"),
        pytest.param("<<: 3", "<< merges what is no mapping", id="merge of a number"),
        pytest.param(
            "a: !!python/object/apply:os.system ls", "line 1: the tag .* is not read", id="python"
        ),
        pytest.param("a: 1\nb: !foo {}", "line 2: the tag !foo is not read", id="tag on a mapping"),
        pytest.param("!foo a: 1", "line 1: the tag !foo is not read", id="tag on a key"),
        pytest.param("a: !!binary aGk=", "the tag .*binary is not read", id="binary"),
        pytest.param("a: !!timestamp 2020-01-01", "the tag .* is not read", id="timestamp"),
        pytest.param("a: .inf", "line 1: .inf is no number that JSON can hold", id="inf"),
        pytest.param("a: -.Inf", "-.Inf is no number", id="-Inf"),
        pytest.param("a: .nan", ".nan is no number", id="nan"),
        pytest.param("a: 1e999", "line 1: a number is out of range", id="1e999"),
        pytest.param("a: " + "9" * 5_000, "line 1: a number is out of range", id="5,000 digits"),
        pytest.param("a: 0x" + "f" * 5_000, "a number is out of range", id="5,000 hex digits"),
        pytest.param("a: 1\nb: \x01", "line 2: a control character stands in it", id="control"),
        pytest.param(
            "a: 1\nb: \ud800", "line 2: half a surrogate pair stands in it", id="surrogate"
        ),
        pytest.param("[" * 201 + "]" * 201, "line 1: nested deeper than 200", id="201 lists"),
        pytest.param("{a: " * 300 + "}" * 300, "nested deeper than 200", id="300 mappings"),
        pytest.param("[" * 100_000, "nested deeper than 200", id="100,000 lists"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, why: str) -> None:
    with pytest.raises(YamlFault, match=why):
        read_yaml(text)


def test_two_hundred_levels_are_read() -> None:
    assert read_yaml("[" * 200 + "]" * 200)


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
MERGES = "m0: &m0 {k: 1}\n" + "".join(
    f"m{n}: &m{n} {{<<: *m{n - 1}, k{n}: *m{n - 1}}}\n" for n in range(1, 60)
)
LONG_TEXT = f"t: &t {'x' * 1_000_000}\nl: [{','.join(['*t'] * 1_000)}]\n"
LONG_KEY = (
    f"t: &t {{{'x' * 1_000}: 1}}\n"
    f"l: &l [{','.join(['*t'] * 1_000)}]\n"
    f"m: [{','.join(['*l'] * 1_000)}]\n"
)
TOWER = "n0: &n0 [1]\n" + "".join(f"n{n}: &n{n} [*n{n - 1}]\n" for n in range(1, 300))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(LAUGHS, "aliases unfold to more than 2,000,000 nodes", id="billion laughs"),
        pytest.param(MERGES, "aliases unfold to more than 2,000,000 nodes", id="merge bomb"),
        pytest.param(LONG_TEXT, "aliases unfold to more than", id="a long text, a thousand times"),
        pytest.param(LONG_KEY, "aliases unfold to more than", id="a long key, a million times"),
        pytest.param(TOWER, "line 200: nested deeper than 200", id="a tower of aliases"),
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(text: str, why: str) -> None:
    began = time.process_time()
    with pytest.raises(YamlFault, match=why):
        read_yaml(text)
    assert time.process_time() - began < 2


def test_a_large_document_without_aliases_is_read() -> None:
    assert len(read_yaml("- 1\n" * 50_000)) == 50_000


def test_the_parser_without_libyaml_reads_the_same() -> None:
    text = "a: &x {k: [1, 'two', 3.5]}\nb: {<<: *x, 200: NO}\n"
    slow: Any = yaml.Loader(text)
    assert _Builder(slow).document() == read_yaml(text)
