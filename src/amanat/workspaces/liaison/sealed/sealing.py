"""What is sent of a sealed notice, and what is kept back of it here: sealed, opened, entrusted, called off.

Law: what is sealed can be opened: whatever floor or clause would refuse the opening refuses to seal it. The salt and
the plan stay in this node until then, and go to nobody but the observers to whom they are entrusted.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from amanat.exchange.drafting import Asked, judged
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party import canonical
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Post
from amanat.store import kept_back
from amanat.workspace import Sent
from amanat.workspaces.liaison import slots
from amanat.workspaces.liaison.dealings import Dealing, asked, require_dealing
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices.kinds import HUMANITARIAN, Notice
from amanat.workspaces.liaison.sealed import rules, stories
from amanat.workspaces.liaison.sealed.commitment import SALT_BYTES, Secret, commitment
from amanat.workspaces.liaison.sealed.kinds import Because, Entrusted, Sealed, Unsealed
from amanat.workspaces.liaison.sealed.stories import Known

LONGEST: Final = timedelta(days=366)
"""From now until it opens."""
GIVEN_UP: Final = timedelta(days=90)
"""After the time at which it was to open: what this node could not open until then is destroyed."""
PAGE: Final = "/liaison/sealed?party={party}&id={id}"


def seal(  # noqa: PLR0913 - what is told, and how
    turn: Turn, actor: Actor, notice: Notice, opens: datetime, escrow: int, *, compact: str = "", exercise: bool = False
) -> Sent:
    """Tell of a notice under seal, and keep back here what opens it. Raises `Invalid` or `Refused`."""
    dealing = require_dealing(turn, "liaison.sealed", compact)
    held_by = holders(dealing) if escrow else ()
    notice = _require_sealable(turn, notice)
    if not 0 <= escrow <= len(holders(dealing)):
        raise Invalid(
            "liaison.escrow-many",
            f"The compact lets {len(holders(dealing))} observers hold it in trust, and {escrow} are to open it.",
            "Choose no more than there are.",
        )
    _require_times(turn, dealing, opens, ("liaison.sealed", "liaison.escrow") if escrow else ("liaison.sealed",))
    secret = Secret(turn.means.random(SALT_BYTES).hex(), notice)
    digest = commitment(turn.means.party, secret.salt, notice)
    _require_openable(turn, actor, dealing, secret, exercise=exercise)
    kept_back.keep(turn.tx, digest, canonical.encode(secret), opens + GIVEN_UP)
    body = Sealed(commitment=digest, opens=opens, held_by=held_by, escrow=escrow)
    said = [asked(turn, dealing, "liaison.sealed", body, exercise=exercise)]
    if escrow:
        trusted = Entrusted(commitment=digest, salt=secret.salt, notice=notice)
        entrusted = asked(turn, dealing, "liaison.escrow", trusted, exercise=exercise)
        said.append(msgspec.structs.replace(entrusted, to=held_by))
    return Sent(tuple(said), then=PAGE)


def holders(dealing: Dealing) -> tuple[str, ...]:
    """Return the observers of a compact to whom this party may entrust what it seals."""
    return tuple(each for each in dealing.audience("liaison.escrow") if each in dealing.compact.terms.observers)


def secret_of(turn: Turn, known: Known) -> Secret | None:
    """Return what is kept back here that opens a sealed notice; None where nothing is, or what is does not fit."""
    if known.row.party != turn.means.party:
        return None
    data = kept_back.of(turn.tx, known.row.commitment)
    return None if data is None else read(turn.means.party, known.row.commitment, data)


def read(party: str, digest: str, data: bytes) -> Secret | None:
    """Return what was kept back, None where it does not open what was told: shown, that would stand for ever."""
    try:
        secret = canonical.decode(data, Secret, "what was kept back")
    except Invalid:
        return None
    return secret if commitment(party, secret.salt, secret.notice) == digest else None


def unseal(turn: Turn, known: Known, because: Because, secret: Secret, incident: Named | None = None) -> Asked:
    """Return the record that opens a sealed notice to all who were told of it."""
    key = known.story.told.key
    body = Unsealed(of=key, because=because, salt=secret.salt, notice=secret.notice, incident=incident)
    return asked(turn, stories.dealing(turn, known), "liaison.sealed", body, of=known.root)


def _require_sealable(turn: Turn, notice: Notice) -> Notice:
    """Return a notice as it is sealed: by itself, in the place of none. Raises `Invalid` or `Refused`."""
    if isinstance(notice, HUMANITARIAN):
        raise Refused(
            "liaison.sealed-aid",
            "Aid is told of openly or not at all: kept secret, nobody could spare it.",
            "Give notice of it. Not telling of one lowers no protection that it has.",
            by="floor 13",
        )
    if notice.window.until <= turn.now:
        raise Invalid("liaison.sealed-over", "It is over already.", "Say a later time; what happened is an incident.")
    return msgspec.structs.replace(notice, changes=None)


def _require_times(turn: Turn, dealing: Dealing, opens: datetime, kinds: tuple[str, ...]) -> None:
    """Refuse a time at which what opens it could not be sent any more: it expires with what it opens."""
    agreed = min(dealing.compact.terms.kinds[each].handling.expires_days for each in kinds)
    longest = min(LONGEST, timedelta(days=agreed) - rules.GRACE)
    if not turn.now < opens <= turn.now + longest:
        with slots.in_field("opens"):
            raise Invalid(
                "liaison.opens",
                f"It is to open later than now, and within {longest.days} days.",
                "Choose another time, or give the notice openly.",
            )


def _require_openable(turn: Turn, actor: Actor, dealing: Dealing, secret: Secret, *, exercise: bool) -> None:
    """Refuse what could be sealed and never opened: as if it were opened now, to the same."""
    body = Unsealed(of=_NONE, because="chosen", salt=secret.salt, notice=secret.notice)
    opening = asked(turn, dealing, "liaison.sealed", body, exercise=exercise)
    found = judged(turn, opening, Post(turn.means.party, actor.post))
    for flaw in found.flaws:
        if flaw.by:
            raise Refused(flaw.code, flaw.says, flaw.mend, by=flaw.by)
        raise Invalid(flaw.code, flaw.says, flaw.mend)


_NONE: Final = Named("none", "01936e1a-7a00-7000-8000-000000000000")
