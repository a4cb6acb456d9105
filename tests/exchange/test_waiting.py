"""What waits for an officer: what that officer may act on, first what will be late first, and nothing once it is done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from amanat.exchange import answers, drafts
from amanat.exchange import waiting as waits_for
from amanat.exchange.clocks import Clocks
from amanat.exchange.drafting import Asked
from amanat.exchange.erasure import erase_due
from amanat.exchange.matter import Waiting
from amanat.exchange.means import begin, look
from amanat.exchange.peer_line import Standing, State
from amanat.exchange.send import Held, Pending, release_held, send
from amanat.exchange.waiting import waiting
from amanat.exchange.withdraw import withdraw
from amanat.officer import audit
from amanat.officer.audit import Search
from amanat.officer.may import Actor, Role
from amanat.record.kind import Kinds
from amanat.record.notices import NOTICES, Withdrawal
from amanat.record.record import Post
from api.cast import person
from border import Border
from officer.cast import acting_as, add, at
from side import REPORT as WRITTEN
from side import Side

WITHIN = timedelta(hours=72)
"""Within what the worked compact has a report read that names no urgency."""

ANSWERED_WITHIN = timedelta(hours=72)
"""Within what it has a withdrawal of a report answered."""

REPORT, TITLE = "intelligence.report/1", ""
"""The kind of the reports here, and what each is called: by nothing."""


def officer(side: Side, role: Role, name: str = "", post: str = "torkham/duty") -> Actor:
    """An officer of that role, at work."""
    with begin(side.means) as turn:
        return acting_as(add(turn.tx, name or f"x.{role}", role, post=post))


def found(side: Side, actor: Actor, **standing: State) -> list[Waiting]:
    lines = {party: Standing(state, side.means.now(), says="refused") for party, state in standing.items()}
    return list(waiting(side.means, actor, lines, {}))


def what(side: Side, actor: Actor, **standing: State) -> list[tuple[str, str]]:
    """What is to be done, to what."""
    return [(each.what, each.id or each.peer) for each in found(side, actor, **standing)]


def id_of(sent: Pending | Held) -> str:
    return sent.record.fields.id


# --- to be read -------------------------------------------------------------------------------------------------------


def test_what_tells_officers_nothing_by_itself_waits_for_nobody(border: Border) -> None:
    quiet = replace(WRITTEN, waits=False)
    border.af.means = replace(border.af.means, kinds=Kinds([quiet, *NOTICES]))
    sent = border.pk.send("af")
    border.settle()
    assert border.af.state(sent) == "current"
    assert what(border.af, officer(border.af, "duty")) == []


def test_a_record_waits_from_when_it_came_until_a_post_read_it(border: Border, sent: Pending) -> None:
    duty = officer(border.af, "duty")
    (waits,) = found(border.af, duty)
    assert (waits.what, waits.id, waits.peer) == ("read", id_of(sent), "pk")
    assert waits.due == border.af.means.now() + WITHIN
    border.af.open(sent.record.key)
    assert found(border.af, duty) == []


def test_what_is_due_first_comes_first_also_when_it_is_over(border: Border, sent: Pending) -> None:
    border.clock.forward(days=4)
    later = border.pk.send("af", text="a second lorry")
    border.settle()
    assert [each.id for each in found(border.af, officer(border.af, "duty"))] == [id_of(sent), id_of(later)]


def test_nobody_waits_for_what_was_withdrawn_superseded_or_is_ones_own(border: Border, sent: Pending) -> None:
    withdraw(id_of(sent), Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()
    assert found(border.af, officer(border.af, "duty")) == []
    assert found(border.pk, officer(border.pk, "duty")) == []


def withdrawal(border: Border, sent: Pending) -> tuple[str, str]:
    """The key of pk's withdrawal, which af has."""
    (told,) = withdraw(id_of(sent), Withdrawal("mistaken"), border.pk.post, border.pk.means).told
    border.settle()
    return told.record.key


def test_what_was_withdrawn_waits_at_each_post_that_read_it_until_that_reads_the_withdrawal(
    border: Border, sent: Pending
) -> None:
    duty, chief = officer(border.af, "duty"), officer(border.af, "analyst", post="torkham/chief")
    elsewhere = officer(border.af, "analyst", "x.elsewhere", post="spin-boldak/duty")
    border.af.open(sent.record.key, duty.post)
    border.af.open(sent.record.key, chief.post)
    notice = withdrawal(border, sent)
    for reader in (duty, chief):
        (waits,) = found(border.af, reader)
        assert (waits.what, (waits.party, waits.id), waits.peer) == ("withdrawn", notice, "pk")
        assert waits.due == border.af.means.now() + ANSWERED_WITHIN
        border.af.open(notice, reader.post)
        assert found(border.af, reader) == []
    assert found(border.af, elsewhere) == []


def test_a_withdrawal_is_told_however_much_else_waits_to_be_read(
    border: Border, sent: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits_for, "MOST", 1)
    duty = officer(border.af, "duty")
    border.af.open(sent.record.key, duty.post)
    other = border.pk.send("af")
    withdrawal(border, sent)
    assert {each.what for each in found(border.af, duty)} == {"withdrawn", "read"}
    assert id_of(other) in {each.id for each in found(border.af, duty)}


def test_a_withdrawal_is_told_however_many_others_wait_at_other_posts(
    border: Border, sent: Pending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits_for, "MOST", 1)
    border.af.open(sent.record.key, "spin-boldak/duty")
    withdrawal(border, sent)
    border.clock.forward(minutes=1)
    mine, duty = border.pk.send("af"), officer(border.af, "duty")
    border.settle()
    border.af.open(mine.record.key, duty.post)
    notice = withdrawal(border, mine)
    assert [(each.what, each.party, each.id) for each in found(border.af, duty)] == [("withdrawn", *notice)]


def test_who_read_what_was_withdrawn_is_told_what_it_was_for_as_long_as_it_is_here(
    border: Border, sent: Pending
) -> None:
    duty = officer(border.af, "duty")
    border.af.open(sent.record.key, duty.post)
    withdrawal(border, sent)
    assert [(each.kind, each.title) for each in found(border.af, duty)] == [(REPORT, TITLE)]
    erase_due(border.af.means)
    assert [(each.what, each.kind, each.title) for each in found(border.af, duty)] == [("withdrawn", REPORT, None)]


def test_what_is_withdrawn_again_is_told_once(border: Border, sent: Pending) -> None:
    duty = officer(border.af, "duty")
    border.af.open(sent.record.key, duty.post)
    first = withdrawal(border, sent)
    assert withdrawal(border, sent) != first
    assert [(each.party, each.id) for each in found(border.af, duty)] == [first]


def test_a_notice_waits_for_nobody(border: Border, sent: Pending) -> None:
    border.af.open(sent.record.key)
    border.settle()
    assert found(border.pk, officer(border.pk, "duty")) == []


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("role", ["approver", "operator", "administrator", "auditor", "observer"])
def test_who_may_not_press_read_is_not_told_to(border: Border, role: Role) -> None:
    assert found(border.af, officer(border.af, role)) == []


def test_a_title_that_names_a_person_is_a_look_that_is_noted(border: Border) -> None:
    held = border.pk.hold("af", **border.pk.person())
    release_held(held.record.fields.id, held.digest, Post("pk", "chief"), border.pk.means)
    border.settle()
    duty = officer(border.af, "duty")
    (waits,) = found(border.af, duty)
    assert waits.names_person
    assert waits.title is not None
    with look(border.af.means) as turn:
        (looked,) = audit.search(turn.tx, Search(officer=duty.officer, act="record.person"))
    assert looked.subject == f"pk:{held.record.fields.id}"


# --- to be approved, and mended ---------------------------------------------------------------------------------------


def test_what_is_held_waits_for_another_officer_at_another_post(border: Border) -> None:
    held = border.pk.hold("af", **border.pk.person())
    chief = officer(border.pk, "approver", post="torkham/chief")
    (waits,) = found(border.pk, chief)
    assert (waits.what, waits.id) == ("approve", held.record.fields.id)
    assert found(border.pk, at(chief, border.pk.post.name)) == []
    assert found(border.pk, officer(border.pk, "analyst")) == []


@pytest.mark.parametrize("names", [False, True], ids=["names nobody", "names a person"])
def test_a_draft_that_was_given_back_waits_for_who_wrote_it_with_the_reason(border: Border, *, names: bool) -> None:
    analyst, chief = officer(border.pk, "analyst"), officer(border.pk, "approver", post="torkham/chief")
    given = person() if names else {"body": {"text": "a lorry"}}
    form = Asked(kind="intelligence.report", compact="pk-af", to=("af",), **given)
    row = drafts.create(border.pk.means, analyst, form)
    held = drafts.send(border.pk.means, analyst, row.id, 1, submits=True)
    assert found(border.pk, analyst) == []
    with begin(border.pk.means) as turn:
        again = drafts.give_back(turn, chief, held.record.fields.id, held.digest, "say where")
    (waits,) = found(border.pk, analyst)
    assert (waits.what, waits.id, waits.says) == ("mend", again.id, "" if names else "say where")
    assert waits.due == border.pk.means.now() + drafts.KEPT_FOR
    assert found(border.pk, officer(border.pk, "duty")) == []


def test_what_others_are_to_do_hides_from_nobody_what_is_to_be_done(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits_for, "MOST", 1)
    chief, writers = officer(border.pk, "approver", post="torkham/chief"), ("x.first", "x.second")
    form = Asked(kind="intelligence.report", compact="pk-af", to=("af",), body={"text": "a lorry"})
    for analyst in (officer(border.pk, "analyst", name) for name in writers):
        row = drafts.create(border.pk.means, analyst, form)
        held = drafts.send(border.pk.means, analyst, row.id, 1, submits=True)
        with begin(border.pk.means) as turn:
            drafts.give_back(turn, chief, held.record.fields.id, held.digest, "say where")
        border.clock.forward(minutes=1)
    send([border.pk.draft("af", **border.pk.person())], Post("pk", chief.post), border.pk.means)
    border.clock.forward(minutes=1)
    other = border.pk.hold("af", **border.pk.person())
    assert what(border.pk, chief) == [("approve", other.record.fields.id)]
    assert [each for each, _ in what(border.pk, analyst)] == ["mend"]


def test_of_a_workspace_what_is_due_first_is_shown_in_whatever_order_it_is_told(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits_for, "MOST", 3)
    duty, now = officer(border.pk, "duty"), border.pk.means.now()
    late = Waiting(what="workspace", since=now, due=now - timedelta(hours=1), peer="late")
    many = [Waiting(what="workspace", since=now, due=now + timedelta(hours=n), peer=f"{n}") for n in range(50)]
    undated = Waiting(what="workspace", since=now, peer="undated")
    elsewhere = {"liaison": lambda _turn, _actor: iter([undated, *many[::-1], late])}
    shown = waiting(border.pk.means, duty, {}, elsewhere)
    assert [each.peer for each in shown] == ["late", "0", "1"]


def test_what_nobody_approved_is_told_to_who_wrote_it_a_day_before_it_expires(border: Border) -> None:
    analyst = officer(border.pk, "analyst")
    form = Asked(kind="intelligence.report", compact="pk-af", to=("af",), body={"text": "a lorry"})
    row = drafts.create(border.pk.means, analyst, form)
    held = drafts.send(border.pk.means, analyst, row.id, 1, submits=True)
    expires = held.record.fields.handling.expires
    assert expires is not None
    assert found(border.pk, analyst) == []
    border.clock.at = expires - timedelta(hours=23)
    (waits,) = found(border.pk, analyst)
    assert (waits.what, waits.id, waits.due) == ("held", id_of(held), expires)
    assert [each for each in what(border.pk, officer(border.pk, "duty")) if each[0] == "held"] == []


# --- peers ------------------------------------------------------------------------------------------------------------


def test_a_line_that_is_down_or_paused_waits_for_who_may_see_lines(border: Border) -> None:
    operator = officer(border.pk, "operator")
    assert what(border.pk, operator, af="down", obs="up") == [("line", "af")]
    assert what(border.pk, operator, af="paused") == [("paused", "af")]
    assert what(border.pk, officer(border.pk, "observer"), af="down") == []


def test_a_peer_that_asks_again_for_what_it_lost_waits_until_it_is_allowed(border: Border, sent: Pending) -> None:
    ask = answers.ask(sent.digest, "pk", border.af.means)
    assert not border.pk.take("asking", ask, sender="af").problems
    operator = officer(border.pk, "operator")
    assert [(each.what, each.peer, each.says) for each in found(border.pk, operator)] == [("again", "af", "1")]
    border.pk.give_again("af")
    assert found(border.pk, operator) == []


def test_a_clock_that_differs_too_much_is_named(border: Border) -> None:
    clocks = Clocks(border.pk.means)
    clocks.heard("af", timedelta(minutes=1))
    operator = officer(border.pk, "operator")
    assert found(border.pk, operator) == []
    clocks.heard("af", timedelta(minutes=10))
    (waits,) = found(border.pk, operator)
    assert (waits.what, waits.peer, waits.says) == ("clock", "af", "its clock is 10 min 0 s ahead of ours")


def test_a_holder_that_said_nothing_of_a_recall_in_time_is_named(border: Border, sent: Pending) -> None:
    withdraw(id_of(sent), Withdrawal("mistaken"), border.pk.post, border.pk.means)
    duty = officer(border.pk, "duty")
    assert what(border.pk, duty) == []
    border.clock.forward(days=3)
    assert what(border.pk, duty) == [("recall", id_of(sent))]
    assert [each.peer for each in found(border.pk, duty)] == ["af"]


def test_a_line_over_which_nothing_goes_comes_before_all_else(border: Border, sent: Pending) -> None:
    duty = officer(border.af, "duty")
    assert what(border.af, duty, pk="down") == [("line", "pk"), ("read", id_of(sent))]
