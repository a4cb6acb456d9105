"""What operators type, read and checked as it is typed: codes, names, lines, markings, gradings and times.

Law: what does not fit is refused before anything is opened, in words that show what would; no pattern is printed.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import typer

from amanat.officer.may import ROLES
from amanat.party.manifest import Name
from amanat.party.types import Line, PartyCode
from amanat.record.handling import H_MEANING, STRICTNESS, Grading
from amanat.record.record import PostName, Uuid7

_PREFIX = "TLP:"
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)


def party_code(text: str) -> str:
    """Read a party's code."""
    if not fits(text, PartyCode):
        raise typer.BadParameter(f"{text!r} is no party's code: small letters, digits and hyphens, such as pk or obs")
    return text


def log_name(text: str) -> str:
    """Read the name a party's logs are called by."""
    if not fits(text, Name):
        raise typer.BadParameter(f"{text!r} is no name for logs: small letters, digits, hyphens, dots: pk.example")
    return text


def post_name(text: str) -> str:
    """Read the name of a post."""
    if not fits(text, PostName):
        raise typer.BadParameter(f"{text!r} is no post: small letters, digits and . / -, such as torkham/duty")
    return text


def role(text: str) -> str:
    """Read an officer's role."""
    if text not in ROLES:
        raise typer.BadParameter(f"{text!r} is no role: {', '.join(ROLES)}")
    return text


def record_name(text: str) -> str:
    """Read "[PARTY:]ID" and leave it as it is; `split_name` takes it apart once our own party is known."""
    party, colon, id_ = text.rpartition(":")
    if not fits(id_, Uuid7) or (colon and not fits(party, PartyCode)):
        raise typer.BadParameter(
            f"{text!r} names no record: give what the first column of `amanat inbox` and `amanat outbox` says"
        )
    return text


def split_name(text: str, own: str) -> tuple[str, str]:
    """Return (party, id) of a name that `record_name` let pass; without a party the record is our own."""
    party, _, id_ = text.rpartition(":")
    return party or own, id_


def line(text: str) -> str:
    """Read a reason or caveat that others will read."""
    if not fits(text, Line):
        raise typer.BadParameter("it is to be one line of 1 to 400 characters, none of them hidden")
    return text


def tlp(text: str) -> str:
    """Read a traffic light, with or without its prefix, in any case."""
    marking = f"{_PREFIX}{text.upper().removeprefix(_PREFIX)}"
    if marking not in STRICTNESS:
        lights = ", ".join(each.removeprefix(_PREFIX) for each in STRICTNESS)
        raise typer.BadParameter(f"{text!r} is no traffic light: {lights}")
    return marking


def handling_code(text: str) -> str:
    """Read an H-code, in either case."""
    if text.upper() not in H_MEANING:
        raise typer.BadParameter(f"{text!r} is no handling code: {', '.join(H_MEANING)}")
    return text.upper()


def grading(text: str) -> str:
    """Read "4x4:B2" or "admiralty:C3" and leave it as it is; `split_grading` takes it apart."""
    if not fits(split_grading(text), Grading):
        raise typer.BadParameter(f"{text!r} is no grading: give scheme, source and information, such as 4x4:B2")
    return text


def split_grading(text: str) -> dict[str, str]:
    """Return the fields of a grading."""
    scheme, _, letters = text.partition(":")
    return {"scheme": scheme, "source": letters[:1], "information": letters[1:]}


def time(text: str) -> datetime:
    """Read a date or time of UTC, as RFC 3339 writes it."""
    try:
        read = datetime.fromisoformat(text if _DATE.fullmatch(text) else "")
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:  # the latter for an hour that UTC has only after the year 9999
        raise typer.BadParameter(f"{text!r} is no date: write 2026-11-24 or 2026-11-24T06:30:00Z") from error


def fits(value: object, type_: Any) -> bool:  # noqa: ANN401 - an annotated type is no class
    """Whether a value is what an annotated type says, and can be written: what was typed may be no UTF-8."""
    try:
        msgspec.json.encode(msgspec.convert(value, type_))
    except (msgspec.ValidationError, UnicodeEncodeError):
        return False
    return True
