"""Words in HTTPie's grammar, read before any route is known."""

from typing import Any

import pytest

from ouro_cli.wire.inputs import Arguments, WordFault, read_arguments, read_json

FILES = {"note.txt": "from a file", "in.json": '{"n": 1}', "a=b:c": "odd"}


def read(*words: str, **options: Any) -> Arguments:
    return read_arguments(words, read_file=FILES.__getitem__, **options)


@pytest.mark.parametrize(
    ("word", "key", "value", "is_text"),
    [
        ("name=text", "name", "text", True),
        ("name=", "name", "", True),
        ("name=a=b==c:=d", "name", "a=b==c:=d", True),
        ("url=https://api.test:80/x?a=b@c", "url", "https://api.test:80/x?a=b@c", True),
        ("text=two words\nand a line", "text", "two words\nand a line", True),
        ("n:=1", "n", 1, False),
        ("n:=[1, {\"a\": null}]", "n", [1, {"a": None}], False),
        ('t:="1"', "t", "1", False),
        ("t=@note.txt", "t", "from a file", True),
        ("t=@a=b:c", "t", "odd", True),
        ("j:=@in.json", "j", {"n": 1}, False),
        ("a.b-c_d=1", "a.b-c_d", "1", True),
        (r"a\=b=1", "a=b", "1", True),
        (r"a\:b=1", "a:b", "1", True),
        (r"a\@b:=2", "a@b", 2, False),
        (r"a\\b=1", r"a\b", "1", True),
        (r"C\dir=1", r"C\dir", "1", True),
        (r"a\[b\]=1", "a[b]", "1", True),
        ("mail=ada@example.org", "mail", "ada@example.org", True),
        ("ünïcode=ß", "ünïcode", "ß", True),
    ],
)  # fmt: skip
def test_a_word_is_a_field(word: str, key: str, value: Any, is_text: bool) -> None:
    (field,) = read(word).fields
    assert (field.key, field.value, field.is_text) == (key, value, is_text)


@pytest.mark.parametrize(
    ("word", "steps"),
    [
        ("a=1", ("a",)),
        ("a[b]=1", ("a", "b")),
        ("a[b][]=1", ("a", "b", "")),
        ("a[0][b c]=1", ("a", "0", "b c")),
        ("[]=1", ("",)),
        ("[0]=1", ("0",)),
        (r"a\[b=1", ("a[b",)),
        (r"a[b\]c]=1", ("a", "b]c")),
        (r"a[b\=c]=1", ("a", "b=c")),
        ("a[b=1", ("a[b",)),
        ("a]b=1", ("a]b",)),
        ("a[b]c=1", ("a[b]c",)),
        ("a[b[c]]=1", ("a[b[c]]",)),
    ],
)
def test_a_key_in_brackets_leads_inside(word: str, steps: tuple[str, ...]) -> None:
    (field,) = read(word).fields
    assert field.steps == steps


@pytest.mark.parametrize(
    ("word", "query"),
    [
        ("q==find me", ("q", "find me")),
        ("q==", ("q", "")),
        ("q===x", ("q", "=x")),
        ("q==a:b", ("q", "a:b")),
    ],
)
def test_a_word_with_two_equals_signs_is_a_query(word: str, query: tuple[str, str]) -> None:
    assert read(word).query == (query,)


@pytest.mark.parametrize(
    ("word", "header"),
    [
        ("X-Trace:abc", ("X-Trace", "abc")),
        ("X-Trace: abc ", ("X-Trace", "abc")),
        ("X-Url:http://x", ("X-Url", "http://x")),
        ("X-Empty:", ("X-Empty", "")),
        ("X-Latin:é", ("X-Latin", "é")),
    ],
)
def test_a_word_with_a_colon_is_a_header(word: str, header: tuple[str, str]) -> None:
    assert read(word).headers == (header,)


def test_options_come_before_words() -> None:
    arguments = read(
        "q==2", "X:2", body={"a": 1}, has_body=True, query=[("q", "1")], headers=[("X", "1")],
        path=[("id", "7")],
    )  # fmt: skip
    assert arguments == Arguments(
        query=(("q", "1"), ("q", "2")),
        headers=(("X", "1"), ("X", "2")),
        path=(("id", "7"),),
        body={"a": 1},
        has_body=True,
    )


@pytest.mark.parametrize(
    ("word", "why"),
    [
        pytest.param("name", "'name' is no word like key=text", id="no separator"),
        pytest.param("", "'' is no word", id="nothing"),
        pytest.param("=value", "'=value' is no word", id="no key"),
        pytest.param("==value", "is no word", id="no key of a query"),
        pytest.param(r"name\=value", "is no word", id="separator escaped"),
        pytest.param("n:={", "n: invalid JSON at column 2", id="JSON"),
        pytest.param("n:=[1,\n2,]", "n: invalid JSON at line 2 column 3", id="JSON of lines"),
        pytest.param("n:=NaN", "n: NaN is no JSON", id="NaN"),
        pytest.param("n:=1e999", "n: a number is out of range", id="1e999"),
        pytest.param("n:=" + "9" * 5_000, "n: a number is out of range", id="digits"),
        pytest.param("n:=" + "[" * 9_999, "n: nested deeper than 200", id="depth"),
        pytest.param("n:=@note.txt", "note.txt: invalid JSON at column 1", id="JSON file"),
        pytest.param("X Y:1", "'X Y' is no name of a header", id="blank in a header"),
        pytest.param("X-é:1", "is no name of a header", id="header beyond ASCII"),
        pytest.param("X:a\r\nEvil: 1", "X: control characters are not allowed", id="injection"),
        pytest.param("X:a\x00", "X: control characters are not allowed", id="NUL"),
        pytest.param("Authorization:Bearer x", "set it with ouro auth set", id="secret"),
        pytest.param("cookie:a=b", "set it with ouro auth set", id="cookie"),
        pytest.param("X-API-Key:x", "set it with ouro auth set", id="key"),
        pytest.param("proxy-authorization:x", "set it with ouro auth set", id="proxy"),
        pytest.param("ouro-action-id:x", "this header is set by ouro", id="one of the contract's"),
        pytest.param("Host:x", "this header is set by ouro", id="Host"),
        pytest.param("Content-Length:5", "this header is set by ouro", id="Content-Length"),
        pytest.param("transfer-encoding:chunked", "set by ouro", id="Transfer-Encoding"),
        pytest.param("Idempotency-Key:x", "set by ouro", id="Idempotency-Key"),
    ],
)
def test_a_word_that_cannot_be_read_is_named(word: str, why: str) -> None:
    with pytest.raises(WordFault) as caught:
        read(word)
    assert why in str(caught.value)


def test_a_secret_is_refused_without_being_repeated() -> None:
    with pytest.raises(WordFault) as caught:
        read("Authorization:Bearer s3cret")
    assert "s3cret" not in str(caught.value)


def test_headers_of_the_option_are_checked_as_those_of_words() -> None:
    with pytest.raises(WordFault, match="control characters"):
        read(headers=[("X", "a\nb")])


def test_json_names_what_was_read() -> None:
    assert read_json("[1]", "--body") == [1]
    with pytest.raises(WordFault, match="--body: invalid JSON at column 5"):
        read_json('{"a"x', "--body")
