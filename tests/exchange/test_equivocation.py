"""A sender that signs two envelopes under one id: the first stands, the second is refused, kept and shown."""

import pytest

from amanat.exchange.accept import Accepted, Declined, Repeated
from amanat.exchange.means import begin
from amanat.exchange.receive import Report
from amanat.store import logs, statements
from border import Border
from side import Side


@pytest.fixture
def two(border: Border) -> tuple[bytes, bytes]:
    """Two envelopes of pk under one id, both addressed to af."""
    border.dishonest.add("pk")
    id_ = border.pk.means.new_id()
    return border.pk.forge("af", text="one lorry", id_=id_), border.pk.forge("af", text="nine lorries", id_=id_)


def assert_refused_as_equivocation(report: Report) -> None:
    outcome = report.outcomes[-1]
    assert isinstance(outcome, Declined)
    assert (outcome.problem.code, outcome.sender) == ("record.equivocation", "pk")
    assert "signed two different envelopes under the id" in outcome.problem.says


def texts(side: Side) -> list[str]:
    return [record.body.text for record in side.received()]


def test_in_one_bundle_the_first_stands(border: Border, two: tuple[bytes, bytes]) -> None:
    report = border.af.take("envelope", *two, sender="pk")
    assert isinstance(report.outcomes[0], Accepted)
    assert_refused_as_equivocation(report)
    assert texts(border.af) == ["one lorry"]


@pytest.mark.promised(
    "equal ids", "docs/threat-model.md", "The other party", "It cannot make us accept two records under one id"
)
def test_in_two_bundles_the_first_stands(border: Border, two: tuple[bytes, bytes]) -> None:
    border.af.take("envelope", two[1], sender="pk")
    assert_refused_as_equivocation(border.af.take("envelope", two[0], sender="pk"))
    assert texts(border.af) == ["nine lorries"]


def test_the_second_is_kept_as_it_came(border: Border, two: tuple[bytes, bytes]) -> None:
    border.af.take("envelope", *two, sender="pk")
    with begin(border.af.means) as turn:
        (row,) = statements.evidence(turn.tx)
    assert (row.party, row.code, row.data) == ("pk", "record.equivocation", two[1])


def test_the_second_never_stands_in_the_log(border: Border, two: tuple[bytes, bytes]) -> None:
    border.af.take("envelope", *two, sender="pk")
    with begin(border.af.means) as turn:
        assert logs.latest(turn.tx, "pk-af")[0].size == 1


def test_the_sender_is_told_of_both(border: Border, two: tuple[bytes, bytes]) -> None:
    border.af.take("envelope", *two, sender="pk")
    report = border.carry("af", "pk")
    assert (report.items["receipt"], report.items["refusal"]) == (1, 1)


def test_the_same_envelope_again_is_answered_again_and_logged_once(border: Border, two: tuple[bytes, bytes]) -> None:
    border.af.take("envelope", two[0], sender="pk")
    border.carry("af", "pk")
    (again,) = border.af.take("envelope", two[0], sender="pk").outcomes
    assert isinstance(again, Repeated)
    assert border.carry("af", "pk").items["receipt"] == 1
    with begin(border.af.means) as turn:
        assert logs.latest(turn.tx, "pk-af")[0].size == 1


def test_the_second_again_is_answered_again_and_kept_once(border: Border, two: tuple[bytes, bytes]) -> None:
    border.af.take("envelope", *two, sender="pk")
    border.carry("af", "pk")
    (again,) = border.af.take("envelope", two[1], sender="pk").outcomes
    assert isinstance(again, Repeated)
    assert border.af.evidence() == ["record.equivocation"]
    assert border.carry("af", "pk").items["refusal"] == 1


@pytest.mark.promised(
    "equal ids", "docs/protocol/bundle.md", "Taking a bundle in", "is kept as evidence of equivocation"
)
def test_two_parties_told_two_things_know_it_as_soon_as_one_of_them_has_both(border: Border) -> None:
    """Each accepts what it was sent: nothing in either envelope speaks of the other."""
    border.dishonest.add("pk")
    id_ = border.pk.means.new_id()
    to_af = border.pk.forge("af", "obs", text="one lorry", id_=id_, **border.pk.green())
    to_obs = border.pk.forge("af", "obs", text="nine lorries", id_=id_, **border.pk.green())
    border.af.take("envelope", to_af, sender="pk")
    border.obs.take("envelope", to_obs, sender="pk")
    assert (texts(border.af), texts(border.obs)) == (["one lorry"], ["nine lorries"])
    assert_refused_as_equivocation(border.obs.take("envelope", to_af, sender="pk"))
    assert texts(border.obs) == ["nine lorries"]


def test_one_id_of_two_senders_is_no_equivocation(border: Border) -> None:
    """An id is its sender's own: nobody can spoil another's by using it first."""
    border.dishonest.add("obs")
    sent = border.pk.send("af")
    spoiled = border.obs.forge("af", id_=sent.record.fields.id)
    border.af.take("envelope", spoiled, sender="obs")
    (outcome,) = border.carry("pk", "af").outcomes
    assert isinstance(outcome, Accepted)


@pytest.mark.promised("a bundle in another's name", "docs/protocol/envelope.md", "Opening", "Its sender brings it")
def test_an_envelope_brought_by_another_spoils_nothing_for_its_sender(border: Border) -> None:
    """Nobody signs a bundle's first line: whoever writes another name there must not have our envelope refused."""
    sent = border.pk.send("af")
    border.dishonest.add("obs")
    (outcome,) = border.af.take("envelope", border.pk.envelope(sent), sender="obs").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == "envelope.courier"
    border.exchange("pk", "af")
    assert border.pk.delivery(sent, "af") == "provisional"


# --- when the first was refused --------------------------------------------------------------------------------------


def code_of(report: Report) -> str:
    outcome = report.outcomes[-1]
    assert isinstance(outcome, Declined)
    return outcome.problem.code


def take(border: Border, envelopes: tuple[bytes, bytes], *, together: bool) -> Report:
    """Let af take in two envelopes of pk, in one bundle or in two."""
    if together:
        return border.af.take("envelope", *envelopes, sender="pk")
    border.af.take("envelope", envelopes[0], sender="pk")
    return border.af.take("envelope", envelopes[1], sender="pk")


@pytest.mark.parametrize("together", [True, False])
def test_the_second_is_refused_also_when_the_first_was_refused(border: Border, *, together: bool) -> None:
    """Else a sender could have one text refused, show that refusal about, and have another accepted under its id."""
    border.dishonest.add("pk")
    id_ = border.pk.means.new_id()
    refused = border.pk.forge("af", body=border.pk.person()["body"], id_=id_)
    second = border.pk.forge("af", text="nine lorries", id_=id_, sequence=2)
    assert_refused_as_equivocation(take(border, (refused, second), together=together))
    assert texts(border.af) == []
    assert border.af.evidence() == ["floor.2", "record.equivocation"]


# --- two under one number ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("person", [False, True], ids=["the first accepted", "the first refused"])
def test_another_envelope_with_a_number_that_came_is_refused_and_kept(
    border: Border, *, together: bool, person: bool
) -> None:
    """Numbers show what is missing only if none is given twice."""
    border.dishonest.add("pk")
    body = {"body": border.pk.person()["body"]} if person else {}
    first, second = border.pk.forge("af", sequence=7, **body), border.pk.forge("af", sequence=7, text="another")
    assert code_of(take(border, (first, second), together=together)) == "sequence.equivocation"
    assert "another" not in texts(border.af)
    with begin(border.af.means) as turn:
        row = statements.evidence(turn.tx)[-1]
    assert (row.party, row.code, row.data) == ("pk", "sequence.equivocation", second)


def test_numbers_of_two_senders_are_their_own(border: Border) -> None:
    border.dishonest.update(("pk", "obs"))
    one, other = border.pk.forge("af"), border.obs.forge("af")
    assert code_of(border.af.take("envelope", other, sender="obs")) == "check.direction"
    (outcome,) = border.af.take("envelope", one, sender="pk").outcomes
    assert isinstance(outcome, Accepted)
