"""Sealed notices between two sides and an observer, really sent: both say the same, and nobody claims what was not so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from amanat.exchange.keeping import Keeping
from amanat.exchange.means import begin, look
from amanat.officer.may import at_machine
from amanat.party.errors import Invalid, Refused
from amanat.store import kept_back
from amanat.store.tables import KEPT_BACK
from amanat.workspaces.liaison import WORKSPACE, views
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import coarse
from amanat.workspaces.liaison.notices.kinds import Convoy
from amanat.workspaces.liaison.sealed import rules, sealing, stories, tending, waiting
from amanat.workspaces.liaison.sealed.commitment import Secret
from amanat.workspaces.liaison.sealed.kinds import Sealed, Unsealed
from amanat.workspaces.liaison.tests.incidents_cast import Event
from amanat.workspaces.liaison.tests.sealed_cast import DUTY, HOUR, Sealing, patrol, works
from border import meet

INCIDENT = Named("af", "01936e1a-7a00-7000-8000-000000000031")
SALT = "5a" * 32
PAST_DUE = 4 * HOUR + rules.GRACE + timedelta(seconds=1)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Sealing]:
    with meet(tmp_path) as met:
        yield Sealing(met)


def matters(three: Sealing, party: str) -> list[str]:
    with look(three.border.sides[party].means) as turn:
        return [each.matter for each in waiting.now(turn, at_machine(DUTY))]


class TestOpened:
    """By its own node, in time or late, on an incident or by choice."""

    def test_until_it_opens_nothing_of_it_is_told(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        assert three.state(sealed) == "sealed"
        assert set(msgspec.to_builtins(sealed.body)) == {"type", "commitment", "opens"}
        assert three.kept("pk") == 1
        assert three.kept("af") == three.kept("obs") == 0

    def test_its_node_opens_it_when_its_time_comes_and_says_so_once(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        assert three.tend("pk") == []
        three.pass_time(4 * HOUR)
        (opened,) = three.tend("pk")
        assert opened.body.because == "time"
        assert three.tend("pk") == []
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_a_node_that_was_down_opens_it_late_and_both_see_that(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        three.pass_time(PAST_DUE)
        assert three.state(sealed) == "not-opened"
        assert "liaison.sealed-stuck" in matters(three, "pk")
        assert "liaison.sealed-silent" in matters(three, "af")
        three.tend("pk")
        three.carry()
        assert three.state(sealed) == "late"
        assert matters(three, "pk") == []

    def test_a_clock_that_is_behind_opens_it_by_its_own_time(self, three: Sealing) -> None:
        sealed = three.seal()
        three.border.set_clock("pk", minutes=-4)
        three.carry()
        three.pass_time(4 * HOUR)
        assert three.tend("pk") == []
        three.pass_time(timedelta(minutes=4))
        assert len(three.tend("pk")) == 1
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_an_incident_near_by_opens_it_at_once_and_one_far_off_does_not(self, three: Sealing) -> None:
        sealed = three.seal(notice=works(three.now - HOUR))
        Event(three.border).open("pk", place="35.00000, 71.10000 ±100 m")
        assert three.tend("pk") == []
        incident = Event(three.border).open("pk", place="34.10000, 71.10000 ±100 m")
        (opened,) = three.tend("pk")
        assert (opened.body.because, opened.body.incident) == ("incident", Named(*incident.key))
        assert three.tend("pk") == []
        three.carry()
        assert three.state(sealed) == "on-incident"

    def test_an_incident_that_the_other_side_told_of_opens_it_once_it_came(self, three: Sealing) -> None:
        sealed = three.seal(notice=works(three.now - HOUR))
        incident = Event(three.border).open("af", place="34.11000, 71.10000 ±500 m")
        assert three.tend("pk") == []
        three.border.exchange("af", "pk")
        (opened,) = three.tend("pk")
        assert (opened.key[0], opened.body.incident) == ("pk", Named(*incident.key))
        three.carry()
        assert three.state(sealed) == "on-incident"

    @pytest.mark.parametrize("said", [{"place": "34.1, 71.1 ±50 km"}, {"exercise": "on"}, {"type": "shots"}])
    def test_no_vague_word_no_exercise_and_no_other_day_opens_it(self, three: Sealing, said: dict[str, str]) -> None:
        three.seal(notice=works(three.now + (24 * HOUR if said == {"type": "shots"} else -HOUR)))
        Event(three.border).open("af", **({"place": "34.10000, 71.10000 ±100 m"} | said))
        three.border.exchange("af", "pk")
        assert three.tend("pk") == []

    def test_an_officer_opens_it_earlier_by_choice_in_a_second_step(self, three: Sealing) -> None:
        sealed = three.seal()
        with pytest.raises(Invalid) as unsure:
            three.do("pk", "open-sealed", sealed)
        assert unsure.value.code == "liaison.sure"
        three.do("pk", "open-sealed", sealed, sure="on")
        with pytest.raises(Invalid) as again:
            three.do("pk", "open-sealed", sealed, sure="on")
        assert again.value.code == "liaison.sealed-nothing"
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_only_its_sender_opens_or_calls_it_off(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        for deed, typed in (("open-sealed", {"sure": "on"}), ("call-off-sealed", {"reason": "outdated", "sure": "on"})):
            with pytest.raises(Invalid) as refused:
                three.do("af", deed, sealed, **typed)
            assert refused.value.code == "liaison.sealed-others"

    def test_what_was_opened_waits_to_be_read_until_somebody_signs_that_it_was(self, three: Sealing) -> None:
        sealed = three.seal()
        three.do("pk", "open-sealed", sealed, sure="on")
        three.carry()
        assert matters(three, "af") == ["liaison.sealed-read"]
        three.do("af", "read-sealed", sealed)
        assert matters(three, "af") == []


class TestWaits:
    """What waits is not hidden by what waits no more."""

    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("MOST", "AT_ONCE"):
            monkeypatch.setattr(waiting, name, 1, raising=False)

    def test_what_was_called_off_hides_nothing_that_was_not_opened(self, three: Sealing) -> None:
        first = three.seal()
        three.pass_time(timedelta(minutes=1))
        three.seal()
        three.do("pk", "call-off-sealed", first, reason="outdated", sure="on")
        three.carry()
        three.pass_time(PAST_DUE)
        assert (matters(three, "pk"), matters(three, "af")) == (["liaison.sealed-stuck"], ["liaison.sealed-silent"])

    def test_what_was_read_hides_nothing_that_was_not(self, three: Sealing) -> None:
        """Nor does what is shown beyond what is read of one side."""
        first = three.seal()
        three.pass_time(timedelta(minutes=1))
        other = three.seal()
        wrong = Unsealed(of=Named(*first.key), because="chosen", salt=SALT, notice=works(three.now + 24 * HOUR))
        for _ in range(stories.MOST_SHOWN + 1):
            three.say("pk", wrong, "af", "obs")
        three.carry()
        three.do("af", "read-sealed", first)
        assert matters(three, "af") == []
        three.do("pk", "open-sealed", other, sure="on")
        three.carry()
        assert matters(three, "af") == ["liaison.sealed-read"]
        three.do("af", "read-sealed", other)
        assert matters(three, "af") == []


class TestKeptBack:
    """What stays here until then, and what is left of it."""

    def spent(self, three: Sealing) -> list[str]:
        with look(three.border.pk.means) as turn:
            return list(tending.spent(turn))

    def test_it_is_to_be_destroyed_once_it_was_opened(self, three: Sealing) -> None:
        sealed = three.seal()
        assert self.spent(three) == []
        three.do("pk", "open-sealed", sealed, sure="on")
        assert self.spent(three) == [sealed.body.commitment]

    def test_it_is_to_be_destroyed_once_it_was_called_off_and_is_not_opened_any_more(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        three.do("pk", "call-off-sealed", sealed, reason="outdated", sure="on")
        assert self.spent(three) == [sealed.body.commitment]
        with pytest.raises(Invalid) as refused:
            three.do("pk", "open-sealed", sealed, sure="on")
        assert refused.value.code == "liaison.sealed-nothing"
        three.pass_time(4 * HOUR)
        assert three.tend("pk") == []
        three.carry()
        assert three.state(sealed) == "withdrawn"
        three.pass_time(HOUR)
        assert three.state(sealed) == "withdrawn"

    def test_it_is_to_be_destroyed_once_its_sealed_notice_is_gone(self, three: Sealing) -> None:
        sealed = three.seal()
        with begin(three.border.pk.means) as turn:
            views.forget(turn.tx, *sealed.key)
        assert self.spent(three) == [sealed.body.commitment]

    def test_called_off_once_it_was_due_it_stays_not_opened(self, three: Sealing) -> None:
        sealed = three.seal()
        three.pass_time(PAST_DUE)
        three.do("pk", "call-off-sealed", sealed, reason="mistaken", sure="on")
        three.carry()
        assert three.state(sealed) == "not-opened"

    def test_dated_back_it_was_not_opened_and_observers_open_it_still(self, three: Sealing) -> None:
        """An attack: once it is due, a word that is dated before that says that it was called off in time."""
        sealed = three.seal(escrow=1)
        three.carry()
        three.pass_time(PAST_DUE)
        three.seal("af")  # whatever comes into their logs meanwhile is countersigned
        three.carry()
        three.carry()
        three.border.set_clock("pk", hours=-1)
        three.do("pk", "call-off-sealed", sealed, reason="outdated", sure="on")
        three.carry()
        assert three.story("af", sealed).told.withdrawn is not None
        assert three.state(sealed, "af", "obs") == "not-opened"
        three.do("obs", "open-from-trust", sealed, sure="on")
        three.carry()
        assert three.state(sealed) == "by-escrow"

    def test_the_keeper_of_a_served_node_destroys_it_within_a_minute(self, three: Sealing) -> None:
        sealed, other = three.seal(), three.seal()
        three.do("pk", "open-sealed", sealed, sure="on")
        assert WORKSPACE.spent is not None
        keeper = Keeping(three.border.pk.means, lambda: 0.0, timedelta, [WORKSPACE.spent])
        keeper.round()
        with look(three.border.pk.means) as turn:
            assert list(kept_back.every(turn.tx)) == [other.body.commitment]

    def test_what_nobody_could_open_for_long_is_given_up(self, three: Sealing) -> None:
        sealed = three.seal()
        three.pass_time(4 * HOUR + sealing.GIVEN_UP)
        Keeping(three.border.pk.means, lambda: 0.0, timedelta).round()
        assert three.kept("pk") == 0
        assert three.state(sealed, "pk") == "not-opened"

    def test_a_node_that_was_put_back_to_a_copy_opens_it_still(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        three.border.pk.restore(three.border.pk.snapshot())
        three.pass_time(4 * HOUR)
        assert len(three.tend("pk")) == 1
        three.carry()
        assert three.state(sealed) == "in-time"

    def test_what_was_altered_here_is_not_sent_and_stays_not_opened(self, three: Sealing) -> None:
        """Sent, it would stand against this party for ever."""
        sealed = three.seal()
        with begin(three.border.pk.means) as turn:
            (data,) = kept_back.every(turn.tx).values()
            turn.tx.execute(update(KEPT_BACK).values(data=data.replace(b"trench", b"bunker")))
        three.pass_time(4 * HOUR)
        assert three.tend("pk") == []
        three.pass_time(HOUR)
        assert three.state(sealed, "pk") == "not-opened"

    def test_what_is_refused_keeps_nothing_back(self, three: Sealing) -> None:
        with pytest.raises(Invalid):
            three.seal(after=-HOUR)
        assert three.kept("pk") == 0

    def test_a_thief_of_the_other_sides_database_finds_nothing_of_it(self, three: Sealing) -> None:
        three.seal()
        three.carry()
        assert b"trench" in three.border.pk.snapshot()
        assert b"trench" not in three.border.af.snapshot()
        assert b"trench" not in three.border.obs.snapshot()


class TestRefused:
    """What is not sealed, and why."""

    @pytest.mark.parametrize("after", [timedelta(0), sealing.LONGEST + timedelta(minutes=1)])
    def test_it_opens_later_than_now_and_within_a_year(self, three: Sealing, after: timedelta) -> None:
        with pytest.raises(Invalid) as refused:
            three.seal(after=after)
        assert refused.value.code == "liaison.opens"

    def test_what_could_not_be_opened_is_not_sealed(self, three: Sealing) -> None:
        """Floor 6: where a patrol is exactly is nobody's who does not administer that ground, opened or entrusted."""
        with pytest.raises(Refused) as refused:
            three.seal(notice=patrol(three.now + 24 * HOUR))
        assert refused.value.by == "floor 6"
        exact = patrol(three.now + 24 * HOUR)
        wide = three.seal(notice=msgspec.structs.replace(exact, shape=coarse.coarse(exact.shape)))
        three.do("pk", "open-sealed", wide, sure="on")
        three.carry()
        assert three.state(wide) == "in-time"

    def test_aid_is_told_of_openly(self, three: Sealing) -> None:
        its = works(three.now + 24 * HOUR)
        convoy = Convoy(
            shape=its.shape, window=its.window, country="PK", by_whom="un", vehicles=4, contact="torkham/duty"
        )
        with pytest.raises(Refused) as refused:
            three.seal(notice=convoy)
        assert (refused.value.code, refused.value.by) == ("liaison.sealed-aid", "floor 13")

    def test_what_is_over_is_not_sealed(self, three: Sealing) -> None:
        with pytest.raises(Invalid) as refused:
            three.seal(notice=works(three.now - 48 * HOUR))
        assert refused.value.code == "liaison.sealed-over"

    def test_no_more_observers_are_asked_for_than_there_are(self, three: Sealing) -> None:
        for escrow in (-1, 2):
            with pytest.raises(Invalid) as refused:
                three.seal(escrow=escrow)
            assert refused.value.code == "liaison.escrow-many"

    def test_an_observer_seals_nothing(self, three: Sealing) -> None:
        with pytest.raises(Invalid) as refused:
            three.seal("obs")
        assert refused.value.code == "liaison.dealing"


class TestTampering:
    """What a party cannot make of what it has."""

    def opening(self, three: Sealing) -> Unsealed:
        with look(three.border.pk.means) as turn:
            (data,) = kept_back.every(turn.tx).values()
        secret = msgspec.json.decode(data, type=Secret)
        return Unsealed(of=INCIDENT, because="chosen", salt=secret.salt, notice=secret.notice)

    @pytest.mark.promised(
        "another notice than was sealed",
        "docs/threat-model.md",
        "A sealed notice as a pretext",
        "What was shown and does not fit stands by its sender's signature, whatever comes after",
    )
    def test_another_notice_or_salt_does_not_fit_and_stays_said(self, three: Sealing) -> None:
        sealed = three.seal()
        right = msgspec.structs.replace(self.opening(three), of=Named(*sealed.key))
        other = msgspec.structs.replace(right.notice, works="bunker")
        three.say("pk", msgspec.structs.replace(right, notice=other), "af", "obs")
        three.say("pk", msgspec.structs.replace(right, salt="00" * 32), "af", "obs")
        three.carry()
        assert three.state(sealed) == "does-not-fit"
        assert matters(three, "af") == ["liaison.sealed-misfit"]
        three.say("pk", right, "af", "obs")
        three.carry()
        assert three.state(sealed) == "in-time"
        assert len(rules.misfits(three.story("af", sealed))) == 2

    @pytest.mark.promised(
        "a commitment that was copied",
        "docs/threat-model.md",
        "A sealed notice as a pretext",
        "nobody opens what another committed itself to, nor its own by another's opening",
    )
    def test_a_party_opens_no_commitment_that_it_copied(self, three: Sealing) -> None:
        """Once pk opened its own, af knows salt and notice; its copy says nothing that af had told of."""
        sealed = three.seal()
        three.carry()
        copy = three.say("af", Sealed(commitment=sealed.body.commitment, opens=three.now + 8 * HOUR), "pk", "obs")
        three.do("pk", "open-sealed", sealed, sure="on")
        three.carry()
        opened = next(iter(three.story("af", sealed).shown))
        with look(three.border.af.means) as turn:
            body = stories.require(turn, *sealed.key).bodies[opened.key]
        three.say("af", msgspec.structs.replace(body, of=Named(*copy.key)), "pk", "obs")
        three.carry()
        assert three.state(copy) == "does-not-fit"
        assert three.state(sealed) == "in-time"

    def test_an_opening_played_again_opens_no_other(self, three: Sealing) -> None:
        first = three.seal()
        its = self.opening(three)
        other = three.seal()
        three.say("pk", msgspec.structs.replace(its, of=Named(*other.key)), "af", "obs")
        three.carry()
        assert three.state(other) == "does-not-fit"
        assert three.state(first) == "sealed"

    def test_nobody_opens_anothers(self, three: Sealing) -> None:
        sealed = three.seal()
        right = msgspec.structs.replace(self.opening(three), of=Named(*sealed.key))
        three.carry()
        three.say("af", right, "pk", "obs")
        three.carry()
        assert three.state(sealed) == "sealed"

    def test_an_exercise_opens_nothing_real(self, three: Sealing) -> None:
        sealed = three.seal()
        right = msgspec.structs.replace(self.opening(three), of=Named(*sealed.key))
        three.say("pk", right, "af", "obs", exercise=True)
        three.carry()
        assert three.state(sealed) == "sealed"

    def test_an_opening_that_says_where_persons_are_is_not_taken_in(self, three: Sealing) -> None:
        sealed = three.seal()
        body = Unsealed(of=Named(*sealed.key), because="chosen", salt="5a" * 32, notice=patrol(three.now))
        with pytest.raises(Refused) as refused:
            three.say("pk", body, "af", "obs")
        assert refused.value.by == "floor 6"


class TestTrust:
    """What an observer holds, and when it may open it."""

    def test_it_goes_to_observers_alone_and_they_say_that_they_hold_it(self, three: Sealing) -> None:
        sealed = three.seal(escrow=1)
        assert sealed.body.held_by == ("obs",)
        three.carry()
        assert b"trench" not in three.border.af.snapshot()
        (word,) = three.tend("obs")
        assert word.body.fits
        assert three.tend("obs") == []
        three.carry()
        for party in ("pk", "af", "obs"):
            (held,) = rules.words(three.story(party, sealed)).values()
            assert held is not None
            assert held.fits

    def test_it_is_opened_when_it_is_due_and_was_not_and_not_before(self, three: Sealing) -> None:
        sealed = three.seal(escrow=1)
        three.carry()
        with pytest.raises(Refused) as early:
            three.do("obs", "open-from-trust", sealed, sure="on")
        assert early.value.code == "liaison.trust"
        three.pass_time(PAST_DUE)
        assert matters(three, "obs") == ["liaison.sealed-trust"]
        with pytest.raises(Invalid) as unsure:
            three.do("obs", "open-from-trust", sealed)
        assert unsure.value.code == "liaison.sure"
        three.do("obs", "open-from-trust", sealed, sure="on")
        three.carry()
        assert three.state(sealed) == "by-escrow"
        with pytest.raises(Refused):
            three.do("obs", "open-from-trust", sealed, sure="on")

    def test_who_holds_nothing_opens_nothing(self, three: Sealing) -> None:
        sealed = three.seal()
        three.carry()
        three.pass_time(PAST_DUE)
        for party in ("af", "obs"):
            with pytest.raises(Invalid) as refused:
                three.do(party, "open-from-trust", sealed, sure="on")
            assert refused.value.code == "liaison.trust-nothing"

    @pytest.mark.promised(
        "what is held in trust, to a member",
        "docs/threat-model.md",
        "A sealed notice as a pretext",
        "What observers hold in trust goes to no member, whatever the compact says",
    )
    def test_a_compact_that_hands_it_to_the_neighbour_is_not_followed(self, three: Sealing) -> None:
        """Whatever directions say: what is held in trust goes to no member, at either end."""
        with look(three.border.pk.means) as turn:
            kind = turn.means.kinds.newest("liaison.escrow")
        assert kind.told == "trust"
        example = kind.examples[0]
        with pytest.raises(Refused) as refused:
            three.say("pk", example, "af", kind="liaison.escrow")
        assert refused.value.code == "check.trust"

    def test_who_breaks_the_trust_is_seen_and_it_does_not_count(self, three: Sealing) -> None:
        sealed = three.seal(escrow=1)
        three.carry()
        with look(three.border.obs.means) as turn:
            held = stories.entrusted(turn, stories.require(turn, *sealed.key))
        assert held is not None
        body = Unsealed(of=Named(*sealed.key), because="escrow", salt=held[0].salt, notice=held[0].notice)
        three.say("obs", body, "pk", "af")
        three.carry()
        assert three.state(sealed) == "sealed"
        assert len(rules.broken_trust(three.story("af", sealed))) == 1
        far = Event(three.border).open("af", place="35.00000, 71.10000 ±100 m")
        for incident in (INCIDENT, Named(*far.key)):  # that nobody told of, and one that is not near by
            three.say("obs", msgspec.structs.replace(body, incident=incident), "pk", "af")
        three.carry()
        assert three.state(sealed) == "sealed"
        assert len(rules.broken_trust(three.story("af", sealed))) == 3

    def test_on_an_incident_near_by_it_is_opened_at_once(self, three: Sealing) -> None:
        sealed = three.seal(notice=works(three.now - HOUR), escrow=1)
        three.carry()
        incident = Event(three.border).open("af", place="34.10000, 71.10000 ±100 m")
        three.carry()
        (opened,) = three.do("obs", "open-from-trust", sealed, sure="on")
        assert opened.body.incident == Named(*incident.key)
        three.carry()
        assert three.state(sealed) == "by-escrow"
        assert rules.broken_trust(three.story("pk", sealed)) == ()


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations(range(3)), late=st.booleans())
def test_all_say_the_same_in_whatever_order_it_is_carried(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], *, late: bool
) -> None:
    with meet(tmp_path_factory.mktemp("order")) as met:
        three = Sealing(met)
        sealed = three.seal(escrow=1)
        met.exchange("pk", "obs")
        three.tend("obs")
        three.pass_time(PAST_DUE if late else 4 * HOUR)
        three.tend("pk")
        ways = (("pk", "af"), ("af", "obs"), ("pk", "obs"))
        for number in order:
            met.exchange(*ways[number])
        three.carry()
        assert three.state(sealed) == ("late" if late else "in-time")
