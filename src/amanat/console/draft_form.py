"""What a page shows of a draft: its form filled in, what is wrong with each field, and by what rule.

Law: the form is the kind's schema, and what is found wrong is what sending would find (`exchange.drafting`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from amanat.compact import policy
from amanat.compact.check import Compact
from amanat.compact.form import KindTerms
from amanat.compact.terms import Terms, defaults
from amanat.console import body, fields, handling_form
from amanat.console.rules import Rule, rules
from amanat.exchange.drafting import Asked, Flaw, judged
from amanat.exchange.means import Turn
from amanat.officer.may import Actor
from amanat.party.errors import Invalid, Refused
from amanat.record.handling import over
from amanat.record.kind import Kind, schema
from amanat.record.record import Post, Ref
from amanat.store import attachments
from amanat.workspace import Bound, Importer
from amanat.workspaces import find

_AT: Final = {
    "check.tlp": "handling/tlp",
    "check.purpose": "handling/purpose",
    "check.legal-basis": "handling/legal_basis",
    "check.retention": "handling/expires",
    "check.party": "to",
    "check.observer": "to",
    "check.direction": "to",
    "check.default": "to",
    "check.attachments": "attachments",
    "floor.2": "handling/legal_basis",
    "floor.8": "handling/tlp",
    "floor.12": "handling/custody_risk",
    "handling.grading": "handling/grading",
}
"""Where in the form stands what an error of the whole is about."""

_PATH: Final = re.compile(r"`\$((?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:[0-9]+|\.\.\.)\])*)`")
_UNGRADED: Final = "has no grading."
"""How floor 2 ends where nothing else is missing."""

_LACKING: Final = frozenset(("draft.to", "floor.2", "floor.12"))
"""What is found wrong while something is empty: to whom it goes, and what is said where a person is named."""
_LACKS: Final = re.compile(r"missing required field `([A-Za-z0-9_]+)`")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Under what a draft stands: the compact, what that says of the kind, and the kind."""

    compact: Compact
    terms: KindTerms
    kind: Kind


def agreed(turn: Turn, asked: Asked) -> Agreed | None:
    """Return under what a draft stands; None when its compact or its kind is none that is known here."""
    try:
        compact, kind = turn.known.compact(asked.compact), turn.means.kinds.newest(asked.kind)
    except (Invalid, Refused):
        return None
    terms = compact.terms.kinds.get(kind.name)
    return None if terms is None else Agreed(compact, terms, kind)


def bound(turn: Turn, asked: Asked) -> Bound | None:
    """Return what a draft is bound to, by its workspace; None where all of it is typed."""
    of = asked.kind.partition(".")[0]
    return next((each.bound(turn, asked) for each in find() if each.name == of and each.bound is not None), None)


def recipients(party: str, terms: KindTerms) -> tuple[str, ...]:
    """Return to whom a kind may be sent from here."""
    sent = [each.partition(" > ") for each in terms.directions]
    return tuple(to for sender, _, to in sent if sender == party)


def filled(turn: Turn, actor: Actor, asked: Asked, row_at: str = "", *, saved: bool = True) -> dict[str, Any]:
    """Return what the page of a draft shows of its form; `row_at` is the list that gets one more row.

    Of one that was never `saved`, what is still empty is no flaw to be told.
    """
    verdict = judged(turn, asked, Post(turn.means.party, actor.post))
    under = agreed(turn, asked)
    told = [flaw for flaw in verdict.flaws if saved or not _lacks(flaw)]
    given: dict[str, Any] = {"asked": asked, "verdict": verdict, "flaws": _placed(told), "agreed": under}
    if under is None:
        return given
    described = schema(under.kind)
    form = fields.form(described, asked.body)
    return given | {
        "bound": bound(turn, asked),
        "terms": under.compact.terms,
        "body": body.shown(under.kind, asked.body),
        "form": fields.with_row(form, described, row_at) if row_at else form,
        "recipients": recipients(turn.means.party, under.terms),
        "importers": importers(under.kind),
        "handling": handling_form.shown(defaults(under.compact.terms, under.kind.name, turn.now), asked.handling),
        "choices": handling_form.choices() | {"others": _others(turn, under.compact.terms, asked)},
        "files": _files(turn, asked.attachments),
        "rules": _rules(turn, under, asked),
        "clause_says": clauses(under.compact.terms, verdict.clause),
    }


def _others(turn: Turn, terms: Terms, asked: Asked) -> tuple[str, ...]:
    return tuple(party for party in terms.parties if party != turn.means.party and party not in asked.to)


def _rules(turn: Turn, under: Agreed, asked: Asked) -> tuple[Rule, ...]:
    """Return how it will have to be handled; nothing while that contradicts itself."""
    terms = under.compact.terms
    try:
        return rules(over(defaults(terms, under.kind.name, turn.now), asked.handling), terms)
    except Invalid:  # told beside its field
        return ()


def clauses(terms: Terms, named: str) -> tuple[tuple[str, str], ...]:
    """Return the clauses by which something may be sent, "4.1.a, 4.2" or "" for none, each with what it says."""
    said = policy.clauses(terms.policy)
    return tuple((clause, " ".join(said.get(clause, "").split())) for clause in named.split(", ") if clause)


def _files(turn: Turn, addresses: Iterable[str]) -> tuple[tuple[str, str, int], ...]:
    """Return address, name and size of files that wait; a name of "" is of one that waits no more."""
    found = [(each, attachments.staged(turn.tx, turn.means.party, each)) for each in addresses]
    return tuple((each, file.name if file else "", file.size if file else 0) for each, file in found)


def _placed(flaws: Iterable[Flaw]) -> dict[str, list[Flaw]]:
    """Return what is wrong by the path of the field beside which it is told; "" is the whole."""
    found: dict[str, list[Flaw]] = {}
    for flaw in flaws:
        found.setdefault(_place(flaw), []).append(flaw)
    return found


def _lacks(flaw: Flaw) -> bool:
    """Whether a flaw is that something was not filled in, and not that it was filled in wrong."""
    return flaw.code in _LACKING or (flaw.field == "body" and _LACKS.search(flaw.says) is not None)


def _place(flaw: Flaw) -> str:
    at = "handling/grading" if flaw.says.endswith(_UNGRADED) else _AT.get(flaw.code, flaw.field)
    if at not in {"body", "handling"}:
        return at
    path = _PATH.search(flaw.says)
    steps = re.findall(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+", path[1]) if path else []
    lacks = _LACKS.search(flaw.says)
    return "/".join([at, *steps, *([lacks[1]] if lacks else [])])


def importers(kind: Kind) -> tuple[Importer, ...]:
    """Return what reads foreign files as bodies of a kind."""
    return tuple(importer for workspace in find() if kind in workspace.kinds for importer in workspace.importers)


def reference(relation: str, name: str) -> Ref:
    """Return a reference to "PARTY:ID". Raises `Invalid`."""
    party, _, id_ = name.strip().partition(":")
    try:
        return msgspec.convert({"relation": relation, "party": party, "id": id_}, Ref)
    except msgspec.ValidationError as error:
        raise Invalid(
            "draft.reference",
            f"{name[:80]!r} names no record.",
            "Write the party's code, a colon and the record's id, as they stand on its page.",
        ) from error
