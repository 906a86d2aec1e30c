"""Requests: whatever is given stays in its place, and is shown as it is."""

import os
import subprocess
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.curl import curl_line
from ouro_cli.wire.inputs import Input, read_arguments
from ouro_cli.wire.request import Callback, UpstreamRequest, build_request
from tests.builders import a_parameter, a_route

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
STYLES = st.sampled_from(["simple", "label", "matrix"])
VALUES = st.one_of(
    TEXT,
    st.sampled_from(
        [".", "..", "/", "//", "../..", "%2e%2e", "?", "#", "\\..\\", "a/../b", "\r\n"]
    ),
    st.lists(TEXT | st.integers(), min_size=1, max_size=3),
    st.dictionaries(TEXT, TEXT, min_size=1, max_size=3),
)
HEADER_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc"])
)


def built(template: str, placed: Placed | None = None, **values: Any) -> UpstreamRequest:
    style = values.pop("style", "simple")
    explode = values.pop("explode", False)
    parameters = [a_parameter(name, "path", style=style, explode=explode) for name in "ab"]
    return build_request(
        "http://api.test/v1",
        a_route("POST", template, parameters=parameters),
        Input(**values),
        action_id="1",
        user_id="2",
        callback=Callback("http://127.0.0.1/cb", "t0ken"),
        placed=placed,
    )


@given(VALUES, VALUES, STYLES, st.booleans())
def test_no_path_value_leaves_its_segment(a: Any, b: Any, style: str, explode: bool) -> None:
    request = built("/items/{a}/{a}{b}/end", path={"a": a, "b": b}, style=style, explode=explode)
    # As the client sends it, which resolves what can be resolved.
    sent = httpx.URL(request.url).raw_path.decode()
    segments = sent.split("/")
    assert segments[:3] == ["", "v1", "items"]
    assert (len(segments), segments[-1]) == (6, "end")
    assert not {".", ".."} & set(segments)
    assert not set("?#\\ ") & set(sent)


@given(TEXT)
def test_a_path_value_arrives_as_it_was_given(text: str) -> None:
    segment = urlsplit(built("/{a}", path={"a": text}).url).path.split("/")[2]
    assert unquote(segment) == text


@given(
    st.dictionaries(TEXT.filter(bool), TEXT | st.lists(TEXT, min_size=1, max_size=3), max_size=4)
)
def test_a_query_arrives_as_it_was_given(query: dict[str, Any]) -> None:
    url = built("/x", query=query).url
    expected = [
        (name, each)
        for name, value in query.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    assert (
        parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=bool(query))
        == expected
    )


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=3))
def test_no_cookie_becomes_another(cookies: dict[str, Any]) -> None:
    header = dict(built("/x", cookies=cookies).headers).get("Cookie", "")
    pairs = [pair.split("=", 1) for pair in header.split("; ")] if header else []
    assert [(unquote(name), unquote(value)) for name, value in pairs] == list(cookies.items())


@settings(max_examples=40)
@given(
    HEADER_TEXT, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), TEXT
)
def test_a_shell_reads_a_curl_line_as_it_was_meant(header: str, text: str, query: str) -> None:
    header = header.strip()
    placed = Placed(
        headers=(("Authorization", "Bearer s3cret $x"),), query=(("key`id`", "s3cret"),)
    )
    request = built(
        "/x", placed, headers={"X-A": header}, query={"q": query}, body=text, has_body=True
    )
    assume(request.body is not None)
    done = subprocess.run(
        ["sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}\n{curl_line(request)}"],
        env={
            "OURO_AUTHORIZATION": "$(id) 'x\"",
            "OURO_KEY_ID_": "`id`",
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        check=True,
    )
    words = done.stdout.decode().split("\0")[:-1]
    assert (f"X-A: {header}" if header else "X-A;") in words
    assert "Authorization: Bearer $(id) 'x\"" in words
    assert words[words.index("--data-raw") + 1].encode() == request.body
    assert words[-1] == f"{request.url}&key%60id%60=`id`"
    assert "s3cret" not in curl_line(request)


@given(TEXT.filter(bool), TEXT)
def test_a_word_is_read_as_it_was_escaped(key: str, value: str) -> None:
    # A separator is sought as far as it goes: `=` and then `=` or `@` is another one.
    assume(not value.startswith(("=", "@")))
    escaped = "".join(f"\\{each}" if each in "\\:=@[]" else each for each in key)
    (field,) = read_arguments([f"{escaped}={value}"], read_file=str).fields
    assert (field.key, field.steps, field.value) == (key, (key,), value)
