"""What the posts do in the story: write reports from the demo's data, get a second person, read the inbox."""

import msgspec
from amanat.demo.reports import reports

from amanat.demo.cast import Actor
from amanat.demo.trial import LABEL, draft, post
from amanat.exchange.send import Held, Pending, release_held, send
from amanat.party.errors import Fault, Refused
from amanat.record.record import Post

SECOND = "torkham/commander"
TITLE = 44  # characters of a report's name in a line of 80
PERSON_DAYS = 90


def bundles(actor: Actor, *, naming: bool) -> list[bytes]:
    """Return this side's STIX bundles: those naming a person, or the others."""
    kind = actor.means.kinds.get(LABEL)
    found = [(each, kind.facts(kind.body(bundle=msgspec.Raw(each))).names_person) for each in reports(actor.code)]
    return [each for each, named in found if named == naming]


def send_all(actor: Actor, to: str) -> list[Pending]:
    """Send every report that names no person to one party, and the first of them also, at TLP:GREEN, to the observer."""
    plain = bundles(actor, naming=False)
    drafts = [draft(actor, each, [to]) for each in plain]
    open_ = draft(actor, plain[0], ["obs"])
    drafts.append(msgspec.structs.replace(open_, handling=_green(open_.handling)))
    return [each for each in send(drafts, post(actor), actor.means) if isinstance(each, Pending)]


def send_person(actor: Actor) -> tuple[Held, Pending, Refused | None]:
    """Send an exercise report naming an invented person: held, approved, sent; and refused for the observer."""
    (bundle, *_) = bundles(actor, naming=True)
    refused = None
    try:
        send([person_draft(actor, bundle, "obs")], post(actor), actor.means)
    except Refused as problem:
        refused = problem
    (held,) = send([person_draft(actor, bundle, "af")], post(actor), actor.means)
    if not isinstance(held, Held):
        raise Fault("demo.second-person", "The report went without a second person.", "See clause 4.1.")
    approved = release_held(held.record.fields.id, held.digest, Post(actor.code, SECOND), actor.means)
    return held, approved, refused
