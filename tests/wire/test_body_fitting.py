"""Bodies of every kind, fitted: which media type they get, what they hold, what is wrong."""

import io
from typing import Any

import pytest

from ouro_cli.wire.fitting import Fitted, fit
from ouro_cli.wire.inputs import RawBody, WordFault, read_arguments
from ouro_cli.wire.uploads import KeptFile, Upload
from tests.builders import a_parameter, a_route

NUMBER = {"type": "integer"}
BINARY = {"type": "string", "format": "binary"}
JSON, FORM, MULTI = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
OCTETS = "application/octet-stream"
PHOTO = Upload("cat.png", "cat.png", 3, "image/png")


def fitted(content: dict[str, Any], *words: str, required: bool = False, **options: Any) -> Fitted:
    facts = {key: options.pop(key) for key in ("parameters",) if key in options}
    components = options.pop("components", {})
    stated = {name: {"schema": schema} for name, schema in content.items()}
    route = a_route(request_body={"content": stated, "required": required}, **facts)
    arguments = read_arguments(
        words,
        read_file=lambda name: f"<{name}>",
        find_file=lambda name: Upload(name, name, 3, "image/png"),
        **options,
    )
    return fit(arguments, route, components, "3.1.0")


def faults(*arguments: Any, **options: Any) -> list[str]:
    return [str(each) for each in fitted(*arguments, **options).faults]


def whole(text: str) -> dict[str, Any]:
    return {"body": RawBody("--body", lambda: text), "has_body": True}


def of_file(name: str, text: str = "", media_type: str = "") -> dict[str, Any]:
    def read() -> str:
        return text

    return {"body": RawBody(name, read, Upload(name, name, 3, media_type)), "has_body": True}


# What is sent.


def test_words_fill_a_form() -> None:
    schema = {"properties": {"n": NUMBER, "l": {"type": "array", "items": NUMBER}}}
    done = fitted({FORM: schema}, "n=1", "l=1", "l=2")
    assert (done.faults, done.input.body) == ([], {"n": 1, "l": [1, 2]})
    assert done.input.content_type == ""


def test_a_file_makes_it_a_form_of_parts() -> None:
    schema = {"properties": {"photo": BINARY, "title": {"type": "string"}}}
    done = fitted({JSON: {}, MULTI: schema}, "title=Cat", "photo@cat.png")
    assert (done.faults, done.input.content_type) == ([], MULTI)
    assert done.input.body == {"title": "Cat", "photo": PHOTO}


def test_several_files_are_a_list_where_one_is_asked_for() -> None:
    schema = {"properties": {"photos": {"type": "array", "items": BINARY, "minItems": 2}}}
    assert len(fitted({MULTI: schema}, "photos@a", "photos@b").input.body["photos"]) == 2
    assert faults({MULTI: schema}, "photos@a") == [
        "body.photos: is a list of 1, and must have at least 2 items"
    ]


def test_a_file_may_be_called_what_it_is() -> None:
    done = fitted({MULTI: {}}, "photo@cat.bin;type=image/webp; q=1")
    assert done.input.body["photo"].media_type == "image/webp; q=1"


@pytest.mark.parametrize(
    ("content", "given", "content_type", "body"),
    [
        pytest.param({JSON: {}}, whole('{"a": 1}'), "", {"a": 1}, id="JSON"),
        pytest.param({JSON: {}}, of_file("a.yaml", "a: 1"), "", {"a": 1}, id="YAML"),
        pytest.param({FORM: {}}, whole('{"a": 1}'), "", {"a": 1}, id="the fields of a form"),
        pytest.param({"text/plain": {}}, whole('{"a": 1}'), "", '{"a": 1}', id="text"),
        pytest.param({JSON: {}, "text/csv": {}}, whole("a,b"), "text/csv", "a,b", id="no JSON"),
        pytest.param(
            {JSON: {}, "application/xml": {}}, whole("<a/>"), "application/xml", "<a/>", id="XML"
        ),
        pytest.param(
            {"application/x-ndjson": {}}, whole('{"a":1}\n{"a":2}'), "", '{"a":1}\n{"a":2}',
            id="lines of JSON",
        ),
        pytest.param(
            {JSON: {}, "image/*": {}}, of_file("cat.png", media_type="image/png"), "image/png",
            Upload("cat.png", "", 3), id="a file of a range",
        ),
        pytest.param({OCTETS: BINARY}, of_file("x"), "", Upload("x", "", 3), id="bytes"),
        pytest.param({OCTETS: BINARY}, whole("abc"), "", "abc", id="typed bytes"),
        pytest.param(
            {JSON: {}, OCTETS: {}}, of_file("x.dat"), OCTETS, Upload("x.dat", "", 3), id="no JSON"
        ),
    ],
)  # fmt: skip
def test_a_body_given_whole_is_read_as_its_media_type_asks(
    content: dict[str, Any], given: dict[str, Any], content_type: str, body: Any
) -> None:
    done = fitted(content, **given)
    assert (done.faults, done.input.content_type, done.input.body) == ([], content_type, body)


def test_the_media_type_may_be_said() -> None:
    done = fitted({JSON: {}, "text/plain": {}}, **whole("1"), content_type="text/plain")
    assert (done.input.body, done.input.content_type) == ("1", "text/plain")
    header = fitted({JSON: {}, "text/plain": {}}, "Content-Type:text/plain", **whole("1"))
    assert header.input == done.input


def test_standard_input_is_a_file_of_unknown_size() -> None:
    source = Upload("-", open=lambda: io.BytesIO(b"x"))
    done = fitted({OCTETS: {}}, body=RawBody("--body", lambda: "x", source), has_body=True)
    assert done.input.body.open is source.open


def test_words_build_on_a_body_from_a_file() -> None:
    assert fitted({JSON: {}}, "b=2", **of_file("a.json", '{"a": 1}')).input.body == {
        "a": 1,
        "b": "2",
    }


def test_a_form_that_asks_for_nothing_may_be_empty() -> None:
    assert fitted({FORM: {"type": "object"}}, required=True).input.body == {}


CAT: dict[str, Any] = {
    "properties": {"kind": {"const": "cat"}, "lives": NUMBER, "id": NUMBER | {"readOnly": True}}
}
DOG: dict[str, Any] = {
    "properties": {"kind": {"const": "dog"}, "lives": {"type": "string"}},
    "required": ["bark"],
}
PETS: dict[str, Any] = {
    "#/components/schemas/Cat": CAT | {"required": ["lives"]},
    "#/components/schemas/Dog": DOG,
}
PET = {
    "oneOf": [{"$ref": each} for each in PETS],
    "discriminator": {"propertyName": "kind", "mapping": {"hound": "#/components/schemas/Dog"}},
}


@pytest.mark.parametrize("words", [("kind=dog", "lives=9"), ("lives=9", "kind=dog")])
def test_a_tag_says_how_the_other_words_are_meant(words: tuple[str, ...]) -> None:
    body = fitted({JSON: PET}, *words, "bark=x", components=PETS).input.body
    assert body["lives"] == "9"
    assert fitted({JSON: PET}, "kind=cat", "lives=9", components=PETS).input.body["lives"] == 9


# What is wrong.


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("kind=Cat", "bark=x"), "body.lives: is required: integer"),
        (("kind=Dog", "lives=9"), "body.bark: is required"),
        (("kind=hound", "lives=9"), "body.bark: is required"),
        (("kind=cow",), 'body.kind: is "cow", and must be "hound"'),
        (("kind=Cat", "lives=x"), 'body.lives: is "x", and must be a whole number'),
        (("kind=Cat", "lives=1", "id=1"), "body.id: is set by the API, and cannot be given"),
    ],
)
def test_the_branch_that_is_meant_is_the_one_that_is_told_of(
    words: tuple[str, ...], fault: str
) -> None:
    loose = {
        key: {**each, "properties": {**each["properties"], "kind": {"type": "string"}}}
        for key, each in PETS.items()
    }
    assert any(fault in each for each in faults({JSON: PET}, *words, components=loose))


@pytest.mark.parametrize(
    ("branches", "value", "expected"),
    [
        pytest.param([NUMBER, {"type": "array"}], "x",
                     ['body: is "x", and must be a whole number or a list'], id="no type fits"),
        pytest.param([{"type": "null"}, {"required": ["a"]}], {}, ["body.a: is required"],
                     id="null is not meant"),
        pytest.param(
            [{"properties": {"t": {"const": 1}}, "required": ["a"]},
             {"properties": {"t": {"const": 2}}, "required": ["b"]}],
            {"t": 2}, ["body.b: is required"], id="by its tag",
        ),
        pytest.param(
            [{"required": ["a", "b"]}, {"required": ["c"]}], {}, ["body.c: is required"],
            id="the nearest",
        ),
    ],
)  # fmt: skip
def test_without_a_tag_the_nearest_branch_is_told_of(
    branches: list[Any], value: Any, expected: list[str]
) -> None:
    assert faults({JSON: {"anyOf": branches}}, body=value, has_body=True) == expected


def test_what_fits_two_branches_is_sent_and_said() -> None:
    done = fitted({JSON: {"oneOf": [{}, NUMBER]}}, body=1, has_body=True)
    assert done.faults == []
    assert done.notes == ["body: fits more than one of the forms that it may have"]


@pytest.mark.parametrize(
    ("schema", "value", "fault"),
    [
        ({"minimum": 3}, 1, "is 1, and must be at least 3"),
        ({"exclusiveMinimum": 3}, 3, "is 3, and must be more than 3"),
        ({"maximum": 3}, 5, "is 5, and must be at most 3"),
        ({"exclusiveMaximum": 3.5}, 4, "is 4, and must be less than 3.5"),
        ({"multipleOf": 2}, 3, "is 3, and must be a multiple of 2"),
        ({"minLength": 3}, "a", 'is "a", and must have at least 3 characters'),
        ({"maxLength": 1}, "ab", 'is "ab", and must have at most 1 characters'),
        ({"pattern": "^a$"}, "b", 'is "b", and must match ^a$'),
        ({"maxItems": 1}, [1, 2], "is a list of 2, and must have at most 1 items"),
        ({"uniqueItems": True}, [1, 1], "holds the same item twice"),
        ({"minProperties": 1}, {}, "is an object, and must have at least 1 fields"),
        ({"enum": ["fast", "slow"]}, "fats",
         'is "fats", and must be one of "fast", "slow"; did you mean \'fast\'?'),
        ({"const": 3}, 4, "is 4, and must be 3"),
        ({"type": ["integer", "null"]}, "x", 'is "x", and must be a whole number or null'),
        ({"not": {}}, 1, "is 1, which is not allowed"),
        (False, 1, "is not allowed here"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "has a field whose name is not allowed"),
        ({"contains": NUMBER}, ["a"], "does not hold the items that it must"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_the_words_of_a_person(schema: Any, value: Any, fault: str) -> None:
    assert faults({JSON: schema}, body=value, has_body=True) == [f"body: {fault}"]


ORDER = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "amount": NUMBER},
                "required": ["name"],
            },
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def test_a_mistyped_key_is_known_however_deep_it_lies() -> None:
    body = {"items": [{"nmae": "x", "amuont": 1, "colour": "red"}], "labels": {"lable": "x"}}
    done = fitted({JSON: ORDER}, body=body, has_body=True)
    assert [str(each) for each in done.faults] == [
        "body.items.0.name: is required: string",
        "body.items.0.nmae: is not known; did you mean 'name'?",
        "body.items.0.amuont: is not known; did you mean 'amount'?",
    ]
    assert done.notes == ["body.items.0.colour: is not in the document"]


def test_a_word_is_held_against_what_is_inside_too() -> None:
    assert faults({JSON: ORDER}, "items[0][nmae]=x") == [
        "body.items.0.nmae: the body has no such field; did you mean 'name'?"
    ]
    assert fitted({JSON: ORDER}, "labels[anything]=x").faults == []


def test_a_closed_object_names_what_it_does_not_know() -> None:
    schema = {"properties": {"name": {}}, "additionalProperties": False}
    assert faults({JSON: schema}, body={"nmae": 1}, has_body=True) == [
        "body.nmae: is not known here; did you mean 'name'?"
    ]


def test_a_field_that_answers_alone_have_is_refused() -> None:
    schema = {
        "allOf": [{"properties": {"id": {"$ref": "#/c/Id"}, "made": {"readOnly": True}}}],
        "properties": {"in": {"properties": {"id": {"$ref": "#/c/Id", "readOnly": False}}}},
    }
    body = {"id": 1, "made": "now", "in": {"id": 2}}
    components = {"#/c/Id": {"type": "integer", "readOnly": True}}
    said = faults({JSON: schema}, body=body, has_body=True, components=components)
    why = "is set by the API, and cannot be given (readOnly)"
    assert sorted(said) == [f"body.id: {why}", f"body.in.id: {why}", f"body.made: {why}"]


@pytest.mark.parametrize(
    ("content", "words", "options", "fault"),
    [
        pytest.param({JSON: {}}, ("a@cat.png",), {},
                     "body.a: uploads a file, and the body is application/json; a=@FILE sends its"
                     " text", id="a file in JSON"),
        pytest.param({FORM: {}}, ("a@cat.png",), {}, "body.a: uploads a file", id="in a form"),
        pytest.param({MULTI: {}}, ("a[b]@cat.png",), {}, "a file is a field of its own", id="deep"),
        pytest.param({MULTI: {}}, (), whole("[1]"), "body: a multipart form is an object of fields",
                     id="a list as a form"),
        pytest.param({"text/csv": {}}, ("a=1",), {},
                     "a: no parameter has this name, and its body is text/csv, which is given"
                     " whole: --body @FILE", id="a word for text"),
        pytest.param({JSON: {}}, (), whole('{"a"x'), "--body: invalid JSON at column 5",
                     id="no JSON"),
        pytest.param({JSON: {}}, (), of_file("a.yaml", "a: ["), "a.yaml: invalid YAML",
                     id="no YAML"),
        pytest.param({JSON: {}, "a/b": {}}, (), whole("1") | {"content_type": "a/c"},
                     "its body is application/json or a/b, and not a/c; did you mean 'a/b'?",
                     id="not offered"),
        pytest.param({"text/plain": {"maxLength": 2}}, (), whole("abc"),
                     'body: is "abc", and must have at most 2 characters', id="text too long"),
        pytest.param({"text/plain; charset=ascii": {}}, (), whole("é"),
                     "body: cannot be written in ascii", id="charset"),
        pytest.param({"text/plain": {}}, (), whole("\udcff"), "half a surrogate", id="surrogate"),
        pytest.param({"image/*": {}}, (), of_file("x"), "say which: --content-type", id="range"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_sent_is_a_fault(
    content: dict[str, Any], words: tuple[str, ...], options: dict[str, Any], fault: str
) -> None:
    said = faults(content, *words, **options)
    assert len(said) == 1
    assert fault in said[0]


@pytest.mark.parametrize("text", ["[" * 9_999, "NaN", "9" * 5_000])
def test_json_that_nobody_can_hold_is_a_fault(text: str) -> None:
    assert len(faults({JSON: {}}, **whole(text))) == 1


def test_not_every_odd_field_is_told() -> None:
    schema: dict[str, Any] = {"properties": {"item": {}}}
    body = {f"field{number}": 1 for number in range(1_000)}
    done = fitted({JSON: schema}, body=body, has_body=True)
    assert (len(done.notes), done.notes[-1]) == (21, "980 more are like that")


def test_a_body_that_cannot_be_read_is_named() -> None:
    def read() -> str:
        raise WordFault("cannot read in.json: no such file")

    raw = RawBody("in.json", read, Upload("in.json", "in.json"))
    assert faults({JSON: NUMBER}, body=raw, has_body=True) == ["cannot read in.json: no such file"]


def test_nobody_can_write_a_kept_file_down_by_hand() -> None:
    body = {"a": KeptFile("ab" * 32, 3).as_value()}
    assert faults({MULTI: {}}, body=body, has_body=True) == [
        "body.a: names a kept file; upload it: key@FILE"
    ]
    assert faults({JSON: {}}, body=body, has_body=True) == []


def test_a_file_is_no_parameter() -> None:
    said = faults({JSON: {}}, "q@cat.png", parameters=[a_parameter("q")])
    assert said == ["q: is a query parameter, and takes no file"]


def test_what_is_missing_is_known_to_its_leaves() -> None:
    schema = {
        "type": "object",
        "required": ["name", "address", "photo"],
        "properties": {
            "name": {"$ref": "#/c/Name"},
            "address": {"required": ["street"], "properties": {"street": {"enum": ["a", "b"]}}},
            "photo": BINARY,
        },
    }
    components = {"#/c/Name": {"type": "string", "description": "Whose it is"}}
    done = fitted({MULTI: schema}, required=True, components=components)
    assert [str(each) for each in done.faults] == ["body: is required: name, address, photo"]
    assert [(each.label, each.description, each.is_file) for each in done.missing] == [
        ("name", "Whose it is", False),
        ("address.street", "", False),
        ("photo", "", True),
    ]


def test_nothing_is_missing_where_something_else_is_wrong() -> None:
    schema = {"required": ["a"], "properties": {"a": {}, "n": NUMBER}}
    assert fitted({JSON: schema}, "n=x").missing == []
    (missing,) = fitted({JSON: schema}, "n=1").missing
    assert missing.label == "a"
