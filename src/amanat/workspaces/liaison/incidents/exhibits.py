"""Files of evidence: our account as a draft, to which they are attached, and which of an account's evidence came so.

Law: a file counts as naming a person, for no machine looks into it: it goes the way of every record that does. That it
is the evidence which the account lists follows from its SHA-256 alone.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from amanat.exchange.drafting import Asked
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.store import attachments
from amanat.workspace import Bound, Form
from amanat.workspaces.liaison.incidents import acting, deeds, matters, titles, writing
from amanat.workspaces.liaison.incidents.kinds import ACCOUNT, INCIDENT, Account
from amanat.workspaces.liaison.kinds import Named


def draft(turn: Turn, actor: Actor, typed: msgspec.Struct) -> Asked:
    """Return what the draft begins with: the account as it was typed. Raises `Invalid` and `Refused`."""
    matter, body = deeds.account_typed(turn, actor, typed)
    return acting.said(turn, matter, ACCOUNT.name, body)


def bound(turn: Turn, asked: Asked) -> Bound | None:
    """Return which incident a draft of an account is about; None of any other, or of what is not here."""
    if asked.kind != ACCOUNT.name:
        return None
    try:
        body = msgspec.convert(asked.body, Account)
    except msgspec.ValidationError:
        return None
    matter = matters.one(turn, body.incident.party, body.incident.id)
    if matter is None:
        return None
    return Bound(
        fields=frozenset(Account.__struct_fields__),
        says="liaison.about",
        of=titles.of_incident(matter.facts.root.body),
        kind=INCIDENT.label,
        then=f"{matter.path}#accounts",
    )


def given(turn: Turn, accounts: Iterable[Named]) -> frozenset[tuple[Named, str]]:
    """Return which evidence went with these accounts as a file, by the account and the SHA-256 of its content."""
    return frozenset(
        (key, each.attachment.sha256) for key in accounts for each in attachments.of(turn.tx, (key.party, key.id))
    )


FORM: Final = Form(writing.Writing, draft)
