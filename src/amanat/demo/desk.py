"""What the posts do in the story: write reports from the demo's data, get a second person, read the inbox."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from typing import BinaryIO, cast

import msgspec

from amanat.compact.terms import defaults
from amanat.demo.cast import Actor, terms_of
from amanat.demo.trial import LABEL, REPORT, bundles, draft, post
from amanat.exchange.attachments import read_out, stage
from amanat.exchange.means import begin
from amanat.exchange.send import Held, Pending, release_held, send
from amanat.node import unwatched
from amanat.party.errors import Fault, Refused
from amanat.record.handling import CustodyRisk, Grading, Handling
from amanat.record.record import Draft, Post, read
from amanat.store import attachments, listing, turns
from amanat.workspaces.intelligence import rules, stix

SECOND = "torkham/commander"
ATTACHED = "incidents.csv"
PERSON_DAYS = 90
NAME_WIDTH = 48
_TOLD_BEFORE = ("liaison.", "record.opened")


def send_all(actor: Actor, to: str) -> list[Pending]:
    """Send every report that names no person to one party, and the first of them, at TLP:GREEN, to the observer."""
    plain = bundles(actor, naming=False)
    drafts = [draft(actor, each, [to]) for each in plain]
    for_observer = draft(actor, plain[0], ["obs"])
    green = msgspec.structs.replace(for_observer.handling, tlp="TLP:GREEN")
    drafts.append(replace(for_observer, handling=green))
    return [each for each in send(drafts, post(actor), actor.means) if isinstance(each, Pending)]


def send_person(actor: Actor, to: str) -> tuple[Held, Pending]:
    """Send an exercise report naming an invented person, with a file: held, approved by a second post, and sent."""
    with files("amanat.demo").joinpath("data", ATTACHED).open("rb") as file:
        attached = stage(ATTACHED, cast("BinaryIO", file), actor.means, unwatched)
    (held,) = send([replace(_person_draft(actor, to), attachments=(attached,))], post(actor), actor.means)
    if not isinstance(held, Held):
        raise Fault("demo.second-person", "The report went without a second person.", "See clause 4.1 of the compact.")
    second = Post(actor.code, SECOND)
    return held, release_held(held.record.fields.id, held.digest, second, actor.means)


def file_came(actor: Actor, sent: Pending) -> bool:
    """Whether the file that goes with a record is here whole, and is what its sender signed."""
    with turns.reading(actor.means.engine) as tx:
        (here,) = attachments.of(tx, sent.record.key)
    if not here.complete:  # it comes after its record
        return False
    digest = hashlib.sha256(b"".join(read_out(here, actor.means)))
    return digest.hexdigest() == sent.record.fields.attachments[0].sha256


def refused_for_observer(actor: Actor) -> str | None:
    """Try to send the report naming a person to the observer; return which clause or floor refused it, or None."""
    try:
        send([_person_draft(actor, "obs")], post(actor), actor.means)
    except Refused as problem:
        return problem.by
    return None


def inbox_lines(actor: Actor) -> list[str]:
    """Return what others sent, in the order of our log, a line each: whose, what, how marked, what became of it.

    What other chapters told is only counted, last.
    """
    with begin(actor.means) as turn:
        rows = listing.listing(turn.tx, actor.code, listing.Search(own=False))
    told = [row for row in rows if not row.kind.startswith(_TOLD_BEFORE) and actor.means.kinds.get(row.kind).waits]
    lines = [_line(actor, row) for row in sorted(told, key=lambda row: row.log_index)]
    return [*lines, f"and {len(rows) - len(told)} of the hotline and the day, told above, or said by nodes themselves"]


def _line(actor: Actor, row: listing.Listed) -> str:
    kind = row.kind.partition("/")[0]
    if row.data is None:
        return f"{row.party}  {kind}: destroyed; its digest stays in the log"
    record = read(row.data, actor.means.kinds)
    if record.kind.label != LABEL:
        return f"{row.party}  {kind}"
    name = rules.summarise(stix.read(bytes(record.body.bundle))).name or "without a name"
    short = name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
    return f"{row.party}  {short}, {record.fields.handling.tlp.removeprefix('TLP:')}"


def _person_draft(actor: Actor, to: str) -> Draft:
    """Return the draft with all that the floors and the compact ask where a person is named."""
    plain = draft(actor, bundles(actor, naming=True)[0], [to])
    return replace(plain, handling=_person_handling(actor), exercise=True)


def _person_handling(actor: Actor) -> Handling:
    now = actor.means.now()
    return msgspec.structs.replace(
        defaults(terms_of(actor), REPORT, now),
        codes=("H1", "H2"),
        legal_basis="criminal-procedure",
        grading=Grading("admiralty", "B", "2"),
        expires=now.replace(microsecond=0) + timedelta(days=PERSON_DAYS),
        custody_risk=CustodyRisk("low", "none", not_obtained_by_torture=True, basis="Exercise: nobody is sought."),
    )
