"""A request as a curl command for a POSIX shell; secrets stand in it as shell variables."""

import re
from collections.abc import Iterator

from ouro_cli.wire import parameters
from ouro_cli.wire.forms import FileBytes, Multipart, Part, WireBody, pieces_of
from ouro_cli.wire.request import UpstreamRequest, scheme_word

_GLOBBED = re.compile(r"[\[\]{}]")
_DOTS = re.compile(r"/(\.|%2e){1,2}(/|$|\?)", re.IGNORECASE)


def curl_line(request: UpstreamRequest) -> str:
    """The request as one command line that sends the same, its files by their paths."""
    # curl waits for a body where HEAD is but the name of the method.
    is_head = request.method == "HEAD" and request.body is None
    parts = ["curl", "--head"] if is_head else ["curl", "-X", _word(request.method)]
    if _GLOBBED.search(request.url):
        parts.append("--globoff")
    if _DOTS.search(request.url):
        parts.append("--path-as-is")
    has_fields = isinstance(request.body, Multipart) and _are_fields(request.body.parts)
    for name, value in request.headers:
        if has_fields and name.lower() == "content-type":
            # curl chooses a boundary of its own.
            continue
        # `Name: ` would have curl leave the header out.
        parts += ["-H", _quoted(f"{name}: {value}" if value else f"{name};")]
    for name, value in request.secret_headers:
        parts += ["-H", f'{_quoted(f"{name}: {scheme_word(name, value)}")}"{_variable(name)}"']
    if request.digest is not None:
        parts += ["--digest", "--user", '"$OURO_DIGEST"']
    before = ""
    if request.body is not None:
        if isinstance(request.body, Multipart) and has_fields:
            parts += [word for part in request.body.parts for word in _field(part)]
        else:
            before, words = _data(request.body)
            parts += words
    url = _quoted(request.url)
    for index, (name, _) in enumerate(request.secret_query):
        joint = "?" if index == 0 and "?" not in request.url else "&"
        url += f'"{joint}{parameters.encode(name)}={_variable(name)}"'
    parts.append(url)
    return before + " ".join(parts)


def _data(body: WireBody) -> tuple[str, list[str]]:
    """The words that give curl a body, and what is to be piped into it."""
    if isinstance(body, FileBytes):
        return "", ["--data-binary", _quoted(f"@{_path(body)}")]
    if isinstance(body, bytes) and _is_argument(body):
        return "", ["--data-raw", _quoted(body.decode())]
    commands = "; ".join(_printed(body))
    return f"{{ {commands}; }} | ", ["--data-binary", "@-"]


def _printed(body: WireBody) -> Iterator[str]:
    """Shell commands that write the body: what no argument can hold is written in octal."""
    for piece in pieces_of(body):
        if isinstance(piece, FileBytes):
            yield f"cat {_quoted(_path(piece))}"
        elif piece:
            escaped = "".join(
                chr(each) if 32 <= each < 127 and each not in b"\\%" else f"\\{each:03o}"
                for each in piece
            )
            yield f"printf -- {_quoted(escaped)}"


def _are_fields(parts: tuple[Part, ...]) -> bool:
    """Whether curl's own way to write a form can say these parts."""
    return bool(parts) and all(map(_is_field, parts))


def _is_field(part: Part) -> bool:
    if "=" in part.name or not part.name or part.headers or not _is_argument(part.name.encode()):
        return False
    if isinstance(part.content, FileBytes):
        return _is_argument(f"{part.content.path}{part.content.filename}".encode())
    return _is_argument(part.content)


def _field(part: Part) -> list[str]:
    if isinstance(part.content, FileBytes):
        file = part.content
        said = f"{part.name}=@{_inner(_path(file))};type={part.media_type}"
        return ["-F", _quoted(f"{said};filename={_inner(file.filename)}")]
    text = part.content.decode()
    if not part.media_type:
        return ["--form-string", _quoted(f"{part.name}={text}")]
    return ["-F", _quoted(f"{part.name}={_inner(text)};type={part.media_type}")]


def _path(file: FileBytes) -> str:
    """The path so that no program takes it for an option or for standard input."""
    return f"./{file.path}" if file.path.startswith("-") and file.path != "-" else file.path


def _is_argument(data: bytes) -> bool:
    """Whether a command line can hold the bytes as they are."""
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def _inner(text: str) -> str:
    """Text in curl's own quotes, where neither `;` nor `,` ends it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _word(text: str) -> str:
    return text if re.fullmatch("[A-Za-z-]+", text) else _quoted(text)


def _variable(name: str) -> str:
    return "$OURO_" + re.sub("[^A-Z0-9]", "_", name.upper())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
