"""Rows of sealed notices, of what opens them, and of what is entrusted, made of their records.

Law: each of one record alone, in whatever order they come; whether what opens one fits, `activities` and `stories` ask.
"""

from amanat.party import canonical
from amanat.record.kind import Tx
from amanat.record.record import Record
from amanat.workspaces.liaison.notices.activities import disclose
from amanat.workspaces.liaison.notices.views import activity
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.sealed.commitment import commitment
from amanat.workspaces.liaison.sealed.kinds import Entrusted, Sealed, Step, Unsealed
from amanat.workspaces.liaison.sealed.tables import ENTRUSTED, HOLDS, SEALED, UNSEALED
from amanat.workspaces.liaison.views import add, spell


def apply_step(tx: Tx, record: Record) -> None:
    """Add the row of a sealed notice, of what opens one, or of a holder's word."""
    body: Step = record.body
    if isinstance(body, Sealed):
        held_by = " ".join(body.held_by)
        row = {"commitment": body.commitment, "opens": spell(body.opens), "held_by": held_by, "escrow": body.escrow}
        add(tx, SEALED, record, **row)
    elif isinstance(body, Unsealed):
        _add_unsealed(tx, record, body)
    else:
        add(tx, HOLDS, record, of_party=body.of.party, of_id=body.of.id, fits=body.fits)


def apply_entrusted(tx: Tx, record: Record) -> None:
    """Add the row of what is entrusted."""
    body: Entrusted = record.body
    digest = commitment(record.key[0], body.salt, body.notice)
    data = canonical.encode(body).decode()
    add(tx, ENTRUSTED, record, commitment=body.commitment, digest=digest, body=data)


def _add_unsealed(tx: Tx, record: Record, body: Unsealed) -> None:
    digest = commitment(body.of.party, body.salt, body.notice)
    row = {
        "of_party": body.of.party,
        "of_id": body.of.id,
        "because": body.because,
        "incident_party": body.incident.party if body.incident else None,
        "incident_id": body.incident.id if body.incident else None,
        "digest": digest,
        "body": canonical.encode(body).decode(),
    }
    add(tx, UNSEALED, record, **row)
    if record.key[0] == body.of.party:  # now it is told, and held against what others plan
        its = activity(*record.key, body.notice, exercise=record.fields.exercise)
        disclose(tx, record.fields.compact, its, spell(record.fields.at - SKEW))
