"""What a hostile side can do in parallel measures: withdraw what was agreed, flood, and date ahead. None of it hides a hold."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import msgspec
import pytest

from amanat.exchange.means import look
from amanat.officer.may import Actor, permitted
from amanat.party.errors import Invalid
from amanat.record.record import Record, Ref
from amanat.workspace import Ring
from amanat.workspaces.liaison import matter_rows
from amanat.workspaces.liaison.kinds import Desk as AtDesk
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.measures import held, kinds, pages, rules, waiting
from amanat.workspaces.liaison.tests.beside_cast import PART, Beside, address, beside, next_day, page, words
from amanat.workspaces.liaison.tests.lines import DUTY, of
from api.cast import Desk, desk

Served = tuple[Beside, dict[str, Desk]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with beside(tmp_path_factory.mktemp("hostile")) as made, ExitStack() as open_:
        made.border.dishonest.add("af")
        yield made, {party: open_.enter_context(desk(made.side(party))) for party in ("pk", "af")}


@pytest.fixture
def made(served: Served) -> Beside:
    return next_day(served[0])


def actor() -> Actor:
    return Actor(1, DUTY, ("duty",), permitted(["duty"]), "console")


def rings(made: Beside, measure: Record) -> list[Ring]:
    """What rings at pk of a measure."""
    with look(made.side("pk").means) as turn:
        return [each for each in waiting.rings(turn, actor()) if measure.key[1] in each.path]


def seen(made: Beside, measure: Record) -> str:
    """What a form at pk carries of what its page showed unread."""
    with look(made.side("pk").means) as turn:
        return str(pages.measure(turn, actor(), pages.OneQuery(*measure.key))["seen"])


def agreed(made: Beside, by: str = "pk") -> tuple[Record, dict[str, Record]]:
    """A measure that both agreed to, and the word of each by which it did; all of it was read."""
    measure = made.propose(by)
    made.carry()
    other = "af" if by == "pk" else "pk"
    made.act(other, measure, "part", **PART)
    made.carry()
    signed = {party: made.act(party, measure, "agreed") for party in ("pk", "af")}
    made.carry()
    read(made, measure)
    return measure, signed


def started(made: Beside, *parties: str, by: str = "pk") -> tuple[Record, dict[str, Record]]:
    """The same where these started."""
    measure, signed = agreed(made, by)
    for party in parties:
        made.act(party, measure, "started")
    made.carry()
    read(made, measure)
    return measure, signed


def read(made: Beside, measure: Record) -> None:
    made.do("pk", "measure-read", **of(measure))
    made.border.clock.forward(minutes=1)


def taken_back(made: Beside, party: str, record: Record) -> None:
    made.withdraw(party, record)
    made.carry()
    made.border.clock.forward(minutes=1)


def states(made: Beside, measure: Record) -> set[str]:
    return {made.measure_stands(party, measure).state for party in ("pk", "af", "obs")}


def last(made: Beside, measure: Record, party: str) -> set[str]:
    """What a side confirmed last, as each side has it."""
    stands = [made.measure_stands(at, measure) for at in ("pk", "af")]
    return {each.last for standing in stands for each in standing.columns if each.party == party}


# --- what is withdrawn ------------------------------------------------------------------------------------------------


def test_who_withdraws_its_agreement_unsays_nothing_that_the_other_started_and_that_rings(made: Beside) -> None:
    measure, signed = started(made, "pk")
    taken_back(made, "af", signed["af"])
    assert (states(made, measure), last(made, measure, "pk")) == ({"held"}, {"started"})
    waits = {(each.party, each.code) for each in made.measure_stands("pk", measure).waits}
    assert waits == {("pk", "stopped"), ("af", "agreed")}
    assert [each.peer for each in rings(made, measure)] == ["af"]
    with look(made.side("pk").means) as turn:
        assert measure.key[1] in [each.id for each in waiting.now(turn, actor())]
    made.act("pk", measure, "holds")
    made.carry()
    assert rings(made, measure) == []


def test_an_agreement_that_was_withdrawn_can_be_given_again(made: Beside) -> None:
    measure, signed = started(made, "pk")
    taken_back(made, "af", signed["af"])
    made.act("af", measure, "agreed")
    made.carry()
    read(made, measure)
    assert (states(made, measure), rings(made, measure)) == ({"under-way"}, [])


def test_nothing_starts_on_an_agreement_that_was_withdrawn(made: Beside) -> None:
    measure, signed = agreed(made)
    taken_back(made, "af", signed["af"])
    assert states(made, measure) == {"to-agree"}
    assert "started" not in rules.acts(made.measure("pk", measure), made.border.clock.at, "pk")


def test_a_measure_that_its_proposer_withdrew_is_proposed_no_more(served: Served, made: Beside) -> None:
    measure, _ = agreed(made)
    taken_back(made, "pk", measure)
    assert states(made, measure) == {"withdrawn"}
    assert made.measure_stands("af", measure).waits == ()
    assert {rules.acts(made.measure(party, measure), made.border.clock.at, party) for party in ("pk", "af")} == {()}
    for at in served[1].values():
        assert "Withdrawn" in words(at, address("measure", measure))
        history = page(at, address("measure", measure)).partition('id="measure-history"')[2].partition("</ol>")[0]
        assert ["withdrawn" in each for each in history.split("<li ")[1:]] == [True, False, False, False]
        row = page(at, "/liaison/measures").partition(f'id="pk-{measure.key[1]}"')[2].partition("</tr>")[0]
        assert "Withdrawn" in row


def test_a_measure_that_is_withdrawn_after_both_started_is_to_be_stopped_and_rings(made: Beside) -> None:
    measure, _ = started(made, "pk", "af", by="af")
    taken_back(made, "af", measure)
    assert states(made, measure) == {"held"}
    assert {(each.party, each.code) for each in made.measure_stands("af", measure).waits} == {
        ("pk", "stopped"),
        ("af", "stopped"),
    }
    assert len(rings(made, measure)) == 1
    assert rules.acts(made.measure("pk", measure), made.border.clock.at, "pk") == ("holds", "stopped")
    for party in ("pk", "af"):
        made.act(party, measure, "stopped")
    made.carry()
    assert states(made, measure) == {"stopped"}


# --- floods -----------------------------------------------------------------------------------------------------------


def junk(made: Beside, measure: Record, count: int) -> None:
    for _ in range(count):
        made.craft("af", "liaison.measure", kinds.Agreed(measure=Named(*measure.key), digest="0" * 64), measure)


def test_a_hold_is_heard_whatever_its_side_said_without_end_before(
    made: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_SAID", 6)
    measure, _ = started(made, "pk", "af")
    junk(made, measure, 8)
    made.carry()
    read(made, measure)
    did: kinds.Confirmed
    for did in ("holds", "stopped"):
        made.craft("af", "liaison.measure", kinds.Said(measure=Named(*measure.key), did=did), measure)
        made.carry()
        assert [each.title for each in rings(made, measure)] == [f"liaison.measure-{did}"]
        assert (states(made, measure), last(made, measure, "af")) == ({"held"}, {did})
        read(made, measure)


def test_no_junk_dated_before_it_hides_that_a_side_agreed_and_the_page_says_how_much_there_is(
    served: Served, made: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_SAID", 6)
    measure = made.propose("pk")
    made.carry()
    made.border.clock.forward(minutes=10)
    made.both_agree(measure)
    made.border.set_clock("af", minutes=-5)
    junk(made, measure, 8)
    made.border.set_clock("af")
    junk(made, measure, 1)
    made.carry()
    made.border.clock.forward(minutes=1)
    assert states(made, measure) == {"agreed"}
    assert "more messages of" in words(served[1]["pk"], address("measure", measure))


def test_a_part_that_was_changed_after_a_flood_is_agreed_to_no_more(
    made: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_SAID", 6)
    measure, _ = started(made, "pk", "af")
    junk(made, measure, 8)
    other = next(each.part for each in made.measure_stands("af", measure).columns if each.party == "af")
    assert other is not None
    part = msgspec.structs.replace(other, action="stand-still")
    made.craft("af", "liaison.measure", kinds.Part(measure=Named(*measure.key), part=part), measure)
    made.carry()
    assert states(made, measure) == {"held"}
    assert len(rings(made, measure)) == 1


def test_a_hold_in_an_older_measure_rings_and_blocks_a_start_whatever_else_is_unread(
    made: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matter_rows, "MOST_UNREAD", 3)
    monkeypatch.setattr(held, "MOST_OPEN", 2)
    measure, _ = agreed(made, by="af")
    before = seen(made, measure)
    for _ in range(5):
        made.craft("af", "liaison.measure", measure.body)
    made.carry()
    made.border.clock.forward(minutes=1)
    made.craft("af", "liaison.measure", kinds.Said(measure=Named(*measure.key), did="holds"), measure)
    made.carry()
    assert [each.title for each in rings(made, measure)] == ["liaison.measure-holds"]
    with pytest.raises(Invalid, match="changed since it was shown"):
        made.act("pk", measure, "started", seen=before)
    read(made, measure)
    assert rings(made, measure) == []


# --- what is dated ahead, and what is put in its place ----------------------------------------------------------------


def test_what_counts_for_nothing_yet_is_not_signed_as_read_and_rings_in_its_time(made: Beside) -> None:
    measure, _ = started(made, "pk", "af")
    made.border.set_clock("af", hours=25)
    made.craft("af", "liaison.measure", kinds.Said(measure=Named(*measure.key), did="holds"), measure)
    made.border.set_clock("af")
    made.carry()
    assert seen(made, measure) == "-1"
    read(made, measure)
    made.border.clock.at += timedelta(hours=25)
    assert [each.title for each in rings(made, measure)] == ["liaison.measure-holds"]
    read(made, measure)
    assert rings(made, measure) == []


def test_a_hold_rings_whatever_its_side_puts_in_its_place(made: Beside) -> None:
    measure, _ = started(made, "pk", "af")
    hold = made.act("af", measure, "holds")
    refs, expires = (Ref("supersedes", *hold.key),), msgspec.to_builtins(hold.fields.handling)["expires"]
    sign = AtDesk(hotline="kurram", attended=True)
    made.craft("af", "liaison.sign", sign, None, refs=refs, handling={"expires": expires})
    word = kinds.Agreed(measure=Named(*measure.key), digest="0" * 64)
    made.craft("af", "liaison.measure", word, measure, refs=refs)
    made.carry()
    assert [each.title for each in rings(made, measure)] == ["liaison.measure-holds"]
    read(made, measure)
    assert rings(made, measure) == []
