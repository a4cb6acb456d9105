"""Whatever happens to officers, in any order: nothing lets in whoever may not come in, and an administrator is left.

Law: what the database says is held against a plain model, which knows only what was done.
"""

import os
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from amanat.officer import account, sessions, tokens
from amanat.officer.account import FREE_FAILURES, Appointment, lock_after
from amanat.officer.may import NEVER_BY_TOKEN, UNTIL_SAFE, Role, permitted
from amanat.officer.password import of_nobody
from amanat.officer.sessions import IDLE, LONGEST, NOTED
from amanat.officer.tokens import Wanted
from amanat.party.errors import Refused
from amanat.store import sqlite
from amanat.store.tables import FACTOR
from officer.cast import CHEAP, NAME, kept
from side import START

SPOKEN = ("seven quiet lorries", "eleven loud bicycles")
KEPT = {spoken: kept(spoken, "nobody") for spoken in SPOKEN}
ROLES: tuple[tuple[Role, ...], ...] = (
    ("administrator",),
    ("duty", "approver"),
    ("observer",),
    ("administrator", "operator"),
)
SPANS = (timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=29), timedelta(hours=7))


@dataclass
class Person:
    """An officer as the model knows one."""

    id: int
    sign_in: str
    roles: tuple[Role, ...]
    spoken: str
    active: bool = True
    failures: int = 0
    locked_until: datetime = START
    given: bool = True

    @property
    def administers(self) -> bool:
        return self.active and "administrator" in self.roles


@dataclass
class Session:
    """A session as the model knows one; `seen` is when that somebody is there was last written."""

    of: Person
    began: datetime
    seen: datetime
    ended: bool = False


@dataclass
class Token:
    """A token as the model knows one."""

    id: int
    of: Person
    scope: frozenset[str]
    expires: datetime
    revoked: bool = False


@dataclass
class Model:
    """All that was done."""

    now: datetime = START
    people: list[Person] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    administered: bool = False

    def last_administrator(self, person: Person) -> bool:
        return person.administers and not any(each.administers for each in self.people if each is not person)

    def end_all(self, person: Person) -> None:
        for session in self.sessions.values():
            session.ended |= session.of is person
        for token in self.tokens.values():
            token.revoked |= token.of is person


class Lives(RuleBasedStateMachine):
    """Officers come, sign in, are changed, disabled and let in again, while time passes."""

    people = Bundle("people")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.engine = sqlite.create(str(Path(self.folder.name) / "pk.sqlite"))
        self.tx = self.engine.connect()
        self.model = Model()

    def teardown(self) -> None:
        self.tx.close()
        self.engine.dispose()
        self.folder.cleanup()

    @rule(target=people, roles=st.sampled_from(ROLES), spoken=st.sampled_from(SPOKEN))
    def add(self, roles: tuple[Role, ...], spoken: str) -> Person:
        sign_in = f"officer-{len(self.model.people)}"
        made = account.add(self.tx, Appointment(sign_in, NAME, "duty", roles), KEPT[spoken], self.model.now)
        self.tx.execute(FACTOR.insert(), {"officer": made.id, "sealed": b"", "since": START.isoformat(), "step": 0})
        self.model.people.append(Person(made.id, sign_in, roles, spoken))
        self.model.administered |= "administrator" in roles
        return self.model.people[-1]

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.model.now += span

    @rule(person=people, spoken=st.sampled_from(SPOKEN))
    def sign_in(self, person: Person, spoken: str) -> None:
        trial = account.trial(self.tx, person.sign_in, of_nobody(CHEAP))
        officer = account.settle(self.tx, trial, self.model.now, right=trial.right(spoken))
        may_try = person.active and self.model.now >= person.locked_until
        assert (officer is not None) == (may_try and spoken == person.spoken)
        if officer is not None:
            person.failures = 0
            cookie = sessions.start(self.tx, officer, os.urandom(32), self.model.now)
            self.model.sessions[cookie] = Session(person, self.model.now, self.model.now)
        elif may_try:
            person.failures += 1
            if person.failures >= FREE_FAILURES:
                person.locked_until = self.model.now + lock_after(person.failures)

    @rule(person=people)
    def come_in(self, person: Person) -> None:
        self.sign_in(person, person.spoken)

    @rule(person=people, times=st.integers(2, 6))
    def guess(self, person: Person, times: int) -> None:
        wrong = next(each for each in SPOKEN if each != person.spoken)
        for _ in range(times):
            self.sign_in(person, wrong)

    @rule(person=people)
    def unlock(self, person: Person) -> None:
        account.unlock(self.tx, person.id)
        person.failures, person.locked_until = 0, START

    @rule(person=people)
    def disable(self, person: Person) -> None:
        last = self.model.last_administrator(person)
        try:
            account.disable(self.tx, person.id, self.model.now)
        except Refused:
            assert last
            return
        assert not last
        person.active = False
        self.model.end_all(person)

    @rule(person=people)
    def enable(self, person: Person) -> None:
        account.enable(self.tx, person.id)
        person.active, person.failures, person.locked_until = True, 0, START
        self.model.administered |= person.administers

    @rule(person=people, roles=st.sampled_from(ROLES))
    def assign(self, person: Person, roles: tuple[Role, ...]) -> None:
        last = self.model.last_administrator(person) and "administrator" not in roles
        try:
            account.assign(self.tx, person.id, "duty", roles)
        except Refused:
            assert last
            return
        assert not last
        person.roles = roles
        self.model.administered |= person.administers

    @rule(person=people, spoken=st.sampled_from(SPOKEN), given=st.booleans())
    def set_password(self, person: Person, spoken: str, given: bool) -> None:  # noqa: FBT001
        account.set_password(self.tx, person.id, KEPT[spoken], self.model.now, given=given)
        person.spoken, person.failures, person.locked_until, person.given = spoken, 0, START, given
        self.model.end_all(person)

    @rule(
        person=people, lives=st.sampled_from([None, timedelta(minutes=5), timedelta(hours=8)]), some=st.integers(1, 9)
    )
    def make_token(self, person: Person, lives: timedelta | None, some: int) -> None:
        scope = frozenset(sorted(permitted(person.roles) - NEVER_BY_TOKEN)[:some])
        expires = None if lives is None else self.model.now + lives
        owner = account.officer(self.tx, person.id)
        made, shown = tokens.new(self.tx, owner, Wanted("feed", scope, expires), os.urandom(32), self.model.now)
        self.model.tokens[shown] = Token(made.id, person, scope, expires or self.model.now + timedelta(days=90))

    @rule(number=st.integers(0, 30))
    def revoke_token(self, number: int) -> None:
        for token in list(self.model.tokens.values())[number : number + 1]:
            tokens.revoke(self.tx, token.id, self.model.now)
            token.revoked = True

    @rule()
    def everybody_is_there(self) -> None:
        for cookie, session in self.model.sessions.items():
            if self._open(session):
                if sessions.touch(self.tx, cookie, self.model.now):
                    session.seen = self.model.now
                assert self.model.now - session.seen < NOTED

    @invariant()
    def sessions_let_in_exactly_whom_they_should(self) -> None:
        for cookie, session in self.model.sessions.items():
            try:
                found: frozenset[str] | None = sessions.actor(self.tx, cookie, self.model.now).permissions
            except Refused:
                found = None
            may = UNTIL_SAFE["password"] if session.of.given else permitted(session.of.roles)
            assert found == (may if self._open(session) else None)

    @invariant()
    def tokens_open_exactly_what_they_should(self) -> None:
        for shown, token in self.model.tokens.items():
            try:
                found: frozenset[str] | None = tokens.actor(self.tx, shown, self.model.now)[0].permissions
            except Refused:
                found = None
            good = not token.revoked and self.model.now < token.expires and token.of.active
            assert found == (token.scope & permitted(token.of.roles) if good else None)

    @invariant()
    def an_administrator_is_left_once_there_was_one(self) -> None:
        found = [each.id for each in account.officers(self.tx) if each.active and "administrator" in each.roles]
        assert found or not self.model.administered

    def _open(self, session: Session) -> bool:
        now = self.model.now
        return not session.ended and session.of.active and now - session.began < LONGEST and now - session.seen < IDLE


Lives.TestCase.settings = settings(max_examples=settings().max_examples // 6, stateful_step_count=40)
TestLives = Lives.TestCase
