"""Words of closed lists that the layers below have as codes: what each is called on a page, in English.

Law: every list is whole; tests hold each against the types of the layer below. Translators meet these words as they
stand here, so that one that would be translated in two ways is written in two ways. What a workspace alone knows of it
says itself (`Workspace.words`).
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from amanat.compact.floors import FLOORS
from amanat.console.languages import N_
from amanat.exchange.problem import TITLES
from amanat.record.handling import H_MEANING, TLP_MEANING
from amanat.workspaces import find

_RECORD: Final = {
    "current": "current",
    "superseded": "superseded",
    "withdrawn": "withdrawn",
    "destroyed": "destroyed",
    "held": "held for approval",
    "logged": "logged",
}
_DELIVERY: Final = {
    "pending": "pending",
    "provisional": "provisional",
    "final": "final",
    "refused": "refused",
    "lost": "lost",
}
_DID: Final = {
    "composed": "composed",
    "approved": "approved",
    "sealed": "sealed",
    "logged": "logged",
    "countersigned": "countersigned",
    "delivered": "delivered",
    "refused": "refused",
    "waits": "waits",
    "withdrawn": "withdrawn",
    "destroyed": "destroyed",
    "kept": "kept",
}
_COMPACT: Final = {"coming": "coming", "active": "active", "suspended": "suspended", "ended": "ended"}
_LINE: Final = {"starting": "starting", "up": "up", "down": "down", "paused": "paused"}
_RECALL: Final = {
    "destroyed": "destroyed",
    "kept": "kept",
    "overdue": "overdue",
    "waiting": "waiting for an answer",
    "never came": "never came",
}
_ROLE: Final = {
    "duty": "duty officer",
    "analyst": "analyst",
    "approver": "approver",
    "operator": "operator",
    "administrator": "administrator",
    "auditor": "auditor",
    "observer": "observer",
}
_PERMISSION: Final = {
    "record.read": "read records that name nobody",
    "record.person": "read records that name a person; each look is noted",
    "record.compose": "write drafts",
    "record.send": "send records",
    "record.approve": "read what waits for a second person, and let it go or give it back",
    "record.withdraw": "withdraw records",
    "record.acknowledge": "sign that a record was read",
    "record.export": "take records out in other forms",
    "peers.read": "see how the lines to other parties stand",
    "peers.operate": "say where other parties are reached, pause their lines and resume them",
    "peers.give": "let a party that lost envelopes be given them again",
    "compact.read": "read what was agreed",
    "log.read": "see how the logs stand",
    "officer.manage": "make officers' accounts, give them posts and roles, and set passwords",
    "token.own": "make tokens for programs of one's own, and revoke them",
    "password.own": "change one's own password",
    "factor.own": "set up one's own second factor",
    "passkey.own": "make one's own passkeys, and remove them",
    "watch.plan": "plan who has the watch of a post",
    "watch.stand": "take the watch of a post, and hand it over",
    "audit.read": "read what officers did",
    "node.operate": "look after the node: backups, keys, upgrades",
}
_ACT: Final = {
    "sign-in": "signed in",
    "sign-out": "signed out",
    "session.end": "ended an own session",
    "session.prove": "said once more who it is",
    "record.person": "looked at a record that names a person",
    "record.compose": "wrote a draft",
    "record.discard": "discarded a draft",
    "record.submit": "submitted a record for approval",
    "record.send": "sent a record",
    "record.approve": "approved a record",
    "record.return": "returned a record to its author",
    "record.take-back": "took a record back that waited for approval",
    "record.cancel": "cancelled a record that waited for approval",
    "record.withdraw": "withdrew a record",
    "record.acknowledge": "signed that a record was read",
    "record.export": "exported records",
    "record.keep": "kept a record that was withdrawn or expired",
    "record.erase": "erased a record",
    "officer.add": "made an officer's account",
    "officer.assign": "gave an officer a post and roles",
    "officer.disable": "disabled an officer's account",
    "officer.enable": "enabled an officer's account",
    "officer.password": "set an officer's password",
    "officer.unlock": "unlocked an officer's account",
    "officer.sessions": "ended an officer's sessions",
    "officer.factor": "took an officer's second factor away",
    "password.own": "changed the own password",
    "factor.own": "set up the own second factor",
    "passkey.new": "made an own passkey",
    "passkey.remove": "removed an own passkey",
    "token.new": "made a token",
    "token.revoke": "revoked a token",
    "watch.plan": "planned or cancelled a watch",
    "watch.take": "took a watch",
    "watch.give": "handed a watch over",
    "audit.read": "read the audit log",
    "audit.erase": "erased old rows of the audit log",
    "peers.operate": "changed the line to a party",
    "peers.give": "let a party be given envelopes again",
    "party.learn": "learned a party's manifest",
    "party.speak": "issued the own party's manifest",
    "compact.join": "joined a compact",
    "compact.act": "suspended, resumed or ended a compact",
    "keys.change": "changed keys",
    "bundle.export": "wrote a bundle",
    "bundle.import": "read a bundle in",
    "node.backup": "made a backup",
    "node.restore": "put the node back from a backup",
    "node.reconcile": "reconciled the logs",
    "node.upgrade": "upgraded the node",
}
_PLACE: Final = {
    "now": "Now",
    "records": "Records",
    "drafts": "Drafts",
    "approvals": "Approvals",
    "compacts": "Compacts",
    "parties": "Parties and keys",
    "logs": "Logs",
    "officers": "Officers",
    "audit": "What officers did",
}
_BOX: Final = {"all": "all", "in": "came in", "out": "sent", "unread": "not read yet"}
_OUTCOME: Final = {"done": "done", "refused": "refused"}
_KIND: Final = {
    "record.withdrawal": "Withdrawal",
    "record.destroyed": "Notice of destruction",
    "record.kept": "Notice of keeping",
    "record.opened": "Notice of reading",
}
_FIELD: Final = {
    "reason": "Reason",
    "because": "Because it was",
    "ground": "Ground",
    "until": "Until",
}
_REASON: Final = {
    "mistaken": "mistaken",
    "outdated": "outdated",
    "retracted-by-source": "retracted by its source",
    "sent-in-error": "sent in error",
    "redress": "redress for the person concerned",
}
_BECAUSE: Final = {"withdrawn": "withdrawn", "expired": "expired"}
_GROUND: Final = {
    "court-order": "court order",
    "investigation-open": "open investigation",
    "complaint-open": "open complaint",
    "audit": "audit",
    "protection": "protection of a person",
}
_RELATION: Final = {
    "about": "is about",
    "answers": "answers",
    "supersedes": "supersedes",
    "withdraws": "withdraws",
}
_PRECEDENCE: Final = {"flash": "flash", "immediate": "immediate", "priority": "priority", "routine": "routine"}
_SECOND: Final = {"always": "always", "when a person is named": "when a person is named", "never": "never"}
_RISK: Final = {"low": "low", "real": "real"}
_PENALTY: Final = {"none": "none", "possible": "possible"}
_CHECK: Final = {
    "envelope": "The envelope kept here is what stands in the log",
    "signature": "What is shown is what its sender signed",
    "log": "It stands in our log",
    "receipt": "It stands in the log of its recipient",
    "refusal": "Its recipient signed that it refused it",
}
_RESULT: Final = {"holds": "holds", "lacks": "incomplete", "fails": "does not hold"}
_FORMAT: Final = {"jsonl": "JSON Lines, for programs", "csv": "CSV, for spreadsheets", "pdf": "PDF, for paper"}
_EVIDENCE: Final = {
    "act.fork": "A member signed two different acts on a compact under one number.",
    "ending.fork": "Custodians signed two different ends of one log.",
    "ending.smaller": "A party says that its log ended at a smaller size than was countersigned.",
    "heartbeat.backwards": "A party says that it sent less than it had said before.",
    "log.ended": "A log went on growing after the size at which its party said that it had ended.",
    "log.rollback": "More of our own log was countersigned than this node holds: it was put back to an old copy, or "
    "somebody else signs with our log's key.",
    "manifest.fork": "Custodians signed two different manifests under one number: not all were shown the same keys.",
    "manifest.key": "A party lists as its own a key that another party lists already.",
    "receipt.contradiction": "A party refused an envelope, and then proved that it had taken it in.",
    "refusal.contradiction": "A party proved that it had taken in an envelope, and then refused it.",
    "witness.fork": "A log signed two different histories: not all were shown the same entries.",
}
_KEY: Final = {
    "record": "signing records",
    "log": "signing the log",
    "witness": "countersigning logs",
    "witness_pq": "countersigning logs, for decades",
    "sealing": "sealing to it",
}
_REVOKED: Final = {"lost": "lost", "stolen": "stolen", "retired": "retired"}
_CHANNEL: Final = {"console": "a page", "api": "a program", "cli": "the command line", "node": "the node itself"}
_EFFECT: Final = {"permit": "permits what it says", "forbid": "forbids what breaks it"}
_PLANNED: Final = {
    "any": "any activity",
    "blasting": "blasting",
    "clearance": "clearance of mines",
    "convoy": "aid convoy",
    "drone": "drone",
    "exercise": "exercise",
    "firing": "firing practice",
    "flight": "flight",
    "hand-over": "hand-over or recovery",
    "measure": "parallel measure",
    "meeting": "flag meeting",
    "movement": "movement of troops",
    "passage": "passage for patients",
    "patrol": "patrol",
    "site": "humanitarian site",
    "team": "mobile aid team",
    "warning": "danger that was told of",
    "works": "works near the line",
}
_LADDER: Final = {
    "cease": "cease",
    "hold": "do not advance",
    "return": "return to own positions",
    "inform": "inform superiors",
    "meet": "flag meeting",
    "mediate": "local mediation, only while both consent",
    "guarantor": "guarantor",
    "state": "joint statement",
}
_LEVEL: Final = {
    "company": "company",
    "battalion": "battalion",
    "brigade": "brigade",
    "division": "division",
    "corps": "corps",
    "army": "above a corps",
}
_BESIDE: Final = {
    "calendar": "relation to the annual calendar",
    "command": "level of command that leads it",
    "direction": "direction",
    "formations": "formations",
    "line_metres": "metres from the line, as reported",
    "phases": "phases",
    "states": "states that take part",
}
_THRESHOLD: Final = {
    "troops": "troops",
    "tanks": "tanks",
    "vehicles": "armoured vehicles",
    "artillery": "guns of 100 mm or more",
    "helicopters": "helicopters",
    "sorties": "sorties",
}
_BEGINNING: Final = {"password": "by password", "passkey": "by a passkey", "one-click": "by one click, in the demo"}
_DONE: Final = {
    "saved": "The draft was saved.",
    "sent": "The record was sent.",
    "opened": "It is signed that your post read it.",
    "held": "It waits for a second person.",
    "taken-back": "It was taken back, and is a draft again.",
    "discarded": "The draft was destroyed.",
    "approved": "It was approved and is on its way.",
    "returned": "It was given back with your reason.",
    "destroyed": "It was destroyed. Nobody was sent anything of it.",
    "filter-kept": "The filter is kept.",
    "filter-forgotten": "The filter was forgotten.",
    "officer-added": "The account was made.",
    "officer-changed": "The account was changed.",
    "password-changed": "Your password was changed.",
    "session-ended": "The session was ended.",
    "sessions-ended": "The sessions were ended.",
    "token-revoked": "The token was revoked.",
    "passkey-made": "The passkey was made.",
    "passkey-removed": "The passkey was removed.",
    "line-changed": "It was done, and is shown below.",
}
_JOINED: Final = {"and": "and", "or": "or", "list": ", "}

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "record": _RECORD,
        "delivery": _DELIVERY,
        "did": _DID,
        "compact": _COMPACT,
        "line": _LINE,
        "recall": _RECALL,
        "role": _ROLE,
        "permission": _PERMISSION,
        "act": _ACT,
        "place": _PLACE,
        "box": _BOX,
        "outcome": _OUTCOME,
        "kind": _KIND,
        "field": _FIELD,
        "reason": _REASON,
        "because": _BECAUSE,
        "ground": _GROUND,
        "relation": _RELATION,
        "precedence": _PRECEDENCE,
        "second person": _SECOND,
        "torture": _RISK,
        "death penalty": _PENALTY,
        "effect": _EFFECT,
        "planned": _PLANNED,
        "ladder": _LADDER,
        "level": _LEVEL,
        "notice says": _BESIDE,
        "threshold": _THRESHOLD,
        "channel": _CHANNEL,
        "evidence": _EVIDENCE,
        "key": _KEY,
        "revoked": _REVOKED,
        "joined": _JOINED,
        "check": _CHECK,
        "result": _RESULT,
        "format": _FORMAT,
        "said": _FIELD,
        "beginning": _BEGINNING,
        "done": _DONE,
        "tlp": {str(code): meaning for code, meaning in TLP_MEANING.items()},
        "h-code": {str(code): meaning for code, meaning in H_MEANING.items()},
        "floor": {str(number): says for number, says in FLOORS.items()},
        "problem": {"": N_("Problem")} | {str(status): title for status, title in TITLES.items()},
    }
)
"""List → code → what the core calls it. A kind is listed by its name without the version."""

FILLED: Final[Mapping[str, str]] = MappingProxyType(
    {"state": "delivery", "torture": "torture", "death_penalty": "death penalty"}
)
"""Placeholder of a sentence (`said.py`) → the list whose codes stand in it."""


@cache
def words(of: str) -> Mapping[str, str]:
    """Return a list with what workspaces add to it; empty where nobody has one of that name."""
    lists = (WORDS, *(each.words for each in find()))
    return {code: english for each in reversed(lists) for code, english in each.get(of, {}).items()}
