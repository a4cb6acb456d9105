"""A text as a reader sees it, and as one searches for it, however a keyboard or its writer spelt it.

Law: what looks alike on a screen is one; what is kept and shown stays as it was written.
"""

import re
import unicodedata
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_UNSEEN: Final = (
    "Cc",
    "Cf",
)  # of the first all but white space: a NUL would besides end a text where SQLite searches it
# Marks that sit on letters, among other signs, more of them than any letter carries: sorting them takes the square.
_HEAP: Final = re.compile(r"[^\x00-\x7f\w]([^\x00-\x7f\w]|[\uff9e\uff9f]){30,}")
# Arabic decimal separator, comma and semicolon; prime and apostrophe; ring above.
_SIGNS: Final = str.maketrans("\u066b\u060c\u061b\u2032\u2019\u030a", ".,;''\u00b0")
# Arabic yeh and alef maksura, kaf, teh marbuta, heh goal and ae, for Farsi yeh, keheh and heh.
_SAME: Final = str.maketrans("\u064a\u0649\u0643\u0629\u06c1\u06d5", "\u06cc\u06cc\u06a9\u0647\u0647\u0647")


def plain_text(text: str) -> str:
    """Return a text as a reader sees it: compatible letters made one (NFKC), invisible ones gone, signs of ASCII.

    Of a heap of marks each counts once, in the order that NFKC puts them in.
    """
    if text.isascii() and not _CONTROL.search(text):
        return text
    text = _HEAP.sub(lambda heap: "".join(sorted(dict.fromkeys(heap[0]), key=unicodedata.combining)), text)
    seen = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    return "".join(letter for letter in seen if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)


def folded(text: str) -> str:
    """Return a text as it is searched for: no case, no vowel signs or joiners, one letter for each keyboard's own.

    Pashto, Dari and Urdu keyboards, and Arabic ones, write other letters where a reader sees the same word.
    """
    seen = unicodedata.normalize("NFKD", plain_text(text).casefold()).translate(_SAME)
    return "".join(letter for letter in seen if not unicodedata.combining(letter))
