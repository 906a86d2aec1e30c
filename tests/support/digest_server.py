"""A server that asks for digest authentication and checks every proof by the words of RFC 7616."""

import hashlib
import re
import secrets

from tests.support.upstream import Call, Reply

USER, PASSWORD = "ada", "s3cret:with-colon"
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


class DigestServer:
    """Challenges what carries no right proof, with a nonce that serves once."""

    def __init__(self, *algorithms: str, qop: str | None = "auth") -> None:
        self.algorithms = algorithms or ("MD5",)
        self.qop = qop
        self._nonces: set[str] = set()

    def __call__(self, call: Call) -> Reply:
        if self._is_proven(call):
            return Reply(200, {"you": USER})
        nonce = secrets.token_hex(16)
        self._nonces.add(nonce)
        qop = f', qop="{self.qop}"' if self.qop else ""
        # One header field, since a reply here has each name once; a list of challenges is one too.
        offered = ", ".join(
            f'Digest realm="a, b", nonce="{nonce}", algorithm={each}, opaque="o"{qop}'
            for each in self.algorithms
        )
        return Reply(401, {"detail": "prove it"}, {"www-authenticate": offered})

    def _is_proven(self, call: Call) -> bool:
        word, _, told = call.headers.get("authorization", "").partition(" ")
        said = {
            name: quoted or plain
            for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]*))', told)
        }
        if word != "Digest" or said.get("nonce") not in self._nonces:
            return False
        self._nonces.discard(said["nonce"])
        algorithm = said.get("algorithm", "MD5")

        def hashed(text: str) -> str:
            return _HASHES[algorithm.removesuffix("-sess")](text.encode()).hexdigest()

        first = hashed(f"{USER}:{said['realm']}:{PASSWORD}")
        if algorithm.endswith("-sess"):
            first = hashed(f"{first}:{said['nonce']}:{said['cnonce']}")
        second = hashed(f"{call.method}:{call.path}")
        between = [said["nonce"]]
        if self.qop:
            between += [said["nc"], said["cnonce"], said["qop"]]
        right = hashed(":".join([first, *between, second]))
        return (said["response"], said["uri"], said["opaque"]) == (right, call.path, "o")
