"""What is shown in a language together with its English: the two go along wherever they are put into a sentence.

Law: what stands beside an unreviewed translation is English throughout, its numbers and lengths of time included, so
that it can be read by itself; what somebody wrote (`bdi` in templates) is not said there once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

_CODE = Markup('<bdi class="code" dir="ltr">{}</bdi>')


@dataclass(frozen=True, slots=True)
class Both:
    """Words in a language, and the same in English, which stands beside them unless somebody reviewed them."""

    words: Markup
    english: Markup
    reviewed: bool

    def __html__(self) -> str:
        """Return what a page shows (markupsafe's protocol)."""
        if self.reviewed:
            return self.words
        # The space stands in the small: before it, a link would underline it, and there none is drawn.
        small = Markup('<small class="beside" lang="en" dir="ltr"> {}</small>').format(self.english)
        return Markup('<span class="said">{}{}</span>').format(self.words, small)

    __str__ = __html__


Value = Both | str | int


def fill(words: Markup, english: Markup, values: Mapping[str, Value], *, reviewed: bool) -> Both:
    """Return a message with its values: in each of the two forms those of that form."""
    own = {name: each.words if isinstance(each, Both) and not reviewed else each for name, each in values.items()}
    said = words % own
    alone = reviewed and words == english  # in English there is nothing beside
    return Both(said, said if alone else english % {name: in_english(each) for name, each in values.items()}, reviewed)


def in_english(value: Value) -> Markup:
    """Return the English of a value; one that is the same in every language as it is."""
    return value.english if isinstance(value, Both) else escape(value)


def as_code(written: str) -> Markup:
    """Return what stands for itself in every language, such as a party's code, an id or a digest, as it is written."""
    return _CODE.format(written)


def alike(words: str, english: str) -> Both:
    """Return what is written, not worded, in a language's own way: a number, a length of time. Nobody reviews that."""
    return Both(escape(words), escape(english), reviewed=True)
