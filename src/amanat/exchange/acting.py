"""What officers do at their node: permitted, done and noted in one transaction; what is refused is noted in another.

Law: no act without its row in the audit log, and no row without its act; what an operator's command does in several
transactions has its row right after (`noted`). Whoever is let in by a password is let in
outside of any transaction while the password is tried, so that a guesser holds up nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from amanat.exchange import journal, sequencer
from amanat.exchange.means import Means, Turn, begin, look
from amanat.officer import account, audit, factor, passkey, password, sessions
from amanat.officer.audit import Done
from amanat.officer.factor import Judged
from amanat.officer.may import ACTS, NOBODY, Act, Actor, permitted, require, require_proven
from amanat.officer.passkey import Site, Take
from amanat.officer.sessions import BY_PASSWORD, Begun
from amanat.party.errors import Fault, Invalid, Refused
from amanat.party.key_file import DEFAULT, Cost
from amanat.record.record import Record
from amanat.store.database import scrub


@dataclass(frozen=True, slots=True)
class Acting:
    """An act under way: its transaction, and what it is done to, a row of the audit log each."""

    turn: Turn
    subjects: list[str] = field(default_factory=list)

    def on(self, *subjects: str) -> None:
        """Say on what it is done: "pk:ID", "officer:khan", "token:7", a peer's code."""
        self.subjects.extend(subjects)


@contextmanager
def acting(means: Means, actor: Actor, act: Act, *subjects: str) -> Iterator[Acting]:
    """Lend a transaction in which the actor does one act, if permitted now; it is noted as done when it commits.

    When the block raises `Refused`, nothing of it stands, and that it was refused is noted by itself.
    """
    on = list(subjects)
    try:
        with begin(means) as turn:
            permission = ACTS[act]
            if permission is not None:
                require(_as_now(turn, actor), permission)
            yield Acting(turn, on)
            _note(turn, actor, *(Done(act, each) for each in on or ("",)))
    except Refused:
        _note_refused(means, actor, act, on)
        raise


def besides(under_way: Acting, actor: Actor, act: Act, *subjects: str) -> None:
    """Note that another act is done in an act's transaction, if permitted now. Raises `Refused`."""
    turn, permission = under_way.turn, ACTS[act]
    if permission is not None:
        require(_as_now(turn, actor), permission)
    _note(turn, actor, *(Done(act, each) for each in subjects))


def ask(means: Means, actor: Actor, act: Act, subject: str, *, names_person: bool) -> None:
    """Raise `Refused` where the actor may not let something go, which is noted; that it may is noted by `acting`.

    For what takes long to make and is not let go before it is made.
    """
    try:
        with look(means) as turn:
            if (permission := ACTS[act]) is not None:
                require(_as_now(turn, actor), permission)
            releasing(turn, actor, names_person=names_person)
    except Refused:
        _note_refused(means, actor, act, [subject])
        raise


@contextmanager
def noted(means: Means, actor: Actor, act: Act, *subjects: str) -> Iterator[list[str]]:
    """Note an act that takes several transactions, or files besides, as done right after its block, or as refused.

    Lends what it is done to, to be added to. A plug that is pulled in between leaves it unnoted.
    """
    on = list(subjects)
    try:
        yield on
    except Refused:
        _note_refused(means, actor, act, on)
        raise
    with begin(means) as turn:
        _note(turn, actor, *(Done(act, each) for each in on or ("",)))


def _note_refused(means: Means, actor: Actor, act: Act, on: Sequence[str]) -> None:
    with begin(means) as turn:
        _note(turn, actor, *(Done(act, each, "refused") for each in on or ("",)))


def looked(turn: Turn, actor: Actor, records: Iterable[Record]) -> None:
    """Note in the turn's transaction that somebody looks at those of the records that name a person (floor 7).

    Raises `Refused` when there is one and the actor may not: ask `may` before showing a list. What shows a title, a
    word found, or an attachment's name shows the record.
    """
    looked_at(turn, actor, [":".join(record.key) for record in records if record.facts.person])


def looked_at(turn: Turn, actor: Actor, subjects: Sequence[str]) -> None:
    """Note in the turn's transaction a look at what names a person: "pk:ID", "draft:ID". Raises `Refused`.

    A list that brings itself up to date shows what its officer looks at already: that is noted again only after as long
    as a session lasts with nobody there.
    """
    if subjects:
        require(actor, "record.person")
        since = turn.now - sessions.IDLE
        known = audit.looked_at_since(turn.tx, actor.officer, subjects, since) if actor.renews else ()
        _note(turn, actor, *(Done("record.person", each) for each in subjects if each not in known))


def releasing(turn: Turn, actor: Actor, *, names_person: bool) -> None:
    """Raise `Refused` where what goes out names a person, and the actor of a session has to say who it is first.

    Asked in the transaction of what lets it go, so that nothing of it stands.
    """
    if names_person:
        require_proven(actor, turn.now)


def erase_audit(before: datetime, actor: Actor, means: Means) -> int:
    """Erase what rows older than that say, here and in the database's files; return how many. Raises `Refused`."""
    require(actor, "node.operate")
    with begin(means) as turn:
        salt = means.random(audit.SALT_BYTES)
        erased = audit.erase_before(turn.tx, actor, before, turn.now, salt)
        sequencer.drain_audit(turn)
    scrub(means.engine)
    return erased


def sign_in(  # noqa: PLR0913, PLR0917 - what was typed, and where
    name: str, typed: str, means: Means, cost: Cost = DEFAULT, code: str = "", begun: Begun = BY_PASSWORD
) -> str:
    """Let an officer in by password and code; return what the browser is to show.

    Raises `Refused`, alike for every reason, so that a code tells nothing of the password, nor the other way. Each
    attempt takes one derivation and one commit, whether or not anybody has that name: none can be told apart.
    """
    with look(means) as turn:
        trial = account.trial(turn.tx, name.strip().lower(), password.of_nobody(cost))
    right = trial.right(typed)
    with begin(means) as turn:
        judged = _judged(turn, trial.officer or 0, code)
        officer = account.settle(turn.tx, trial, turn.now, right=right and judged.good)
        if officer is None:
            _note(turn, _tried(trial.officer), Done("sign-in", "by:password", "refused"))
        else:
            factor.spend(turn.tx, officer.id, judged)
            cookie = sessions.start(turn.tx, officer, means.random(sessions.SECRET_BYTES), turn.now, begun)
            _note(turn, sessions.actor(turn.tx, cookie, turn.now), Done("sign-in", f"by:password{judged.beside}"))
            return cookie
    raise account.not_let_in()


def _judged(turn: Turn, officer: int, code: str) -> Judged:
    """Judge a code: of what is kept and does not open, who runs the node is told, and nobody who typed it."""
    try:
        return factor.judge(turn.tx, officer, code, turn.means.keys.own, turn.now)
    except Fault as fault:
        journal.unopened(officer, fault)
        return Judged(good=False)


def sign_in_by_passkey(site: Site, answered: str, take: Take, means: Means, begun: Begun) -> str:
    """Let an officer in by a passkey; return what the browser is to show. Raises `Refused`, alike for every reason.

    A lock keeps out passwords only: who has the device, and whom it knows, did not guess.
    """
    with begin(means) as turn:
        found = passkey.whose(turn.tx, site, answered, take, turn.now)
        officer = None if found is None else account.officer(turn.tx, found)
        if officer is not None and officer.active:
            secret = means.random(sessions.SECRET_BYTES)
            cookie = sessions.start(turn.tx, officer, secret, turn.now, begun)
            _note(turn, sessions.actor(turn.tx, cookie, turn.now), Done("sign-in", "by:passkey"))
            return cookie
        _note(turn, _tried(found), Done("sign-in", "by:passkey", "refused"))
    raise account.not_let_in()


@contextmanager
def proven(means: Means, actor: Actor, typed: str, act: Act, *subjects: str) -> Iterator[Acting]:
    """Lend a transaction for one act of an officer in a session, who types the password once more: `acting`.

    A wrong one counts at that session; a lock of the account, which strangers bring about, is not asked. So counts
    whatever else the block finds wrong (`sessions.wrong`). Raises `Refused`.
    """
    with look(means) as turn:
        trial = account.trial(turn.tx, account.officer(turn.tx, actor.officer).sign_in, password.of_nobody())
    right = trial.right(typed)
    with _counted(means, actor), acting(means, actor, act, *subjects) as at_work:
        if not right:
            raise sessions.wrong()
        sessions.prove(at_work.turn.tx, actor.session, at_work.turn.now)  # another password would have ended it
        yield at_work


def prove(means: Means, actor: Actor, typed: str) -> None:
    """Note that the password was typed at a session. Raises `Refused` for a wrong one: `proven`."""
    with proven(means, actor, typed, "session.prove"):
        pass


def prove_by_code(means: Means, actor: Actor, typed: str) -> bool:
    """Note that a code of the second factor was typed at a session; say whether it is one, and no password.

    Raises `Refused` for a wrong one, which counts as a wrong password there does.
    """
    with look(means) as turn:
        if not factor.is_code(turn.tx, actor.officer, typed):
            return False
    with _counted(means, actor), acting(means, actor, "session.prove") as act:
        tx, now = act.turn.tx, act.turn.now
        judged = _judged(act.turn, actor.officer, typed)
        if not judged.good or not factor.enrolled(tx, actor.officer):
            raise sessions.wrong()
        factor.spend(tx, actor.officer, judged)
        sessions.prove(tx, actor.session, now)
    return True


@contextmanager
def _counted(means: Means, actor: Actor) -> Iterator[None]:
    """Count what was typed wrong at a session, once what it was typed for is undone; the last one ends the session."""
    try:
        yield
    except Refused as refused:
        if refused.code != "session.wrong":
            raise
        with begin(means) as turn:
            ended = sessions.fail(turn.tx, actor.session)
        if ended:
            raise sessions.over() from refused
        raise


def change_password(actor: Actor, old: str, new: str, means: Means, cost: Cost = DEFAULT) -> str:
    """Change an officer's own password and end all sessions and tokens; return what the browser is to show next.

    The session that goes on was begun as this one was.

    Raises `Refused` for a wrong old password (`proven`), and `Invalid` for a new one that breaks a rule or is the old
    one.
    """
    with look(means) as turn:
        officer = account.officer(turn.tx, actor.officer)
    kept = password.hashed(new, officer.sign_in, means.random(password.SALT_BYTES), cost)
    with proven(means, actor, old, "password.own", f"officer:{officer.sign_in}") as act:
        if old == new:
            raise Invalid("password.same", "The new password is the old one.", "Take another.")
        turn, begun = act.turn, sessions.begun(act.turn.tx, actor.session)
        account.set_password(turn.tx, officer.id, kept, turn.now, given=False)
        return sessions.start(turn.tx, officer, means.random(sessions.SECRET_BYTES), turn.now, begun)


def sign_out(cookie: str, means: Means) -> None:
    """End a session. Raises `Refused` when it is over already."""
    with begin(means) as turn:
        actor = sessions.actor(turn.tx, cookie, turn.now)
        sessions.end(turn.tx, cookie)
        _note(turn, actor, Done("sign-out"))


def _as_now(turn: Turn, actor: Actor) -> Actor:
    """Return the actor with what is left of its rights: a request's body may come for minutes after it was let in."""
    if not actor.officer:
        return actor
    held = account.officer(turn.tx, actor.officer)
    roles = held.roles if held.active else ()
    return replace(actor, roles=roles, permissions=actor.permissions & permitted(roles))


def _note(turn: Turn, actor: Actor, *done: Done) -> None:
    for each in done:
        audit.note(turn.tx, actor, each, turn.now, turn.means.random(audit.SALT_BYTES))
    sequencer.drain_audit(turn)


def _tried(officer: int | None) -> Actor:
    """Whose password was tried, by somebody who need not be that officer."""
    return Actor(officer or 0, "", (), frozenset(), NOBODY.channel)
