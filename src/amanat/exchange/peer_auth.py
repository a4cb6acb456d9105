"""Which party a request comes from: HTTP Message Signatures (RFC 9421) by a record key of its manifest.

The signature covers the method, the path and query, the body's digest (RFC 9530) and a nonce that the server gave.
Nonces take the place of clocks: a wrong clock of either side stops nothing. A nonce is used once, and lives ten minutes
by the server's own counting; who has none, or an old one, is answered 401 with a fresh one and asks again.
"""

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.digests import ContentDigest
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from amanat.party.errors import Refused
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest, record_keys

TAG: Final = "amanat-peer-v1:"
"""And the code of the party asked: else whoever is asked could show the head to another, under a nonce of that one."""
NONCE_HEADER: Final = "amanat-nonce"
PARTY_HEADER: Final = "amanat-party"
COVERED: Final = ("@method", "@path", "@query", "content-digest", PARTY_HEADER)
NONCE_SECONDS: Final = 600
_ONCE: Final = frozenset({PARTY_HEADER, "content-digest", "signature", "signature-input", "date"})
"""Fields that stand once in a request, so that no two readers take another for the one that counts."""
_NONCE = re.compile(r';nonce="([A-Za-z0-9_=-]{1,200})"')
_WHOLE_NONCE = re.compile(r"[A-Za-z0-9_=-]{1,200}")
_RANDOM_BYTES, _TIME_BYTES, _MAC_BYTES = 16, 8, 32


@dataclass(slots=True)
class Message:
    """A request as the library reads one; `url` is a full one, of which the path is signed."""

    method: str
    url: str
    headers: MutableMapping[str, str]


@dataclass(frozen=True, slots=True)
class _OneKey(HTTPSignatureKeyResolver):
    """Answers for the keys of one party, by key id."""

    public: Mapping[str, bytes]

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        """Return a key that the party's manifest lists, or None."""
        raw = self.public.get(key_id)
        return None if raw is None else Ed25519PublicKey.from_public_bytes(raw)


def sign(url: str, body: bytes, parties: tuple[str, str], key: Ed25519PrivateKey, nonce: str) -> Mapping[str, str]:
    """Return the headers of a signed POST of `body` to `url`; `parties` are who asks and who is asked.

    Written out, in the one form in which we sign: the library, which verifies whatever form a peer chooses, takes many
    times as long for it.
    """
    (asks, asked), at = parties, urlsplit(url)
    digest = f"sha-256=:{_base64(hashlib.sha256(body).digest())}:"
    signs = key_id(key.public_key().public_bytes_raw())
    params = f'({" ".join(map(_quoted, COVERED))});keyid="{signs}";alg="ed25519";nonce="{nonce}";tag="{TAG}{asked}"'
    values = {"@method": "POST", "@path": at.path, "@query": f"?{at.query}", "content-digest": digest}
    values[PARTY_HEADER] = asks
    covered = [f"{_quoted(name)}: {values[name]}" for name in COVERED]
    signature = key.sign("\n".join((*covered, f'"@signature-params": {params}')).encode())
    return {
        PARTY_HEADER: asks,
        "Content-Digest": digest,
        "Signature-Input": f"amanat={params}",
        "Signature": f"amanat=:{_base64(signature)}:",
    }


def _quoted(name: str) -> str:
    return f'"{name}"'


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def claimed_nonce(headers: Mapping[str, str]) -> str:
    """Return the nonce that a request claims to be signed under, "" when it claims none."""
    found = _NONCE.search(headers.get("signature-input", ""))
    return found[1] if found else ""


def is_nonce(text: str) -> bool:
    """Whether a text can be a nonce at all: what a peer gives goes into our own fields."""
    return _WHOLE_NONCE.fullmatch(text) is not None


def plain(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a request's fields by name. Raises `Refused` when one that counts stands twice."""
    found = dict[str, str]()
    for name, value in fields:
        if name.lower() in _ONCE and name.lower() in found:
            raise _unsigned(f"{name.lower()} stands twice")
        found[name.lower()] = value
    return found


def require_signed(message: Message, manifest: Manifest, asked: str) -> str:
    """Return the nonce under which a party's record key signed the head of a request to `asked`. Raises `Refused`.

    The head names the body's digest: so whoever is nobody here is sent away before any of his body is read.
    """
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=_OneKey(record_keys(manifest)))
    verifier.require_created = False
    verifier.validate_created_and_expires = _no_clock  # type: ignore[method-assign]
    try:
        (result,) = verifier.verify(message, max_age=None, expect_tag=TAG + asked, require_components=COVERED)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise _unsigned(f"no record key of {manifest.party} signed it for {asked}") from error
    return result.nonce or ""


def require_body(message: Message, body: bytes) -> None:
    """Require the body whose digest the head names. Raises `Refused`."""
    try:
        ContentDigest.verify(message.headers["content-digest"], body)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise _unsigned("its body is not the one whose digest was signed") from error


def _unsigned(why: str) -> Refused:
    return Refused(
        "peer.unsigned",
        f"The request does not show who asks: {why}.",
        "Sign it by RFC 9421 as docs/protocol/peer-api.md says, with a key in the latest manifest given here.",
        by="who may ask",
    )


def _no_clock(*_arguments: object, **_options: object) -> None:
    """Times in a signature are not looked at: nonces keep requests from being played again."""


@dataclass(slots=True)
class Nonces:
    """Nonces given and taken back. Nothing is kept of one that was given, only of those that came back signed."""

    random: Callable[[int], bytes]
    seconds: Callable[[], float]  # of a clock that never goes back
    secret: bytes = b""
    used: dict[bytes, float] = field(default_factory=dict)
    using: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Draw the secret by which this process knows its own nonces."""
        self.secret = self.random(_MAC_BYTES)

    def give(self) -> str:
        """Return a fresh nonce."""
        text = int(self.seconds()).to_bytes(_TIME_BYTES) + self.random(_RANDOM_BYTES)
        return base64.urlsafe_b64encode(text + self._mac(text)).decode()

    def knows(self, nonce: str) -> bool:
        """Whether a nonce is ours, young and was not used."""
        text = self._ours(nonce)
        return text is not None and text not in self.used

    def take(self, nonce: str) -> bool:
        """Use a nonce up, once the signature was checked; whether it could still be used."""
        text = self._ours(nonce)
        with self.using:
            if text is None or text in self.used:
                return False
            now = self.seconds()
            while self.used and now - next(iter(self.used.values())) > NONCE_SECONDS:
                del self.used[next(iter(self.used))]
            self.used[text] = now
            return True

    def _ours(self, nonce: str) -> bytes | None:
        """Return what names a nonce, when it is ours and young: one nonce has many spellings in base64."""
        try:
            raw = base64.urlsafe_b64decode(nonce)
        except ValueError:
            return None
        text, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(text) != _TIME_BYTES + _RANDOM_BYTES or not hmac.compare_digest(mac, self._mac(text)):
            return None
        return text if self.seconds() - int.from_bytes(text[:_TIME_BYTES]) <= NONCE_SECONDS else None

    def _mac(self, text: bytes) -> bytes:
        return hmac.new(self.secret, text, hashlib.sha256).digest()
