"""Three hundred names that a service, a page or an archive might give a file, to do harm."""

import itertools

_WAYS_UP = (
    "../", "..\\", "/", "\\", "C:\\", "\\\\server\\share\\", "//server/share/", "file:///", "~/",
    "~root/", "./../", "....//", "..%2f", "%2e%2e/", "..%5c", "..;/", "..\x00/", ".\u2024/",
    "\uff0e\uff0e\uff0f", "a/../../", "/proc/self/", "$HOME/", "`id`/", "CON/",
)  # fmt: skip
_TARGETS = (
    "etc/passwd", ".bashrc", ".ssh/authorized_keys", "registry.db", "config.toml", "x.cif",
    "victim.cif",
)  # fmt: skip
_RESERVED = (
    "con",
    "prn",
    "aux",
    "nul",
    "com1",
    "lpt9",
    "COM\u00b9",
    "conin$",
    "CON ",
    "nul.tar.gz",
)
_ENDINGS = ("", ".", ".txt", " .cif", "::$DATA", ":stream")
_ODD = (
    "", " ", ".", "..", "...", "-", "--help", "-rf", "--force", "-o", "~", "*", "?", "|id", ";id",
    "$(id)", "`id`", "&&id", "a\nb", "a\rb", "a\tb", "a\x00b", "a\x1b[2Jb", "\x1b]0;t\x07", "\x7f",
    "\x9b31m", "gpj\u202eexe.", "\u202egpj.exe", "a\u200bb", "\ufeffx", "\ud800", "x\udcff.cif",
    "\u2028", "a\u2029b", "\u00ad", "\U000e0041", ".ouro-draft", ".hidden", "..hidden", ". hidden",
    "-.x", ".-x", "~.-x", "x" * 255, "x" * 256, "x" * 5000, "\u00e9" * 200, "\U0001f9ea" * 90,
    "x." + "y" * 300, "." * 300, "-" * 300, "a/" * 300, "../" * 300, "x.cif/", "x.cif/.",
    "x.cif/..",
    "/dev/full", "/dev/stdout", "/dev/fd/1", "/proc/self/mem", "victim.cif\x00.txt",
    "victim.cif ", "victim.cif.", "./victim.cif", "link.cif", "folder.cif", "%00", "%2f", "\\",
    "filename*=UTF-8''x", 'a"; filename="b', "<script>", "a<b>c", "{{table}}", "%s%n",
)  # fmt: skip

HOSTILE_NAMES = [
    *(way + target for way, target in itertools.product(_WAYS_UP, _TARGETS)),
    *(stem + ending for stem, ending in itertools.product(_RESERVED, _ENDINGS)),
    *_ODD,
]
