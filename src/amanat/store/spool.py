"""A file on its way in: on the disk, whatever its size, and readable by nobody but the process that takes it in.

Law: plaintext of a file never lies on the disk, not even under no name. It is encrypted by a key that only memory holds
(AES-256 in counter mode, used for one file), so that a plug that is pulled leaves nothing to read. Nothing here is
trusted to be unaltered: whoever reads it holds it against a digest (`exchange.attachments.stage`).
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_KEY_BYTES, _NONCE_BYTES = 32, 16


class Spool:
    """Written once from its beginning, then read from its beginning as often as `seek(0)` says."""

    def __init__(self, folder: Path | None, random: Callable[[int], bytes]) -> None:
        """Begin an empty one on the disk of `folder`, or of the system's temporary files; `random(n)` gives n bytes."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `__exit__`
        self._cipher = Cipher(AES(random(_KEY_BYTES)), CTR(random(_NONCE_BYTES)))
        self._context: CipherContext = self._cipher.encryptor()
        self.size = 0

    def __enter__(self) -> Self:
        """Lend it to a block."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Let go of it: its key is forgotten, and its place on the disk free."""
        self._file.close()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(self._context.update(data))
        self.size += len(data)

    def seek(self, offset: Literal[0]) -> int:
        """Go back to the beginning."""
        self._context = self._cipher.decryptor()
        return self._file.seek(offset)

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most so many; b"" at the end."""
        return self._context.update(self._file.read(size))
