"""A record naming a person waits for a second one, who approves exactly its bytes; the receiver asks for that too."""

import msgspec
import pytest

from amanat.exchange.accept import Declined
from amanat.exchange.means import begin
from amanat.exchange.send import Held, release_held, send
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Post, Ref
from amanat.store import listing
from border import Border, agree
from side import Side

CHIEF = Post("pk", "chief")


@pytest.fixture
def held(border: Border) -> Held:
    """A report of pk's duty desk that names a person."""
    return border.pk.hold("af", **border.pk.person("a person at the gate"))


def release(side: Side, held: Held, second: Post = CHIEF, digest: str | None = None) -> None:
    release_held(held.record.fields.id, digest or held.digest, second, side.means)


def waiting(side: Side) -> list[bytes]:
    with begin(side.means) as turn:
        return [row.data for row in listing.held(turn.tx)]


def test_what_is_held_leaves_the_house_only_when_it_is_approved(border: Border, held: Held) -> None:
    border.carry("pk", "af")
    assert border.af.received() == []
    release(border.pk, held)
    border.carry("pk", "af")
    assert [record.body.text for record in border.af.received()] == ["a person at the gate"]


def test_what_arrives_says_which_post_approved_it_and_is_otherwise_what_was_read(border: Border, held: Held) -> None:
    release(border.pk, held)
    border.carry("pk", "af")
    (came,) = border.af.received()
    assert came.fields.approved_by == CHIEF
    assert msgspec.structs.replace(came.fields, approved_by=None) == held.record.fields


def test_what_was_approved_waits_no_more(border: Border, held: Held) -> None:
    release(border.pk, held)
    assert waiting(border.pk) == []
    with pytest.raises(Invalid) as caught:
        release(border.pk, held)
    assert caught.value.code == "held.unknown"


@pytest.mark.promised("a forged approval", "docs/threat-model.md", "An insider", "approves exactly its bytes")
def test_an_approval_of_other_bytes_releases_nothing(border: Border, held: Held) -> None:
    with pytest.raises(Invalid) as caught:
        release(border.pk, held, digest="00" * 32)
    assert caught.value.code == "approval.digest"
    assert waiting(border.pk) == [held.record.data]


@pytest.mark.parametrize("second", [Post("pk", "duty"), Post("af", "chief")], ids=["the author", "another party"])
def test_the_second_person_is_another_post_of_the_same_party(border: Border, held: Held, second: Post) -> None:
    with pytest.raises(Invalid) as caught:
        release(border.pk, held, second)
    assert caught.value.code == "record.contradiction"
    assert waiting(border.pk) == [held.record.data]


def test_only_what_names_a_person_waits(border: Border) -> None:
    drafts = [border.pk.draft("af"), border.pk.draft("af", **border.pk.person())]
    sent, held = send(drafts, border.pk.post, border.pk.means)
    assert not isinstance(sent, Held)
    assert isinstance(held, Held)


def test_the_compact_is_asked_again_when_it_is_approved(border: Border, held: Held) -> None:
    """It was suspended meanwhile: the record waits on, and goes out once it is resumed."""
    border.pk.act("suspend", 1)
    with pytest.raises(Refused, match=r"4\.1\.f"):
        release(border.pk, held)
    border.pk.act("resume", 2, custodians=True)
    release(border.pk, held)
    assert waiting(border.pk) == []


def test_a_record_held_under_an_amended_text_is_written_anew(border: Border, held: Held) -> None:
    """Nobody can approve it any more: it names a text that is no longer in force, and its bytes are what was read."""
    signed = agree(border.sides.values(), amends=border.pk.terms)
    assert not border.pk.take("compact", signed).problems
    with pytest.raises(Refused) as caught:
        release(border.pk, held)
    assert caught.value.code == "compact.outdated"
    assert waiting(border.pk) == [held.record.data]
    border.af.take("compact", signed)
    anew = border.pk.hold("af", **border.pk.person("a person at the gate"))
    release(border.pk, anew)
    border.carry("pk", "af")
    assert [record.body for record in border.af.received()] == [held.record.body]


def test_what_expired_while_it_waited_is_not_released(border: Border, held: Held) -> None:
    border.clock.forward(days=30)
    with pytest.raises(Invalid) as caught:
        release(border.pk, held)
    assert caught.value.code == "held.expired"


@pytest.mark.promised("a forged approval", "docs/threat-model.md", "An insider", "the receiver refuses it without")
def test_the_receiver_refuses_what_was_sent_without_the_second_person(border: Border) -> None:
    border.dishonest.add("pk")
    alone = border.pk.forge("af", **border.pk.person())
    (outcome,) = border.af.take("envelope", alone, sender="pk").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "check.second-person"
    assert border.af.received() == []
    assert border.af.evidence() == ["check.second-person"]


def test_what_still_waits_is_not_superseded(border: Border, held: Held) -> None:
    """Approved afterwards, it would go out with a person's data that is outdated already."""
    later = (Ref("supersedes", *held.record.key),)
    with pytest.raises(Invalid) as caught:
        border.pk.send("af", refs=later)
    assert caught.value.code == "held.superseded"
    release(border.pk, held)
    assert border.pk.send("af", refs=later).record.fields.refs == later
