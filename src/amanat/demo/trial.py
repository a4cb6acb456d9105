"""What a try leaves: the check that was to catch it and what answered; and how the parties send something to attack."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from amanat.compact.terms import defaults
from amanat.demo.cast import Actor, terms_of
from amanat.demo.reports import reports
from amanat.exchange.accept import Declined, accept
from amanat.exchange.means import begin
from amanat.exchange.send import Held, Pending, send
from amanat.record.record import Draft, Post
from amanat.store.tables import ENVELOPE

REPORT = "intelligence.report"
LABEL = f"{REPORT}/1"
POSTS = {"pk": "torkham/duty", "af": "torkham/duty", "obs": "desk"}


@dataclass(frozen=True, slots=True)
class Catch:
    """One try: what was tried, the code of the check that is there to catch it, and what really answered it."""

    tried: str
    expected: str
    code: str
    says: str

    @property
    def held(self) -> bool:
        """Whether the very check that is there for it caught it."""
        return self.code == self.expected


def post(actor: Actor) -> Post:
    """Return the post that writes a party's reports."""
    return Post(actor.code, POSTS[actor.code])


def draft(actor: Actor, bundle: bytes, to: Sequence[str]) -> Draft:
    """Return the draft of a report with the handling the compact gives when an officer changes nothing."""
    terms = terms_of(actor)
    body = actor.means.kinds.get(LABEL).body(bundle=msgspec.Raw(bundle))
    return Draft(LABEL, body, tuple(to), defaults(terms, REPORT, actor.means.now()), terms.digest)


def bundles(actor: Actor, *, naming: bool) -> list[bytes]:
    """Return this side's STIX bundles: those that name a person, or the others."""
    kind = actor.means.kinds.get(LABEL)
    return [
        each for each in reports(actor.code) if kind.facts(kind.body(bundle=msgspec.Raw(each))).names_person == naming
    ]


def send_plain(actor: Actor, to: Sequence[str], count: int = 1) -> list[Pending]:
    """Send reports that name no person, so that they go at once."""
    drafts = [draft(actor, each, to) for each in bundles(actor, naming=False)[:count]]
    sent = send(drafts, post(actor), actor.means)
    return [each for each in sent if not isinstance(each, Held)]


def stored(actor: Actor, digest: str) -> tuple[bytes, bytes]:
    """Return envelope and content key as a party that sent or accepted it holds them."""
    with begin(actor.means) as turn:
        row = turn.tx.execute(select(ENVELOPE).where(ENVELOPE.c.digest == digest)).one()
        return row.data, row.content_key


def offer(tried: str, expected: str, envelope: bytes, reader: Actor) -> Catch:
    """Bring an envelope to a party as if pk had sent it, and note what became of it."""
    (outcome,) = accept([envelope], "pk", reader.means)
    if isinstance(outcome, Declined):
        return Catch(tried, expected, outcome.problem.code, outcome.problem.says)
    return Catch(tried, expected, "accepted", f"{reader.code} took it in.")
