"""An incident over a real border: three nodes say the same of it, however records met and in whatever order they came."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert, select

from amanat.exchange.means import look
from amanat.exchange.withdraw import withdraw
from amanat.record.notices import Withdrawal
from amanat.record.record import Record
from amanat.store.tables import METADATA, RECORD, REFERENCE
from amanat.workspaces.liaison import views as liaison_views
from amanat.workspaces.liaison import withdrawals
from amanat.workspaces.liaison.incidents import matters
from amanat.workspaces.liaison.incidents.kinds import Answered, Closes, Consents, Done, Proposed, Reopens, Same
from amanat.workspaces.liaison.kinds import Named, Said
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, HURT, Event, event, says

TEXT = (Said("joint.informed"),)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("orders")) as made:
        yield made


ACTS = ("done", "close", "reopen", "account", "answer", "consent", "note", "propose", "same", "withdraw", "carry")


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(st.tuples(st.sampled_from(["pk", "af"]), st.sampled_from(ACTS)), max_size=12),
    st.randoms(use_true_random=False),
)
def test_three_nodes_say_the_same_however_records_met_and_any_database_in_any_order(
    shots: Event, acts: list[tuple[str, str]], chance: Any
) -> None:
    one, other = shots.open("pk"), shots.open("af", place="33.93, 70.10 ±1000 m")
    shots.carry()
    told = [one, other]
    for side, act in acts:
        if act == "withdraw":
            _withdraws(shots, side, told)
        else:
            told += _acted(shots, one, other, side, act)
    shots.carry()
    said = [says(shots.seen(party, one)) for party in ("pk", "af", "obs")]
    assert said[0] == said[1] == said[2]
    chance.shuffle(told)
    assert says(_rebuilt(shots, told, one)) == said[0]


def _withdraws(shots: Event, side: str, told: list[Record]) -> None:
    """Let a side withdraw what it told last and has not withdrawn."""
    by = shots.border.sides[side]
    shots.wait(seconds=1)
    with look(by.means) as turn:
        mine = [each.key for each in reversed(told) if each.key[0] == side]
        gone = withdrawals.times(turn.tx, mine, turn.now)
    for _, id_ in [each for each in mine if each not in gone][:1]:
        withdraw(id_, Withdrawal("mistaken"), by.post, by.means)


def _acted(shots: Event, one: Record, other: Record, side: str, act: str) -> list[Record]:
    """What a side does, where it may; each time a second later."""
    theirs = [each for each in shots.seen(side, one).findings if each.party != side]
    body: Any = None
    if act == "carry":
        shots.border.exchange(side, "af" if side == "pk" else "pk")
        return []
    if act == "account":
        return [shots.account(side, one, FIRED, HURT)]
    if act == "propose":
        body = Proposed(incident=Named(*one.key), number=1, sentences=TEXT, wording="5a" * 32)
        return [shots.tell(side, one, "liaison.statement", body)]
    if act == "note":
        return (
            [shots.step("obs", one, "note", of=theirs[0].party, statement=theirs[0].digest, stance="seen")]
            if theirs and shots.seen("obs", one).findings
            else []
        )
    key, now = Named(*one.key), shots.border.clock.at.replace(microsecond=0)
    if act == "answer":
        body = (
            Answered(incident=key, party=theirs[0].party, statement=theirs[0].digest, stance="agrees")
            if theirs
            else None
        )
    made = {
        "done": Done(incident=key, step="cease", time=now),
        "close": Closes(incident=key),
        "reopen": Reopens(incident=key),
        "consent": Consents(incident=key, mediators="traders", consents=True),
        "same": Same(incident=key, same=Named(*other.key)),
        "answer": body,
    }[act]
    shots.wait(seconds=1)
    return [shots.tell(side, one, "liaison.incident-step", made)] if made else []


def _rebuilt(shots: Event, told: list[Record], of: Record) -> matters.Matter:
    """The event as a database has it to which these records came in this order."""
    engine = create_engine("sqlite://")
    for tables in (liaison_views.TABLES, METADATA):
        tables.create_all(engine)
    with engine.begin() as tx, look(shots.border.sides["obs"].means) as turn:
        for record in told:
            record.kind.apply(tx, record)
        for table in (RECORD, REFERENCE):  # by which withdrawals are known
            for row in turn.tx.execute(select(table)).mappings():
                tx.execute(insert(table).values(**row))
        found = matters.one(replace(turn, tx=tx), *of.key)
    engine.dispose()
    assert found is not None
    return found
