"""Make the test vectors beside the protocol pages: `python tests/protocol/make_vectors.py` writes docs/protocol/vectors.

Keys, content keys, ids and times are fixed. HPKE and ML-DSA draw at random; what they drew is kept in `data/drawn.json`
and used again, so that making the vectors a second time gives the same bytes (test_vectors.py asks for that).
"""

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent.parent / "docs" / "protocol" / "vectors"
DRAWN = HERE / "data" / "drawn.json"
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from protocol.attachments import attachments  # noqa: E402 - run as a script, tests/ must be found first
from protocol.bundles import bundles  # noqa: E402
from protocol.envelopes import envelopes  # noqa: E402
from protocol.receipts import receipts  # noqa: E402
from protocol.uploads import uploads  # noqa: E402


@dataclass
class Chance:
    """What random operations gave, by what they were asked: drawn once, then kept."""

    kept: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def __call__(self, asked: bytes, draw: Callable[[], bytes]) -> bytes:
        """Return what was drawn for this question before; else draw, and keep it."""
        key = hashlib.sha256(asked).hexdigest()
        self.used.add(key)
        if key not in self.kept:
            self.kept[key] = base64.b64encode(draw()).decode()
        return base64.b64decode(self.kept[key])


def kept() -> Chance:
    """Return what is kept in the repository."""
    return Chance(json.loads(DRAWN.read_text("ascii")) if DRAWN.exists() else {})


def make(chance: Chance) -> dict[str, str]:
    """Return the text of each vector file by name."""
    envelope_file = envelopes(chance)
    (one,) = (each for each in envelope_file["vectors"] if each["name"] == "one")
    receipt_file = receipts(chance, base64.b64decode(one["envelope"]))
    files = {"envelope": envelope_file, "receipt": receipt_file, "bundle": bundles(receipt_file, one)}
    files |= {"attachment": attachments(), "witness": uploads()}
    return {f"{name}.json": _text(content) for name, content in files.items()}


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the vector files, and keep what was drawn and used."""
    chance = kept()
    for name, text in make(chance).items():
        (VECTORS / name).write_text(text, "utf-8")
    DRAWN.write_text(json.dumps({key: chance.kept[key] for key in sorted(chance.used)}, indent=1) + "\n", "ascii")


if __name__ == "__main__":
    main()
