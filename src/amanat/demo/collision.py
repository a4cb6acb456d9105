"""The seventh attack's arithmetic: one AES-GCM ciphertext that opens, tag and all, to two texts under two keys.

AES-GCM does not commit to its key. Its tag is a polynomial over GF(2^128) (NIST SP 800-38D, sections 6.3 to 6.5), so
one free block of ciphertext is enough to make two keys agree on it: one linear equation. Law: used to attack, never to
protect; what protects is in `seal` and all of it from the library.
"""

from itertools import accumulate, repeat

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from amanat.seal.envelope import NONCE

BLOCK = 16
_REDUCTION = 0xE1 << 120  # x^128 + x^7 + x^2 + x + 1, bits in GCM's order
_ONE = 1 << 127


def two_texts(keys: tuple[bytes, bytes], texts: tuple[bytes, bytes], header: bytes) -> bytes:
    """Return ciphertext and tag that both AEAD `keys` open with `header` as associated data, under the zero nonce.

    Under the first key it begins with the first text; under the second key the second text stands right behind that.
    What is not one's own text is noise. Texts are filled up with spaces to blocks of 16 bytes.
    """
    first, second = (text.ljust(-len(text) // BLOCK * -BLOCK) for text in texts)
    end = len(first) + len(second)
    ours, theirs = (_blocks(key, 2, end) for key in keys)
    fixed = _xor(first, ours[: len(first)]) + _xor(second, theirs[len(first) : end])
    ciphertext = fixed + _free_block(keys, fixed, header)
    return ciphertext + _tag(keys[0], ciphertext, header).to_bytes(BLOCK)


def _free_block(keys: tuple[bytes, bytes], fixed: bytes, header: bytes) -> bytes:
    """Return the last block X that makes both tags equal: X · (H1² + H2²) = tag1 + tag2 with X left zero."""
    open_ended = fixed + bytes(BLOCK)
    difference = _tag(keys[0], open_ended, header) ^ _tag(keys[1], open_ended, header)
    squares = (multiply(hash_key, hash_key) for hash_key in map(_hash_key, keys))
    return multiply(difference, _inverse(next(squares) ^ next(squares))).to_bytes(BLOCK)


def _tag(key: bytes, ciphertext: bytes, header: bytes) -> int:
    """Return GCM's tag: GHASH over header, ciphertext and lengths, masked with the first counter block."""
    lengths = (8 * len(header)).to_bytes(8) + (8 * len(ciphertext)).to_bytes(8)
    padded = header + bytes(-len(header) % BLOCK) + ciphertext + bytes(-len(ciphertext) % BLOCK) + lengths
    hash_key, hashed = _hash_key(key), 0
    for at in range(0, len(padded), BLOCK):
        hashed = multiply(hashed ^ int.from_bytes(padded[at : at + BLOCK]), hash_key)
    return hashed ^ int.from_bytes(_blocks(key, 1, BLOCK))


def multiply(left: int, right: int) -> int:
    """Return the product in GF(2^128), both bit strings in GCM's order (SP 800-38D, section 6.3)."""
    shifted = accumulate(repeat(None, 127), lambda v, _: v >> 1 ^ (_REDUCTION if v & 1 else 0), initial=left)
    product = 0
    for bit, value in enumerate(shifted):
        if right >> (127 - bit) & 1:
            product ^= value
    return product


def _inverse(value: int) -> int:
    """Return value^(2^128 - 2), which is 1 / value."""
    power, result = value, _ONE
    for _ in range(127):
        power = multiply(power, power)
        result = multiply(result, power)
    return result


def _hash_key(key: bytes) -> int:
    """Return H, the block cipher of the zero block."""
    return int.from_bytes(_encrypt(key, bytes(BLOCK), BLOCK))


def _blocks(key: bytes, counter: int, size: int) -> bytes:
    """Return `size` bytes of key stream from a counter block of the zero nonce: 1 masks the tag, 2 begins the text."""
    return _encrypt(key, NONCE + counter.to_bytes(4), size)


def _encrypt(key: bytes, block: bytes, size: int) -> bytes:
    return Cipher(AES(key), CTR(block)).encryptor().update(bytes(size))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
