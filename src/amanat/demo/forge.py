"""Envelopes made by hand, as somebody makes them who holds real keys and bends every rule but mathematics.

Law: nothing here is checked; that is its purpose. The honest road is `seal`, and only that is used to send.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amanat.party.manifest import Manifest, sealing_key_at
from amanat.seal.envelope import DIGEST_BYTES, NONCE, SIGNATURE_BYTES
from amanat.seal.header import SUITE, Core, Header, aead_key, commitment, parse_header, wrap_info


def plaintext_of(envelope: bytes, content_key: bytes) -> bytes:
    """Return signature ‖ header digest ‖ record, as everybody holds it who could open the envelope."""
    header = parse_header(envelope).data
    return AESGCM(aead_key(content_key)).decrypt(NONCE, envelope[len(header) :], header)


def refitted(plaintext: bytes, header: Header) -> bytes:
    """Return the plaintext with its header digest made to fit another header; the signature stays the old one."""
    signature, record = plaintext[:SIGNATURE_BYTES], plaintext[SIGNATURE_BYTES + DIGEST_BYTES :]
    return signature + sha256(header.data).digest() + record


def address_by_hand(
    core: Core, content_keys: Mapping[str, bytes], manifests: Mapping[str, Manifest], now: datetime
) -> Header:
    """Return a header like `core` for the parties in `content_keys`, each given a content key of its own.

    It commits to the key of the first of them by code. An honest header wraps one key for all.
    """
    parties = sorted(content_keys)
    chosen = {party: sealing_key_at(manifests[party], now) for party in parties}
    to = tuple((party, key_id) for party, (key_id, _) in chosen.items())
    core = replace(core, to=to, commitment=commitment(content_keys[parties[0]]).hex())
    core_bytes = core.encode()
    wraps = tuple(
        SUITE.encrypt(content_keys[party] + (1).to_bytes(8), public, info=wrap_info(core_bytes, key_id))
        for party, (key_id, public) in chosen.items()
    )
    return Header(core, core_bytes, core_bytes + b"".join(wraps))


def seal_by_hand(header: Header, content_key: bytes, plaintext: bytes) -> bytes:
    """Return an envelope of any plaintext under any header."""
    return header.data + AESGCM(aead_key(content_key)).encrypt(NONCE, plaintext, header.data)


def open_by_hand(header: Header, content_key: bytes, sealed: bytes) -> bytes:
    """Open a sealed part by AES-GCM alone, tag checked, as a reader would who asked for no commitment."""
    return AESGCM(aead_key(content_key)).decrypt(NONCE, sealed, header.data)
