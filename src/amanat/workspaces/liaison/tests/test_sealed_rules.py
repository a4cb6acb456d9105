"""How a sealed notice stands: by what was told, shown and held, whatever came first; and what nobody can claim of it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party.errors import Invalid
from amanat.workspaces.liaison.ground.shapes import Point, Position
from amanat.workspaces.liaison.kinds import Named, Spot
from amanat.workspaces.liaison.rules import SKEW
from amanat.workspaces.liaison.sealed import rules
from amanat.workspaces.liaison.sealed.commitment import commitment
from amanat.workspaces.liaison.sealed.kinds import Because, Sealed, Unsealed
from amanat.workspaces.liaison.sealed.near import AROUND, ROUGHEST, WITHIN, Happened, near_incident
from amanat.workspaces.liaison.sealed.rules import GRACE, Shown, Story, Told, Word
from amanat.workspaces.liaison.tests.sealed_cast import works

AT = datetime(2026, 12, 1, 6, tzinfo=UTC)
OPENS = AT + timedelta(hours=10)
DUE = OPENS + GRACE
SECOND = timedelta(seconds=1)
INCIDENT = Named("af", "01936e1a-7a00-7000-8000-000000000031")
SALT = "5a" * 32


def told(escrow: int = 0, held_by: tuple[str, ...] = (), withdrawn: datetime | None = None) -> Told:
    return Told(Named("pk", "0"), "duty", AT, OPENS, held_by, escrow, exercise=False, withdrawn=withdrawn)


def shown(
    by: str = "pk", at: datetime = OPENS, because: Because = "time", *, fits: bool = True, number: int = 1
) -> Shown:
    incident = INCIDENT if because == "incident" else None
    return Shown(Named(by, str(number)), "node", at, because, fits, exercise=False, incident=incident)


class TestStates:
    """One after the other, as its README draws them."""

    def test_it_is_sealed_until_it_is_due_and_then_not_opened(self) -> None:
        story = Story(told())
        assert rules.state(story, DUE) == "sealed"
        assert rules.state(story, DUE + SECOND) == "not-opened"

    def test_it_is_opened_in_time_until_the_end_of_the_grace_and_late_after_that(self) -> None:
        assert rules.state(Story(told(), (shown(at=DUE),)), DUE) == "in-time"
        assert rules.state(Story(told(), (shown(at=DUE + SECOND),)), DUE + SECOND) == "late"

    def test_an_incident_opens_it_only_before_it_is_due_anyway(self) -> None:
        assert rules.state(Story(told(), (shown(at=AT, because="incident"),)), AT) == "on-incident"
        assert rules.state(Story(told(), (shown(at=DUE + SECOND, because="incident"),)), DUE) == "late"

    def test_what_does_not_fit_opens_nothing_and_is_said_though_it_is_not_due_yet(self) -> None:
        story = Story(told(), (shown(at=AT, fits=False),))
        assert rules.state(story, AT) == "does-not-fit"
        assert rules.state(story, DUE + SECOND) == "does-not-fit"

    def test_what_did_not_fit_stays_said_when_what_fits_comes_after_it(self) -> None:
        story = Story(told(), (shown(at=AT, fits=False), shown(number=2)))
        assert rules.state(story, DUE) == "in-time"
        assert [each.key.id for each in rules.misfits(story)] == ["1"]

    def test_called_off_before_it_opens_it_is_that_and_afterwards_it_was_not_opened(self) -> None:
        assert rules.state(Story(told(withdrawn=OPENS - SECOND)), DUE + SECOND) == "withdrawn"
        assert rules.state(Story(told(withdrawn=OPENS)), DUE + SECOND) == "not-opened"

    def test_what_is_dated_clearly_before_it_or_as_an_exercise_counts_for_nothing(self) -> None:
        early = shown(at=AT - SKEW - SECOND)
        other = replace(shown(), exercise=True)
        assert rules.state(Story(told(), (early, other)), DUE + SECOND) == "not-opened"
        assert rules.state(Story(told(), (shown(at=AT - SKEW),)), AT) == "in-time"

    def test_nobody_else_opens_it_or_shows_what_does_not_fit(self) -> None:
        story = Story(told(1, ("obs",)), (shown("af"), shown("af", fits=False, number=2)))
        assert rules.state(story, OPENS) == "sealed"
        assert rules.misfits(story) == ()


class TestTrust:
    """What observers hold, and what they may do with it."""

    HELD = told(2, ("obs", "un"))

    def test_so_many_observers_open_it_together_and_fewer_do_not(self) -> None:
        one = shown("obs", DUE + SECOND, "escrow")
        other = shown("un", DUE + timedelta(hours=1), "escrow")
        assert rules.state(Story(self.HELD, (one,)), DUE + SECOND) == "not-opened"
        assert rules.state(Story(self.HELD, (one, replace(one, key=Named("obs", "2")))), DUE) == "sealed"
        together = Story(self.HELD, (other, one))
        assert rules.state(together, DUE) == "by-escrow"
        assert rules.opened(together) == other

    def test_one_that_opens_before_it_may_does_not_count_and_is_seen(self) -> None:
        early = shown("obs", DUE, "escrow")
        story = Story(told(1, ("obs",)), (early,))
        assert rules.state(story, DUE) == "sealed"
        assert rules.broken_trust(story) == (early,)
        assert rules.known(story) == early

    def test_on_an_incident_one_may_at_once(self) -> None:
        on_incident = replace(shown("obs", AT, "escrow"), incident=INCIDENT)
        story = Story(told(1, ("obs",)), (on_incident,))
        assert rules.state(story, AT) == "by-escrow"
        assert rules.broken_trust(story) == ()

    def test_whichever_opened_it_first_did(self) -> None:
        theirs, own = shown("obs", DUE + SECOND, "escrow"), shown(at=DUE + 2 * SECOND)
        held = told(1, ("obs",))
        assert rules.state(Story(held, (own, theirs)), DUE) == "by-escrow"
        assert rules.state(Story(held, (replace(own, at=DUE + SECOND), theirs)), DUE) == "late"

    def test_what_a_holder_shows_that_does_not_fit_is_told_and_is_not_its_authors(self) -> None:
        wrong = shown("obs", DUE + SECOND, "escrow", fits=False)
        story = Story(told(1, ("obs",)), (wrong,))
        assert rules.state(story, DUE + SECOND) == "not-opened"
        assert rules.misfits(story) == (wrong,)

    def test_nobody_holds_its_own_in_trust(self) -> None:
        story = Story(told(1, ("pk",)), (shown("pk", DUE + SECOND, "escrow"),))
        assert rules.state(story, DUE + SECOND) == "late"

    def test_it_may_be_opened_by_who_holds_it_when_it_is_due_and_not_before(self) -> None:
        story = Story(told(1, ("obs",)))
        assert not rules.may_open(story, "obs", DUE, None)
        assert rules.may_open(story, "obs", DUE + SECOND, None)
        assert rules.may_open(story, "obs", AT, INCIDENT)
        assert not rules.may_open(story, "af", DUE + SECOND, INCIDENT)
        assert not rules.may_open(replace(story, shown=(shown(),)), "obs", DUE + SECOND, None)

    def test_by_calling_it_off_nobody_locks_them_out(self) -> None:
        story = Story(told(1, ("obs",), withdrawn=AT))
        assert not rules.may_open(story, "obs", DUE, None)
        assert rules.may_open(story, "obs", DUE + SECOND, None)

    def test_each_holder_says_once_that_it_holds_it_and_nobody_else_does(self) -> None:
        early, late = Word("obs", AT, fits=False), Word("obs", OPENS, fits=True)
        story = Story(told(1, ("obs", "un")), words=(late, early, Word("af", AT, fits=True)))
        assert rules.words(story) == {"obs": early, "un": None}


PARTIES = st.sampled_from(("pk", "af", "obs", "un"))
TIMES = st.integers(-20, 20).map(lambda hours: OPENS + timedelta(hours=hours) / 2)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """All sorts of records that may be there of a sealed notice, also such as no honest node makes."""
    openings = [
        Shown(
            Named(draw(PARTIES), str(number)), "node", draw(TIMES), "chosen", draw(st.booleans()), draw(st.booleans())
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    held_by = draw(st.sampled_from(((), ("obs",), ("obs", "un"))))
    words = tuple(Word(draw(PARTIES), draw(TIMES), draw(st.booleans())) for _ in range(draw(st.integers(0, 4))))
    withdrawn = draw(st.none() | TIMES)
    its = Told(Named("pk", "s"), "duty", AT, OPENS, held_by, draw(st.integers(0, len(held_by))), exercise=False)
    return Story(replace(its, withdrawn=withdrawn), tuple(openings), words)


@given(stories(), st.randoms(use_true_random=False), TIMES)
def test_two_who_hold_the_same_say_the_same_in_whatever_order_it_came(
    story: Story, chance: object, now: datetime
) -> None:
    openings, words = list(story.shown), list(story.words)
    chance.shuffle(openings)  # type: ignore[attr-defined]
    chance.shuffle(words)  # type: ignore[attr-defined]
    other = replace(story, shown=tuple(openings), words=tuple(words))
    assert rules.state(story, now) == rules.state(other, now)
    assert rules.opened(story) == rules.opened(other)
    assert rules.misfits(story) == rules.misfits(other)
    assert rules.broken_trust(story) == rules.broken_trust(other)
    assert rules.words(story) == rules.words(other)


@given(stories(), TIMES)
def test_it_counts_as_opened_only_by_what_fits(story: Story, now: datetime) -> None:
    fitting = tuple(each for each in story.shown if each.fits)
    opened = rules.state(story, now) in rules.OPENED
    assert opened == (rules.opened(replace(story, shown=fitting)) is not None)
    assert not opened or any(each.key.party in {"pk", *story.told.held_by} for each in fitting)


@given(stories(), TIMES, TIMES)
def test_what_was_opened_or_missed_stays_so(story: Story, one: datetime, other: datetime) -> None:
    """No time that passes makes anybody have told what it had not."""
    early, late = sorted((one, other))
    before, after = rules.state(story, early), rules.state(story, late)
    assert before == after or (before, after) == ("sealed", "not-opened")


class TestCommitment:
    """To one notice of one party, and to nothing else."""

    def test_it_is_to_the_notice_the_salt_and_the_party(self) -> None:
        notice = works(AT)
        bound = commitment("pk", SALT, notice)
        assert bound == commitment("pk", SALT, works(AT))
        assert bound != commitment("pk", SALT, works(AT, 201))
        assert bound != commitment("pk", "5b" * 32, notice)
        assert bound != commitment("af", SALT, notice)

    def test_it_is_computed_by_hand_as_the_readme_says(self) -> None:
        notice = works(datetime(2026, 12, 1, 6, tzinfo=UTC))
        told = (
            '{"party":"pk","notice":{"type":"works","shape":{"type":"point","at":{"lat":34.1,"lon":71.1},"metres":200},'
            '"window":{"since":"2026-12-01T06:00:00Z","until":"2026-12-01T16:00:00Z"},"country":"PK","line_metres":400,'
            '"works":"trench","purpose":"water"}}'
        )
        by_hand = hashlib.sha256(b"amanat/sealed-notice/v1\n" + bytes([0x5A] * 32) + told.encode()).hexdigest()
        assert commitment("pk", SALT, notice) == by_hand


class TestBodies:
    """What is refused where it is made."""

    def test_who_is_to_open_it_is_entrusted_with_it(self) -> None:
        for held_by, escrow in (((), 1), (("obs",), 2), (("obs",), 0)):
            with pytest.raises(Invalid, match="observers are to open it"):
                Sealed(commitment="ab" * 32, opens=OPENS, held_by=held_by, escrow=escrow)

    def test_what_is_opened_on_an_incident_names_it_and_what_is_opened_at_its_time_does_not(self) -> None:
        for because, incident in (("incident", None), ("time", INCIDENT), ("chosen", INCIDENT)):
            with pytest.raises(Invalid, match="names it"):
                Unsealed(of=INCIDENT, because=because, salt=SALT, notice=works(AT), incident=incident)  # type: ignore[arg-type]
        trusted = Unsealed(of=INCIDENT, because="escrow", salt=SALT, notice=works(AT), incident=INCIDENT)
        assert trusted.incident == INCIDENT

    def test_a_salt_has_32_bytes(self) -> None:
        body = msgspec.to_builtins(Unsealed(of=INCIDENT, because="time", salt=SALT, notice=works(AT)))
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body | {"salt": "5a" * 31}, Unsealed)


class TestNear:
    """Whether something happened near what was sealed."""

    NOTICE = works(AT)

    def happened(self, lat: float = 34.1, lon: float = 71.1, metres: int = 100, at: datetime = AT) -> Happened:
        return Happened(INCIDENT, Spot(lat, lon, metres), at, "pk-af", exercise=False)

    def test_where_it_was_planned_and_while(self) -> None:
        assert near_incident(self.NOTICE, self.happened())

    @pytest.mark.parametrize(
        ("at", "near"),
        [
            (AT - AROUND, True),
            (AT - AROUND - SECOND, False),
            (AT + timedelta(hours=10) + AROUND, True),
            (AT + timedelta(hours=10) + AROUND + SECOND, False),
        ],
    )
    def test_not_long_before_or_after(self, at: datetime, *, near: bool) -> None:
        assert near_incident(self.NOTICE, self.happened(at=at)) is near

    def test_as_near_as_what_is_known_only_roughly_may_lie(self) -> None:
        away = self.happened(lat=round(34.1 + (WITHIN + 1_500) / 111_000, 5))
        assert not near_incident(self.NOTICE, away)
        assert near_incident(self.NOTICE, replace(away, place=Spot(away.place.lat, 71.1, 2_000)))

    def test_what_is_not_said_to_any_better_than_ten_kilometres_is_near_nothing(self) -> None:
        assert near_incident(self.NOTICE, self.happened(metres=ROUGHEST))
        assert not near_incident(self.NOTICE, self.happened(metres=ROUGHEST + 1))

    def test_not_beyond_where_anything_is_planned(self) -> None:
        assert not near_incident(self.NOTICE, self.happened(lat=80.0))
        assert self.NOTICE.shape == Point(Position(34.1, 71.1), 200)
