"""What is refused to seal, what opens nothing, and who is trusted with what, between sides that really send."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from amanat.exchange.means import look
from amanat.party.errors import Invalid, Refused
from amanat.store import kept_back
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.notices import coarse
from amanat.workspaces.liaison.notices.aid import Convoy
from amanat.workspaces.liaison.sealed import rules, sealing, stories
from amanat.workspaces.liaison.sealed.commitment import Secret
from amanat.workspaces.liaison.sealed.kinds import Sealed, Unsealed
from amanat.workspaces.liaison.tests.incidents_cast import Event
from amanat.workspaces.liaison.tests.sealed_cast import HOUR, Sealing, matters, patrol, works
from border import agree, meet

INCIDENT = Named("af", "01936e1a-7a00-7000-8000-000000000031")
SALT = "5a" * 32
PAST_DUE = 4 * HOUR + rules.GRACE + timedelta(seconds=1)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Sealing]:
    with meet(tmp_path) as met:
        yield Sealing(met)


def shortened(three: Sealing, kind: str, days: int) -> None:
    """Let all agree that records of a kind of sealed notices expire sooner."""
    header = (
        f'[kinds."liaison.{kind}".handling]\ntlp = "TLP:AMBER"\npurpose = "de-escalation"\nexpires_days = '.encode()
    )
    change = (header + b"1095", header + str(days).encode())
    border = three.border
    signed = agree(border.sides.values(), border.pk.terms, change)
    for side in border.sides.values():
        side.take("compact", signed)


class TestRefused:
    """What is not sealed, and why."""

    @pytest.mark.parametrize("after", [timedelta(0), sealing.LONGEST + timedelta(minutes=1)])
    def test_it_opens_later_than_now_and_within_a_year(self, three: Sealing, after: timedelta) -> None:
        with pytest.raises(Invalid) as refused:
            three.seal(after=after)
        assert refused.value.code == "liaison.opens"

    @pytest.mark.parametrize(("escrow", "kind", "days"), [(0, "sealed", 20), (1, "escrow", 10)])
    def test_it_opens_before_what_tells_of_it_expires(self, three: Sealing, escrow: int, kind: str, days: int) -> None:
        """What opens it expires with it, and what is held in trust too: nothing could be opened later."""
        shortened(three, kind, days)
        with pytest.raises(Invalid) as refused:
            three.seal(after=timedelta(days=days), escrow=escrow)
        assert (refused.value.code, f"within {days - 1} days" in refused.value.says) == ("liaison.opens", True)
        assert three.state(three.seal(after=timedelta(days=days - 1), escrow=escrow), "pk") == "sealed"

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
