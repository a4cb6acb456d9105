"""What was typed of an account, read into statements and evidence; and an account typed back.

Law: what cannot be read is told with the number of the statement it stands in, and nothing is guessed. A form holds as
many statements as an account may have; one left empty is none.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from amanat.exchange.lexica import own_zone
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.party.lexicon import Language
from amanat.workspaces.liaison import places, slots
from amanat.workspaces.liaison.ground.drawn import typed_time, whole
from amanat.workspaces.liaison.incidents.kinds import (
    MOST_EVIDENCE,
    MOST_STATEMENTS,
    Account,
    Damage,
    Estimate,
    Evidence,
    Happened,
    Harmed,
    Held,
    Statement,
    When,
)
from amanat.workspaces.liaison.incidents.lists import LISTS
from amanat.workspaces.liaison.kinds import Spot
from amanat.workspaces.liaison.rules import SKEW

SORTS: Final = ("happened", "harmed", "damage")
_OF_STATEMENT: Final = (
    "sort",
    "did",
    "who",
    "place",
    "country",
    "time",
    "minutes",
    "arms",
    "count",
    "towards",
    "civilians",
    "killed",
    "wounded",
    "damaged",
    "damages",
)
_CHOSEN_ANYWAY: Final = frozenset(("who", "country", "minutes", "civilians"))
"""What a form says of a statement although nobody typed anything of it: lists that begin with a choice."""
_OF_EVIDENCE: Final = ("digest", "thing", "taken", "within", "held")
_FIELDS: Final = (
    *(f"{name}{number}" for number in range(MOST_STATEMENTS) for name in _OF_STATEMENT),
    *(f"{name}{number}" for number in range(MOST_EVIDENCE) for name in _OF_EVIDENCE),
    *(f"watcher-{each}" for each in LISTS["watcher"]),
)

Writing = msgspec.defstruct(
    "Writing",
    [("party", str), ("id", str), *((name.replace("-", "_"), str, "") for name in _FIELDS)],
    frozen=True,
    kw_only=True,
    namespace={"__doc__": "An account as it is typed: fields of each statement and each piece of evidence, by number."},
)


def typed_of(typed: msgspec.Struct) -> Mapping[str, str]:
    """Return what was typed, by the name of its field."""
    return {name: str(value) for name, value in msgspec.structs.asdict(typed).items()}


def statements(turn: Turn, typed: Mapping[str, str]) -> tuple[Statement, ...]:
    """Return the statements of an account, in the order of the form. Raises `Invalid`."""
    found = (statement(turn, typed, number) for number in range(MOST_STATEMENTS))
    return tuple(each for each in found if each is not None)


def statement(turn: Turn, typed: Mapping[str, str], number: int) -> Statement | None:
    """Return one of the statements, None where nothing was typed of it. Raises `Invalid`."""
    given = {name: typed.get(f"{name}{number}", "").strip() for name in _OF_STATEMENT}
    if not given["sort"]:
        if any(given[name] for name in _OF_STATEMENT if name not in _CHOSEN_ANYWAY):
            raise _wrong(number, "it is not said what it is", "Choose it, or leave the whole statement empty")
        return None
    try:
        return _READ[given["sort"]](turn, given)
    except KeyError as error:
        raise _wrong(number, f"{error.args[0]!r} is nothing that may be chosen", "Choose from those offered") from error
    except Invalid as error:
        raise _in_statement(error.code, number + 1, error.says, error.mend) from error


def _happened(turn: Turn, given: Mapping[str, str]) -> Statement:
    return Happened(
        did=_chosen(given["did"], "did"),
        by=_chosen(given["who"], "who"),
        place=_place(turn, given),
        when=when(turn, given["time"], given["minutes"]) if given["time"] else None,
        arms=_chosen(given["arms"], "arms") if given["arms"] else None,
        count=whole(given["count"], "count") if given["count"] else None,
        towards=_chosen(given["towards"], "direction") if given["towards"] else None,
    )


def _harmed(_turn: Turn, given: Mapping[str, str]) -> Statement:
    return Harmed(
        of=_chosen(given["who"], "who"),
        civilians=given["civilians"] == "yes",
        killed=estimate(given["killed"]),
        wounded=estimate(given["wounded"]),
    )


def _damage(turn: Turn, given: Mapping[str, str]) -> Statement:
    return Damage(
        of=_chosen(given["who"], "who"),
        what=_chosen(given["damaged"], "damaged"),
        count=estimate(given["damages"]),
        place=_place(turn, given),
    )


_READ: Final = {"happened": _happened, "harmed": _harmed, "damage": _damage}


def evidence(turn: Turn, typed: Mapping[str, str]) -> tuple[Evidence, ...]:
    """Return the evidence of an account, in the order of the form. Raises `Invalid`."""
    return tuple(each for number in range(MOST_EVIDENCE) for each in _evidence(turn, typed, number))


def _evidence(turn: Turn, typed: Mapping[str, str], number: int) -> Iterator[Evidence]:
    given = {name: typed.get(f"{name}{number}", "").strip() for name in _OF_EVIDENCE}
    if not any(given[name] for name in ("digest", "taken", "held")):
        return
    try:
        made = {
            "digest": given["digest"].lower(),
            "what": _chosen(given["thing"], "evidence kind"),
            "taken": when(turn, given["taken"], given["within"]),
            "held": tuple(_holders(turn, given["held"])),
        }
        yield msgspec.convert(made, Evidence, from_attributes=True)
    except Invalid as error:
        raise _in_evidence(error.code, number + 1, error.says, error.mend) from error
    except (KeyError, msgspec.ValidationError) as error:
        raise _in_evidence(
            "liaison.evidence",
            number + 1,
            "a digest, what it is, or a post cannot be read.",
            "A digest has 64 hex digits, and a post is like torkham/duty.",
        ) from error


def _holders(turn: Turn, typed: str) -> Iterator[Held]:
    """Yield who held it: a line each, the post, from when, until when, with semicolons between."""
    for line in typed.splitlines():
        post, *times = (each.strip() for each in line.replace("؛", ";").split(";"))
        if post and 1 <= len(times) <= 2:  # noqa: PLR2004 - from, until
            since, *until = (slots.time(each, own_zone(turn), turn.now) for each in times if each)
            yield msgspec.convert({"post": post, "since": since, "until": until[0] if until else None}, Held)
        elif line.strip():
            raise Invalid(
                "liaison.holder",
                f"{line[:60]!r} says not who held it.",
                "Give a line each: the post; from when; until when.",
            )


def when(turn: Turn, time: str, minutes: str) -> When:
    """Return a time that was typed, and how closely it is known. Raises `Invalid`."""
    read = slots.time(time, own_zone(turn), turn.now)
    within = whole(minutes or "0", "minutes")
    if within > 10_080:  # noqa: PLR2004 - a week
        raise Invalid("liaison.within", "The time is known to no better than a week.", "Leave it out.")
    return When(read, within)


def estimate(typed: str) -> Estimate | None:
    """Return a number that was typed: "3" as the best one knows, or "1/3/5" for the least, the best and the most."""
    if not typed.strip():
        return None
    parts = [each.strip() for each in typed.split("/")]
    if len(parts) not in {1, 3}:
        raise Invalid("liaison.estimate-typed", f"{typed[:20]!r} is no number.", "Type 3, or 1/3/5: least, best, most.")
    known = [whole(each, "number") if each else None for each in parts]
    return Estimate(best=known[0]) if len(known) == 1 else Estimate(*known)


def watchers(typed: Mapping[str, str]) -> tuple[Any, ...]:
    """Return who may have seen it."""
    return tuple(sorted(each for each in LISTS["watcher"] if typed.get(f"watcher_{each.replace('-', '_')}")))


def begun(turn: Turn, account: Account, language: Language) -> Mapping[str, str]:
    """Return what a form is filled in with, so that the same account is read of it."""
    held = dict[str, str]()
    for number, each in enumerate(account.statements):
        held |= {f"{name}{number}": text for name, text in of_statement(turn, each, language).items()}
    for number, kept in enumerate(account.evidence):
        lines = (
            "; ".join([each.post, *(typed_time(turn, at) for at in (each.since, each.until) if at)])
            for each in kept.held
        )
        held |= {
            f"digest{number}": kept.digest,
            f"thing{number}": kept.what,
            f"taken{number}": typed_time(turn, kept.taken.time),
            f"within{number}": str(kept.taken.minutes),
            f"held{number}": "\n".join(lines),
        }
    return held | {f"watcher_{each.replace('-', '_')}": "on" for each in account.watchers}


def of_statement(turn: Turn, each: Statement, language: Language) -> Mapping[str, str]:
    """Return what the fields of one statement are filled in with."""
    if isinstance(each, Harmed):
        return {
            "sort": "harmed",
            "who": each.of,
            "civilians": "yes" if each.civilians else "",
            "killed": _spelt(each.killed),
            "wounded": _spelt(each.wounded),
        }
    place = _placed(turn, each.place, language)
    if isinstance(each, Damage):
        return {"sort": "damage", "who": each.of, "damaged": each.what, "damages": _spelt(each.count), **place}
    return {
        "sort": "happened",
        "did": each.did,
        "who": each.by,
        "time": typed_time(turn, each.when.time) if each.when else "",
        "minutes": str(each.when.minutes) if each.when else "",
        "arms": each.arms or "",
        "count": "" if each.count is None else str(each.count),
        "towards": each.towards or "",
        **place,
    }


def _placed(turn: Turn, spot: Spot | None, language: Language) -> Mapping[str, str]:
    if spot is None:
        return {}
    return {"place": places.typed(spot, places.known(turn), language), "country": spot.country or ""}


def _spelt(given: Estimate | None) -> str:
    if given is None:
        return ""
    if given.low is None and given.high is None:
        return str(given.best)
    return "/".join("" if each is None else str(each) for each in (given.low, given.best, given.high))


def _place(turn: Turn, given: Mapping[str, str]) -> Spot | None:
    return places.read(turn, given["place"], given["country"] or None) if given["place"] else None


def _chosen(typed: str, of: str) -> Any:  # noqa: ANN401 - one of a closed list
    if typed not in LISTS[of]:
        raise KeyError(typed)
    return typed


def _wrong(number: int, what: str, mend: str) -> Invalid:
    return _in_statement("liaison.statement", number + 1, f"{what}.", f"{mend}.")


def _in_statement(code: str, number: int, says: str, mend: str) -> Invalid:
    return Invalid(code, f"In statement {number}: {says}", mend)


def _in_evidence(code: str, number: int, says: str, mend: str) -> Invalid:
    return Invalid(code, f"In evidence {number}: {says}", mend)


def not_ahead(time: datetime, now: datetime) -> None:
    """Raise `Invalid` for a time that is to come."""
    if time > now + SKEW:
        raise Invalid("liaison.ahead", "That is later than now.", "Say when it was, in your own zone.")
