"""What waits and what is kept back of a sealed notice, and that all say the same of it, really sent."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from amanat.exchange.keeping import Keeping
from amanat.exchange.means import begin, look
from amanat.party.errors import Invalid
from amanat.store import kept_back
from amanat.store.tables import KEPT_BACK
from amanat.workspaces.liaison import WORKSPACE, views
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.sealed import rules, sealing, stories, tending, waiting
from amanat.workspaces.liaison.sealed.kinds import Unsealed
from amanat.workspaces.liaison.tests.sealed_cast import HOUR, Sealing, matters, works
from border import meet

INCIDENT = Named("af", "01936e1a-7a00-7000-8000-000000000031")
SALT = "5a" * 32
PAST_DUE = 4 * HOUR + rules.GRACE + timedelta(seconds=1)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Sealing]:
    with meet(tmp_path) as met:
        yield Sealing(met)


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
