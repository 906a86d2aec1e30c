"""A body fitted to its route: which media type it has, what it holds, and what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ouro_cli.wire.coercion import kinds_of, typed
from ouro_cli.wire.faults import NO_TEXT, Fault, Missing, hint, is_unicode, meant
from ouro_cli.wire.inputs import Arguments, Field, RawBody, WordFault, read_json
from ouro_cli.wire.judging import Judge, Judgement, Place, missing_fields
from ouro_cli.wire.media import (
    Given,
    Kind,
    Media,
    charset_of,
    choose_media,
    offered_types,
    usual_media,
)
from ouro_cli.wire.placing import inside, leads_into_list, placed, value_at
from ouro_cli.wire.shape import (
    child_schema,
    described,
    is_index,
    is_read_only,
    properties_of,
    required_of,
    walk,
)
from ouro_cli.wire.uploads import Upload, kept_file, replaced

_BODY = Place("body")
_MOST_TOLD = 50
_YAML = (".yaml", ".yml")
_MAY_BE_JSON = ("", ".json", ".txt", *_YAML)


class BodyFitting:
    """One call's body on its way from words to a value: `put`, then `check`."""

    def __init__(
        self,
        arguments: Arguments,
        request_body: dict[str, Any] | None,
        schema_of: Callable[[Any], Any],
        parameters: list[str],
        judgement: Judgement,
        judge: Judge,
    ) -> None:
        self.value = arguments.body
        self.is_given = arguments.has_body
        self._arguments = arguments
        self._request_body = request_body
        self._parameters = parameters
        self._judgement = judgement
        self._judge = judge
        self._media: Media | None = None
        self._schema_of = schema_of
        self._schema: Any = {}
        self._listed: set[tuple[str, ...]] = set()
        self._is_unreadable = False

    @property
    def content_type(self) -> str:
        """The media type of the body; empty where it is the usual one, or there is no body."""
        usual = usual_media(self._request_body)
        if self._media is None or not self.is_given or (usual and usual.name == self._media.name):
            return ""
        return self._media.name

    def put(self, words: list[Field]) -> None:
        """Make the body of what was given whole and of the words that build on it."""
        self._media = choose_media(
            self._request_body, self._arguments.content_type, given_of(self._arguments, words)
        )
        if self._media is None:
            self._refuse(words)
            return
        self._schema = self._schema_of(self._media.schema)
        if isinstance(self.value, RawBody):
            self.value = self._read(self.value, self._media)
        if not words or self._is_unreadable:
            return
        if not self._media.kind.has_fields:
            for word in words:
                self._fault(word.key, f"no parameter has this name, and {self._whole()}")
            return
        # What a field means may depend on one that is typed behind it: a second time, it is known.
        start, before = self.value, self._judgement.faults[:]
        known = self._built(start, words, None)
        self._judgement.faults[:] = before
        self._listed.clear()
        self.value = self._built(start, words, known)
        self.is_given = self.is_given or self.value is not None

    def check(self) -> None:
        """Say all that is wrong with the body; it becomes `{}` where nothing more is asked for."""
        required = (self._request_body or {}).get("required") is True
        if self._is_unreadable:
            return
        if self._media is None:
            if self.is_given or required:
                self._fault("body", self._no_body())
        elif self.is_given:
            self._check_given(self._media)
        elif required:
            kinds = kinds_of(self._schema, self._schema, set())
            is_empty_enough = "object" in kinds and not self._judge({}, self._schema, _BODY).faults
            if self._media.kind.has_fields and is_empty_enough:
                self.value, self.is_given = {}, True
            else:
                self._judgement.faults.append(self._missing())

    def _refuse(self, words: list[Field]) -> None:
        for word in words:
            why = f"no parameter has this name, and {self._no_body()}"
            self._fault(word.key, f"{why}{hint(word.key, self._parameters)}")

    def _no_body(self) -> str:
        offered = offered_types(self._request_body)
        if not offered:
            return "it takes no body"
        wanted = self._arguments.content_type
        if wanted:
            return f"its body is {' or '.join(offered)}, and not {wanted}{hint(wanted, offered)}"
        return f"its body is {' or '.join(offered)}; say which: --content-type TYPE"

    def _whole(self) -> str:
        name = self._media.name if self._media else ""
        return f"its body is {name}, which is given whole: --body @FILE"

    def _read(self, raw: RawBody, media: Media) -> Any:
        """The body as its media type is read: JSON for what has fields, else as it is."""
        try:
            if not media.kind.has_fields:
                if raw.upload is None:
                    return raw.read()
                return replace(raw.upload, filename="", media_type="")
            text = raw.read()
            if not raw.name.lower().endswith(_YAML):
                return read_json(text, raw.name)
            return _read_yaml(text, raw.name)
        except WordFault as fault:
            self._fault("", str(fault))
            self._is_unreadable = True
            return None

    def _built(self, body: Any, words: list[Field], known: Any) -> Any:
        for word in words:
            body = self._with_word(body, word, known)
        return body

    def _with_word(self, body: Any, word: Field, known: Any) -> Any:
        steps = word.steps or (word.key,)
        if len(steps) > 1 and word.key in properties_of(self._schema):
            steps = (word.key,)
        if not self._may_hold(steps, word):
            return body
        schema: Any = self._schema
        places = []
        for step in steps:
            places.append((step, leads_into_list(step, schema, self._schema)))
            schema = child_schema(schema, self._schema, step, known)
            known = inside(known, step)
        value = self._typed(word, schema)
        if steps in self._listed and isinstance(value, list):
            value = [*(value_at(body, steps) or []), *value]
        elif isinstance(value, list) and not isinstance(word.value, list):
            self._listed.add(steps)
        try:
            return placed(body, places, value)
        except TypeError:
            self._fault(word.key, "the body holds no object or list there")
            return body

    def _typed(self, word: Field, schema: Any) -> Any:
        """The word's value; where a list is asked for, one item is a list of one."""
        if isinstance(word.value, Upload):
            kinds = kinds_of(schema, self._schema, set())
            return [word.value] if "array" in kinds and "string" not in kinds else word.value
        return typed(word.value, schema, self._schema) if word.is_text else word.value

    def _may_hold(self, steps: tuple[str, ...], word: Field) -> bool:
        """Whether the body knows the key, as far as a closed schema can tell."""
        schema: Any = self._schema
        for index, step in enumerate(steps):
            said = described(schema, self._schema)
            if step and not is_index(step) and not said.is_open and step not in said.names:
                names = [*said.names, *(self._parameters if index == 0 else [])]
                where = _BODY.at(list(steps[: index + 1])) if index else word.key
                self._fault(where, f"the body has no such field{hint(step, names)}")
                return False
            schema = child_schema(schema, self._schema, step)
        return True

    def _check_given(self, media: Media) -> None:
        if not is_unicode(self.value):
            self._fault("body", NO_TEXT)
            return
        if media.kind in (Kind.URLENCODED, Kind.MULTIPART) and not isinstance(self.value, dict):
            self._fault("body", f"a {media.kind} is an object of fields")
            return
        if not media.kind.has_fields:
            self._check_whole(media)
            return
        self._check_files(media)
        places = {_BODY.at(steps) for steps, each in _files_in(self.value, [])}
        judged = self._judge(replaced(self.value, _stand_in), self._schema, _BODY)
        self._judgement.faults += [each for each in judged.faults if each.where not in places]
        self._judgement.notes += judged.notes
        self._check_fields({each.where for each in judged.faults})

    def _check_whole(self, media: Media) -> None:
        """Text is held against its schema; of a file nothing is read before it is sent."""
        if isinstance(self.value, Upload):
            return
        if not isinstance(self.value, str):
            self._fault("body", f"is {media.name}, and must be given as text or a file")
            return
        if media.kind is Kind.TEXT:
            self._judgement.faults += self._judge(
                typed(self.value, self._schema), self._schema, _BODY
            ).faults
        try:
            self.value.encode(charset_of(media.name))
        except (LookupError, UnicodeEncodeError):
            self._fault("body", f"cannot be written in {charset_of(media.name)}")

    def _check_files(self, media: Media) -> None:
        for steps, upload in _files_in(self.value, []):
            where = _BODY.at(steps)
            if media.kind is not Kind.MULTIPART:
                if isinstance(upload, Upload):
                    why = f"uploads a file, and the body is {media.name}; {steps[-1]}=@FILE"
                    self._fault(where, f"{why} sends its text")
            elif not isinstance(upload, Upload):
                # What an action keeps as `$file` is made by uploading alone.
                self._fault(where, "names a kept file; upload it: key@FILE")
            elif len(steps) > 2 or (len(steps) == 2 and not steps[1].isdigit()):
                self._fault(where, "a file is a field of its own, not inside another")

    def _check_fields(self, told: set[str]) -> None:
        """Fields that only answers have, and names that nobody knows."""
        before = len(self._judgement.faults)
        for steps, value, said in walk(self.value, self._schema, self._schema):
            if len(self._judgement.faults) - before > _MOST_TOLD:
                return
            for key in value:
                where = _BODY.at([*steps, key])
                if key in said.names:
                    if is_read_only(said.names[key][0], self._schema):
                        self._fault(where, "is set by the API, and cannot be given (readOnly)")
                elif not said.is_open and where not in told:
                    other = meant(key, said.names, value)
                    if other is not None:
                        self._fault(where, f"is not known; did you mean '{other}'?")
                    else:
                        why = f"is not in the document{hint(key, said.names)}"
                        self._judgement.notes.append(f"{where}: {why}")

    def _missing(self) -> Fault:
        names = required_of(self._schema, self._schema)
        why = f"is required: {', '.join(names)}" if names else "is required"
        has_fields = self._media is not None and self._media.kind.has_fields
        asked = [
            each for name in names if has_fields for each in missing_fields(self._schema, [name])
        ]
        is_file = self._media is not None and self._media.kind is Kind.BINARY
        whole = Missing("body", "body", self._schema, is_file=is_file)
        return Fault("body", why, tuple(asked) or (whole,))

    def _fault(self, where: str, why: str) -> None:
        self._judgement.faults.append(Fault(where, why))


def given_of(arguments: Arguments, words: list[Field]) -> Given:
    """What a person gave, as far as it decides between the media types that a route offers."""
    if any(isinstance(each.value, Upload) for each in words):
        return Given(has_uploads=True)
    raw = arguments.body
    if not isinstance(raw, RawBody):
        return Given()
    if raw.upload is None:
        return _given_text(raw)
    stem, dot, ending = raw.upload.path.rpartition(".")
    suffix = f".{ending.lower()}" if dot and stem and "/" not in ending else ""
    suggested = "" if suffix in _YAML else raw.upload.media_type
    return Given(suggested=suggested, is_raw=suffix not in _MAY_BE_JSON)


def _given_text(raw: RawBody) -> Given:
    text = raw.read().lstrip()
    if text.startswith("<"):
        return Given(suggested="application/xml", is_raw=True)
    try:
        read_json(text, raw.name)
    except WordFault:
        if text.startswith(("{", "[")):
            return Given()
        return Given(suggested="text/plain", is_raw=True)
    return Given()


def _read_yaml(text: str, name: str) -> Any:
    # YAML is read by few, and its reader takes a while to load.
    from ouro_cli.openapi.yaml_text import YamlFault, read_yaml  # noqa: PLC0415

    try:
        return read_yaml(text)
    except YamlFault as fault:
        raise WordFault(f"{name}: invalid YAML at {fault}") from None


def _files_in(value: Any, steps: list[str]) -> Iterator[tuple[list[str], Any]]:
    """Every file in a value, named or already kept, with the way to it."""
    if isinstance(value, Upload) or kept_file(value) is not None:
        yield steps, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _files_in(each, [*steps, key])
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _files_in(each, [*steps, str(index)])


def _stand_in(upload: Upload) -> str:
    """Text that takes a file's place while the rest is judged."""
    return f"file {upload.path}"
