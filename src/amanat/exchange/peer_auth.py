"""Which party a request comes from: HTTP Message Signatures (RFC 9421) by a record key of its manifest.

The signature covers the method, the path, the body's digest (RFC 9530) and a nonce that the server gave. Nonces take
the place of clocks: a wrong clock of either side stops nothing. A nonce is used once, and lives ten minutes by the
server's own counting; who has none, or an old one, is answered 401 with a fresh one and asks again.
"""

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from amanat.party.errors import Refused
from amanat.party.key_id import key_id
from amanat.party.manifest import Manifest, record_keys

TAG: Final = "amanat-peer-v1"
NONCE_HEADER: Final = "amanat-nonce"
PARTY_HEADER: Final = "amanat-party"
COVERED: Final = ("@method", "@path", "content-digest", PARTY_HEADER)
NONCE_SECONDS: Final = 600
_NONCE = re.compile(r';nonce="([A-Za-z0-9_=-]{1,200})"')
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
    private: Ed25519PrivateKey | None = None

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        """Return a key that the party's manifest lists, or None."""
        raw = self.public.get(key_id)
        return None if raw is None else Ed25519PublicKey.from_public_bytes(raw)

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:  # noqa: ARG002 - there is one
        """Return the key to sign with."""
        return self.private


def sign(url: str, body: bytes, party: str, key: Ed25519PrivateKey, nonce: str) -> Mapping[str, str]:
    """Return the headers of a signed POST of `body` to `url`."""
    message = Message("POST", url, {PARTY_HEADER: party})
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_OneKey({}, key))
    signer.sign(
        message,
        key_id=key_id(key.public_key().public_bytes_raw()),
        nonce=nonce,
        tag=TAG,
        label="amanat",
        covered_component_ids=COVERED,
        body=body,
    )
    return message.headers


def claimed_nonce(headers: Mapping[str, str]) -> str:
    """Return the nonce that a request claims to be signed under, "" when it claims none."""
    found = _NONCE.search(headers.get("signature-input", ""))
    return found[1] if found else ""


def require_signed(message: Message, body: bytes, manifest: Manifest) -> str:
    """Return the nonce under which a party's record key signed the request. Raises `Refused`."""
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=_OneKey(record_keys(manifest)))
    verifier.require_created = False
    verifier.validate_created_and_expires = _no_clock  # type: ignore[method-assign]
    try:
        (result,) = verifier.verify(message, max_age=None, expect_tag=TAG, require_components=COVERED, body=body)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise Refused(
            "peer.unsigned",
            f"The request is not signed by a record key of {manifest.party}: {error}.",
            "Sign it by RFC 9421 as docs/protocol/peer-api.md says, with a key in the latest manifest given here.",
            by="who may ask",
        ) from error
    return result.nonce or ""


def _no_clock(*_arguments: object, **_options: object) -> None:
    """Times in a signature are not looked at: nonces keep requests from being played again."""


@dataclass(slots=True)
class Nonces:
    """Nonces given and taken back. Nothing is kept of one that was given, only of those that came back signed."""

    random: Callable[[int], bytes]
    seconds: Callable[[], float]  # of a clock that never goes back
    secret: bytes = b""
    used: dict[str, float] = field(default_factory=dict)
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
        try:
            raw = base64.urlsafe_b64decode(nonce)
        except ValueError:
            return False
        text, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(text) != _TIME_BYTES + _RANDOM_BYTES or not hmac.compare_digest(mac, self._mac(text)):
            return False
        return self.seconds() - int.from_bytes(text[:_TIME_BYTES]) <= NONCE_SECONDS and nonce not in self.used

    def take(self, nonce: str) -> bool:
        """Use a nonce up, once the signature was checked; whether it could still be used."""
        with self.using:
            if not self.knows(nonce):
                return False
            now = self.seconds()
            while self.used and now - next(iter(self.used.values())) > NONCE_SECONDS:
                del self.used[next(iter(self.used))]
            self.used[nonce] = now
            return True

    def _mac(self, text: bytes) -> bytes:
        return hmac.new(self.secret, text, hashlib.sha256).digest()
