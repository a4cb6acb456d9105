"""The one place that authorises: which role may what, and whether this actor may.

Law: denied by default. What no line below grants nobody may, and a permission that no line names is our own fault.
docs/officers.md shows the same table, and a test compares both. Rules of the code decide here, never of the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

from amanat.party.errors import Fault, Refused
from amanat.party.lexicon import Language

Role = Literal["duty", "analyst", "approver", "operator", "administrator", "auditor", "observer"]
Channel = Literal["console", "api", "cli", "node"]
Lack = Literal["", "password", "factor", "rest"]
Act = Literal[
    "sign-in",
    "sign-out",
    "session.end",
    "session.prove",
    "record.person",
    "record.compose",
    "record.discard",
    "record.submit",
    "record.send",
    "record.approve",
    "record.return",
    "record.take-back",
    "record.withdraw",
    "record.cancel",
    "record.acknowledge",
    "record.export",
    "record.keep",
    "record.erase",
    "officer.add",
    "officer.assign",
    "officer.disable",
    "officer.enable",
    "officer.password",
    "officer.unlock",
    "officer.sessions",
    "officer.factor",
    "password.own",
    "factor.own",
    "passkey.new",
    "passkey.remove",
    "token.new",
    "token.revoke",
    "watch.plan",
    "watch.take",
    "watch.give",
    "audit.read",
    "audit.erase",
    "peers.operate",
    "peers.give",
    "party.learn",
    "party.speak",
    "compact.join",
    "compact.act",
    "keys.change",
    "bundle.export",
    "bundle.import",
    "node.backup",
    "node.restore",
    "node.reconcile",
    "node.upgrade",
]

ROLES: Final[tuple[Role, ...]] = get_args(Role)
_EVERY: Final = frozenset(ROLES)


def _table(granted: Mapping[str, Iterable[Role]]) -> Mapping[str, frozenset[Role]]:
    return MappingProxyType({permission: frozenset(roles) for permission, roles in granted.items()})


PERMISSIONS: Final[Mapping[str, frozenset[Role]]] = _table(
    {
        "record.read": ("duty", "analyst", "approver", "observer"),
        "record.person": ("duty", "analyst", "approver"),
        "record.compose": ("duty", "analyst"),
        "record.send": ("duty",),
        "record.approve": ("approver",),
        "record.withdraw": ("duty", "approver"),
        "record.acknowledge": ("duty", "analyst"),
        "record.export": ("duty", "analyst"),
        "peers.read": ("duty", "approver", "operator", "auditor"),
        "peers.operate": ("operator",),
        "peers.give": ("operator",),
        "compact.read": _EVERY,
        "log.read": ("duty", "analyst", "approver", "operator", "auditor", "observer"),
        "officer.manage": ("administrator",),
        "token.own": _EVERY,
        "password.own": _EVERY,
        "factor.own": _EVERY,
        "passkey.own": _EVERY,
        "watch.plan": ("duty", "approver"),
        "watch.stand": ("duty",),
        "audit.read": ("auditor",),
        "node.operate": ("operator",),
    }
)
"""Permission → the roles that have it."""

ACTS: Final[Mapping[Act, str | None]] = MappingProxyType(
    {
        "sign-in": None,
        "sign-out": None,
        "session.end": "password.own",
        "session.prove": "password.own",
        "record.person": "record.person",
        "record.compose": "record.compose",
        "record.discard": "record.compose",
        "record.submit": "record.compose",
        "record.send": "record.send",
        "record.approve": "record.approve",
        "record.return": "record.approve",
        "record.take-back": "record.compose",
        "record.withdraw": "record.withdraw",
        "record.cancel": "record.withdraw",
        "record.acknowledge": "record.acknowledge",
        "record.export": "record.export",
        "record.keep": "record.withdraw",
        "record.erase": "node.operate",
        "officer.add": "officer.manage",
        "officer.assign": "officer.manage",
        "officer.disable": "officer.manage",
        "officer.enable": "officer.manage",
        "officer.password": "officer.manage",
        "officer.unlock": "officer.manage",
        "officer.sessions": "officer.manage",
        "officer.factor": "officer.manage",
        "password.own": "password.own",
        "factor.own": "factor.own",
        "passkey.new": "passkey.own",
        "passkey.remove": "passkey.own",
        "token.new": "token.own",
        "token.revoke": "token.own",
        "watch.plan": "watch.plan",
        "watch.take": "watch.stand",
        "watch.give": "watch.stand",
        "audit.read": "audit.read",
        "audit.erase": "node.operate",
        "peers.operate": "peers.operate",
        "peers.give": "peers.give",
        "party.learn": "node.operate",
        "party.speak": "node.operate",
        "compact.join": "node.operate",
        "compact.act": "node.operate",
        "keys.change": "node.operate",
        "bundle.export": "node.operate",
        "bundle.import": "node.operate",
        "node.backup": "node.operate",
        "node.restore": "node.operate",
        "node.reconcile": "node.operate",
        "node.upgrade": "node.operate",
    }
)
"""What the audit log names → the permission it needs; None where whoever signs in or out is asked for nothing more."""

_WAYS_IN: Final = ("token.own", "password.own", "factor.own", "passkey.own")

# A token that could make another way in would soon outlive itself and outrank its scope. And that a record was read and
# may go, that one was opened, a peer spoken with, or a watch taken, is a person's word, which no program gives.
NEVER_BY_TOKEN: Final = frozenset(
    (*_WAYS_IN, "officer.manage", "record.approve", "record.acknowledge", "peers.give", "watch.stand")
)

UNTIL_SAFE: Final[Mapping[Lack, frozenset[str]]] = MappingProxyType(
    {
        "password": frozenset(("password.own",)),
        "factor": frozenset(("password.own", "factor.own")),
        "rest": frozenset(("password.own", "compact.read")),
    }
)
"""What is lacking → what is permitted for as long as it is.

Whoever set the password could else make a way in that outlives it, and whoever oversaw one that stands alone. At a desk
that rests nobody is known to sit: its pages are told what rings, and show nothing that was said.
"""

PROOF_LASTS: Final = timedelta(minutes=5)
"""How long a password or code that was typed says who sits at a session, before what names a person is let go."""

# Separation of duties: who hands out rights reads no records, and who audits does nothing that is to be audited.
APART: Final[Mapping[Role, frozenset[Role]]] = MappingProxyType(
    {
        "administrator": frozenset(("duty", "analyst", "approver", "observer", "auditor")),
        "auditor": frozenset(("duty", "analyst", "approver", "operator", "administrator")),
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts now: an officer by number, at a post, with what the roles permit (and the token, where there is one).

    `channel` is by what this officer acts: a session (console), a token (api), as `MACHINE` (cli), or by nobody (node);
    `language` is what pages are in for this officer; `proven` is when who sits at a session last typed what only the
    officer knows or has; `lacks`, what has to be set up first: until then nothing else is permitted. `renews` says that
    a list brings itself up to date which the officer has open. `session` is what is kept of the session (it opens
    nothing), and "" without one.
    """

    officer: int
    post: str
    roles: tuple[Role, ...]
    permissions: frozenset[str]
    channel: Channel
    language: Language = "en"
    proven: datetime | None = None
    lacks: Lack = ""
    renews: bool = False
    session: str = ""


NOBODY: Final = Actor(0, "", (), frozenset(), "console")
"""Who has not signed in; number 0 is no officer's."""

MACHINE: Final = Actor(0, "", (), frozenset(PERMISSIONS), "cli")
"""Who opens the node by its passphrase at the machine itself, and so can do anything: no rule could bind them."""


def at_machine(post: str) -> Actor:
    """Return `MACHINE` at the post in whose name it acts."""
    return replace(MACHINE, post=post)


def by_itself(post: str) -> Actor:
    """Return who does what a served node does with nobody there, such as to destroy what is due, in a post's name."""
    return replace(MACHINE, post=post, channel="node")


def permitted(roles: Iterable[Role]) -> frozenset[str]:
    """Return all that these roles permit together."""
    held = frozenset(roles)
    return frozenset(permission for permission, granted in PERMISSIONS.items() if granted & held)


def may(actor: Actor, permission: str) -> bool:
    """Whether the actor may. Raises `Fault` for a permission nobody defined."""
    if permission not in PERMISSIONS:
        raise Fault("officer.permission", f"No permission is called {permission!r}.", "Report this; nothing was done.")
    return permission in actor.permissions


def require(actor: Actor, permission: str) -> None:
    """Let the actor go on, or raise `Refused` naming the roles that may; `Fault` for a permission nobody defined."""
    if may(actor, permission):
        return
    if actor.lacks == "password":
        raise Refused(
            "password.given",
            "This password was set by somebody else, who may know it.",
            "Set one of your own first: then the node is yours to work at.",
            by="first sign-in",
        )
    if actor.lacks == "factor":
        raise Refused(
            "factor.missing",
            "This officer signs in by a password alone, which whoever looked on may use.",
            "Set up a second factor first: then the node is yours to work at.",
            by="first sign-in",
        )
    if actor.lacks == "rest":
        raise Refused(
            "session.rests",
            "Nobody did anything here for 30 minutes: this session rests, and hears what rings and nothing else.",
            "Type the password, or a code: then it goes on.",
            by="a session on watch",
        )
    if permission in permitted(actor.roles):
        or_wider = "" if permission in NEVER_BY_TOKEN else ", or make a token whose scope names it"
        raise Refused(
            "officer.scope",
            f"The token is not for {permission}, though its officer may.",
            f"Sign in with the password{or_wider}.",
            by="the token's scope",
        )
    roles = " or ".join(sorted(PERMISSIONS[permission]))
    raise Refused(
        "officer.forbidden",
        f"This is for the role {roles}; this officer is {_named(actor.roles)}.",
        "Ask a colleague who has that role, or an administrator for the role.",
        by=f"role {roles}",
    )


def require_proven(actor: Actor, now: datetime) -> None:
    """Raise `Refused` where a session is open, and nobody typed lately what only its officer knows or has.

    A program's token was made by the password for just what its scope says, and the machine asks for its passphrase.
    """
    if is_proven(actor, now):
        return
    raise Refused(
        "session.proof",
        "A record that names a person goes out by nobody who was not asked lately who it is.",
        "Type the password or a code once more, then do it again.",
        by="proof before release",
    )


def is_proven(actor: Actor, now: datetime) -> bool:
    """Whether `require_proven` lets the actor go on."""
    return actor.channel != "console" or (actor.proven is not None and now - actor.proven < PROOF_LASTS)


def require_apart(roles: Iterable[Role]) -> None:
    """Raise `Refused` when one officer would hold two roles that watch one another."""
    held = sorted(set(roles))
    for role in held:
        against = sorted(APART.get(role, frozenset()) & frozenset(held))
        if against:
            raise Refused(
                "officer.apart",
                f"One officer cannot be {role} and {against[0]}: the one is there to watch over the other.",
                "Give one of the two roles to another officer.",
                by="separation of duties",
            )


def _named(roles: Iterable[Role]) -> str:
    return " and ".join(sorted(roles)) or "of no role"
