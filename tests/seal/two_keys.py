"""One AES-256-GCM ciphertext that opens under two keys: why an envelope commits to its key.

GCM's tag is a polynomial in H = AES(key, 0) over GF(2^128) (NIST SP 800-38D, section 6.4), masked with AES(key, J0).
Two keys give two such tags of one ciphertext; one free block of 16 bytes is one linear equation that makes them equal.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 16
REDUCTION = 0xE1 << 120  # section 6.3: R = 11100001 ‖ 0^120


def times(left: int, right: int) -> int:
    """Multiply in GF(2^128), bits in GCM's order (section 6.3, algorithm 1)."""
    product, shifted = 0, right
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= shifted
        shifted = shifted >> 1 ^ (REDUCTION if shifted & 1 else 0)
    return product


def power(base: int, exponent: int) -> int:
    """Raise in GF(2^128)."""
    result = 1 << 127
    while exponent:
        if exponent & 1:
            result = times(result, base)
        base, exponent = times(base, base), exponent >> 1
    return result


def block(key: bytes, counter: int) -> int:
    """AES of the counter block with the zero nonce; counter 0 gives H, 1 the tag's mask, 2 the first key stream."""
    encryptor = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - single blocks are what GCM is made of
    return int.from_bytes(encryptor.update(counter.to_bytes(BLOCK, "big")), "big")


def tag(key: bytes, header: bytes, ciphertext: bytes) -> int:
    """GCM's tag of whole blocks of ciphertext with `header` as associated data and the zero nonce (section 7.1)."""
    h, hashed = block(key, 0), 0
    lengths = (8 * len(header)).to_bytes(8, "big") + (8 * len(ciphertext)).to_bytes(8, "big")
    whole = header + bytes(-len(header) % BLOCK) + ciphertext + lengths
    for at in range(0, len(whole), BLOCK):
        hashed = times(hashed ^ int.from_bytes(whole[at : at + BLOCK], "big"), h)
    return hashed ^ block(key, 1)


def collide(first: bytes, second: bytes, header: bytes, plaintext: bytes) -> bytes:
    """Return ciphertext ‖ tag that both AEAD keys open; under `first` it begins with `plaintext` (whole blocks).

    The free block stands last, two multiplications by H before the mask, so the difference of the tags is divided by
    H1^2 + H2^2.
    """
    stream = b"".join(block(first, 2 + at).to_bytes(BLOCK, "big") for at in range(len(plaintext) // BLOCK))
    fixed = bytes(a ^ b for a, b in zip(plaintext, stream, strict=True)) + bytes(BLOCK)
    difference = tag(first, header, fixed) ^ tag(second, header, fixed)
    squares = power(block(first, 0), 2) ^ power(block(second, 0), 2)
    free = times(difference, power(squares, 2**128 - 2))
    ciphertext = fixed[:-BLOCK] + free.to_bytes(BLOCK, "big")
    return ciphertext + tag(first, header, ciphertext).to_bytes(BLOCK, "big")
