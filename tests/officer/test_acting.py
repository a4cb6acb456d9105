"""An act is permitted, done and noted in one; what is refused leaves nothing but its row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from amanat.exchange.acting import acting, looked, sign_in, sign_out
from amanat.exchange.means import begin
from amanat.exchange.send import Hand, Held, release_in, send_in
from amanat.officer import account, audit, factor, sessions
from amanat.officer.approve import approve
from amanat.officer.audit import Search
from amanat.officer.may import Actor, Role
from amanat.officer.password import fits
from amanat.party.errors import Invalid, Refused
from amanat.record.record import Post, Record
from amanat.store.tables import FACTOR, HELD, OFFICER
from border import Border
from officer.cast import CHEAP, NAME, SPARE, SPOKEN, acting_as, add, at, code_at
from side import START, Side

COST = "$argon2id$v=19$m=8192,t=1,p=1$"


def officer(side: Side, sign_in: str, *roles: Role, post: str = "duty") -> Actor:
    with begin(side.means) as turn:
        return acting_as(add(turn.tx, sign_in, *roles, post=post))


def rows(side: Side) -> list[tuple[int, str, str, str]]:
    """What was noted, oldest first: officer, act, subject, outcome."""
    with begin(side.means) as turn:
        found = audit.search(turn.tx, Search())
    return [(each.officer, each.act, each.subject, each.outcome) for each in reversed(found)]


def send(side: Side, actor: Actor) -> Held:
    """Send a report about a person, as an officer does; it is held."""
    draft = side.draft("af", **side.person())
    with acting(side.means, actor, "record.send") as act:
        (held,) = send_in(act.turn, [draft], side.post, Hand(actor.officer))
        act.on(":".join(held.record.key))
    assert isinstance(held, Held)
    return held


def release(side: Side, actor: Actor, held: Held, digest: str = "") -> None:
    """Let it go, as a second officer does."""
    id_ = held.record.fields.id
    with acting(side.means, actor, "record.approve", f"pk:{id_}") as act:
        approved = approve(act.turn.tx, actor, side.party, id_, digest or held.digest)
        release_in(act.turn, approved.id, approved.digest, approved.second)


# --- acts -------------------------------------------------------------------------------------------------------------


def test_what_is_done_is_noted_with_what_it_was_done_to(border: Border) -> None:
    khan = officer(border.pk, "khan", "duty")
    held = send(border.pk, khan)
    assert rows(border.pk) == [(khan.officer, "record.send", f"pk:{held.record.fields.id}", "done")]


@pytest.mark.parametrize(
    "shut_out", [account.disable, lambda tx, id_, _: account.assign(tx, id_, "duty", ("analyst",))]
)
def test_who_was_shut_out_while_the_request_was_under_way_does_nothing_by_it(
    border: Border, shut_out: Callable[[Connection, int, datetime], object]
) -> None:
    """Who asks is recognised before the body is read, which may come for minutes."""
    khan = officer(border.pk, "khan", "duty")
    with begin(border.pk.means) as turn:
        shut_out(turn.tx, khan.officer, turn.now)
    with pytest.raises(Refused) as refused:
        send(border.pk, khan)
    assert refused.value.code == "officer.forbidden"
    assert rows(border.pk) == [(khan.officer, "record.send", "", "refused")]


def test_what_is_not_permitted_is_not_done_and_is_noted_as_refused(border: Border) -> None:
    analyst = officer(border.pk, "khan", "analyst")
    with pytest.raises(Refused):
        send(border.pk, analyst)
    assert rows(border.pk) == [(analyst.officer, "record.send", "", "refused")]
    with begin(border.pk.means) as turn:
        assert turn.tx.execute(select(HELD)).all() == []


def test_what_the_compact_refuses_is_noted_as_refused(border: Border) -> None:
    khan = officer(border.pk, "khan", "duty")
    border.pk.act("suspend", 1)
    with pytest.raises(Refused, match=r"4\.1\.f"):
        send(border.pk, khan)
    assert rows(border.pk) == [(khan.officer, "record.send", "", "refused")]
    border.pk.act("resume", 2, custodians=True)


def test_an_act_that_fails_otherwise_leaves_nothing(border: Border) -> None:
    khan = officer(border.pk, "khan", "duty")
    with pytest.raises(ZeroDivisionError), acting(border.pk.means, khan, "record.send", "pk:1"):
        raise ZeroDivisionError
    assert rows(border.pk) == []


def test_an_act_upon_several_has_a_row_for_each(border: Border) -> None:
    with acting(border.pk.means, officer(border.pk, "khan", "operator"), "peers.operate", "af", "obs"):
        pass
    assert [subject for _, _, subject, _ in rows(border.pk)] == ["af", "obs"]


# --- looking at a person's data (floor 7) -----------------------------------------------------------------------------


@pytest.fixture
def two(border: Border) -> list[Record]:
    """A record that names a person and one that names nobody, at af."""
    held = border.pk.hold("af", **border.pk.person())
    with begin(border.pk.means) as turn:
        release_in(turn, held.record.fields.id, held.digest, Post("pk", "chief"))
    border.pk.send("af")
    border.carry("pk", "af")
    return border.af.received()


def test_each_look_at_a_persons_data_is_noted_and_no_other(border: Border, two: list[Record]) -> None:
    khan = officer(border.af, "khan", "analyst")
    with begin(border.af.means) as turn:
        looked(turn, khan, two)
    (named,) = [each for each in two if each.facts.person]
    assert rows(border.af) == [(khan.officer, "record.person", ":".join(named.key), "done")]


def test_a_list_that_brings_itself_up_to_date_is_no_new_look_until_nobody_was_there_for_long(
    border: Border, two: list[Record]
) -> None:
    actor = replace(officer(border.af, "x.page", "analyst"), renews=True)
    for _ in range(5):  # at once, and every ten minutes
        with begin(border.af.means) as turn:
            looked(turn, actor, two)
        border.clock.forward(minutes=10)
    with begin(border.af.means) as turn:
        looked(turn, replace(actor, renews=False), two)
    assert [each[:2] for each in rows(border.af)] == [(actor.officer, "record.person")] * 3


def test_who_may_not_look_at_a_persons_data_does_not(border: Border, two: list[Record]) -> None:
    watching = officer(border.af, "khan", "observer")
    with pytest.raises(Refused), begin(border.af.means) as turn:
        looked(turn, watching, two)
    with begin(border.af.means) as turn:
        looked(turn, watching, [each for each in two if not each.facts.person])
    assert rows(border.af) == []


# --- the second person ------------------------------------------------------------------------------------------------


def test_a_second_officer_at_another_post_lets_it_go(border: Border) -> None:
    khan, marjan = officer(border.pk, "khan", "duty"), officer(border.pk, "marjan", "approver", post="chief")
    release(border.pk, marjan, send(border.pk, khan))
    border.carry("pk", "af")
    (came,) = border.af.received()
    assert came.fields.approved_by is not None
    assert came.fields.approved_by.name == "chief"
    assert [(who, act) for who, act, _, _ in rows(border.pk)] == [
        (khan.officer, "record.send"),
        (marjan.officer, "record.approve"),
    ]


@pytest.mark.promised("a forged approval", "docs/officers.md", "What each role may do", "another officer than the one")
def test_nobody_approves_a_draft_of_ones_own_at_another_post_either(border: Border) -> None:
    khan = officer(border.pk, "khan", "duty", "approver")
    held = send(border.pk, khan)
    with pytest.raises(Refused) as caught:
        release(border.pk, at(khan, "chief"), held)
    assert caught.value.code == "approval.own"
    assert rows(border.pk)[-1][1:] == ("record.approve", f"pk:{held.record.fields.id}", "refused")


@pytest.mark.promised("a forged approval", "docs/officers.md", "What each role may do", "and another post")
def test_another_officer_at_the_same_post_is_no_second_person(border: Border) -> None:
    held = send(border.pk, officer(border.pk, "khan", "duty"))
    with pytest.raises(Refused) as caught:
        release(border.pk, officer(border.pk, "marjan", "approver", post="duty"), held)
    assert caught.value.code == "approval.own"


def test_who_is_no_approver_approves_nothing(border: Border) -> None:
    held = send(border.pk, officer(border.pk, "khan", "duty"))
    with pytest.raises(Refused) as caught:
        release(border.pk, officer(border.pk, "marjan", "duty", post="chief"), held)
    assert caught.value.code == "officer.forbidden"


def test_other_bytes_than_were_read_are_not_approved(border: Border) -> None:
    marjan = officer(border.pk, "marjan", "approver", post="chief")
    held = send(border.pk, officer(border.pk, "khan", "duty"))
    with pytest.raises(Invalid) as caught:
        release(border.pk, marjan, held, digest="00" * 32)
    assert caught.value.code == "approval.digest"
    release(border.pk, marjan, held)
    with pytest.raises(Invalid) as caught:
        release(border.pk, marjan, held)
    assert caught.value.code == "held.unknown"


def test_what_was_drafted_at_the_machine_has_no_officer_to_keep_apart(border: Border) -> None:
    held = border.pk.hold("af", **border.pk.person())
    release(border.pk, officer(border.pk, "marjan", "approver", post="chief"), held)


# --- signing in -------------------------------------------------------------------------------------------------------


def test_signing_in_begins_a_session_and_signing_out_ends_it(border: Border) -> None:
    khan = officer(border.pk, "khan")
    cookie = sign_in(" Khan ", SPOKEN, border.pk.means, CHEAP, SPARE[0])
    with begin(border.pk.means) as turn:
        at_work = sessions.actor(turn.tx, cookie, turn.now)
    assert at_work == replace(khan, proven=turn.now, session=at_work.session)
    sign_out(cookie, border.pk.means)
    with pytest.raises(Refused):
        sign_out(cookie, border.pk.means)
    came = (khan.officer, "sign-in", "by:password-and-recovery-code", "done")
    assert rows(border.pk) == [came, (khan.officer, "sign-out", "", "done")]


def test_the_audit_log_says_by_what_an_officer_came_in(border: Border) -> None:
    khan, secret = officer(border.pk, "khan"), bytes(factor.SECRET_BYTES)
    with begin(border.pk.means) as turn:
        sealed = factor.sealed(secret, khan.officer, border.pk.means.keys.own, bytes(factor.NONCE_BYTES))
        turn.tx.execute(FACTOR.update().where(FACTOR.c.officer == khan.officer).values(sealed=sealed))
    sign_in("khan", SPOKEN, border.pk.means, CHEAP, code_at(secret, border.pk.means.now()))
    with begin(border.pk.means) as turn:
        factor.remove(turn.tx, khan.officer)
    sign_in("khan", SPOKEN, border.pk.means, CHEAP)
    assert [subject for _, _, subject, _ in rows(border.pk)] == ["by:password-and-code", "by:password"]


def test_every_sign_in_begins_another_session(border: Border) -> None:
    officer(border.pk, "khan")
    first, second = (sign_in("khan", SPOKEN, border.pk.means, CHEAP, code) for code in SPARE[:2])
    assert first != second


def counting(tried: list[str]) -> Callable[[str, str], bool]:
    """The check of a password as it is, which writes down against what it was asked."""

    def check(password: str, kept: str) -> bool:
        tried.append(kept)
        return fits(password, kept)

    return check


@pytest.mark.promised(
    "guessing who works here", "docs/officers.md", "Passwords, tokens, sessions", "is answered as a wrong password is"
)
def test_whoever_is_not_let_in_learns_nothing(border: Border) -> None:
    """A wrong password, a locked or disabled account and a name that nobody has are answered alike, and cost alike."""
    for sign_in_name in ("khan", "locked", "gone"):
        officer(border.pk, sign_in_name)
    with begin(border.pk.means) as turn:
        account.disable(turn.tx, account.named(turn.tx, "gone").id, START)
        until = (START + timedelta(minutes=5)).isoformat()
        turn.tx.execute(OFFICER.update().where(OFFICER.c.sign_in == "locked").values(locked_until=until))
    answers = set()
    tried: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(account, "fits", counting(tried))
        for name, spoken in (
            ("khan", "wrong wrong wrong"),
            ("locked", SPOKEN),
            ("gone", SPOKEN),
            ("nobody", SPOKEN),
            ("\0", ""),
        ):
            with pytest.raises(Refused) as caught:
                sign_in(name, spoken, border.pk.means, CHEAP, SPARE[0])
            answers.add((caught.value.code, caught.value.says, caught.value.mend, caught.value.by))
    assert len(answers) == 1
    assert [kept[: len(COST)] for kept in tried] == [COST] * 5
    assert [row[1:] for row in rows(border.pk)] == [("sign-in", "by:password", "refused")] * 5


def test_a_name_typed_wrong_is_not_kept(border: Border) -> None:
    """It may well be a password, typed in the wrong field."""
    with pytest.raises(Refused):
        sign_in(SPOKEN, "khan", border.pk.means, CHEAP)
    assert rows(border.pk) == [(0, "sign-in", "by:password", "refused")]
    assert SPOKEN not in border.pk.content()


def test_a_failure_is_counted_though_nobody_is_let_in(border: Border) -> None:
    officer(border.pk, "khan")
    for _ in range(account.FREE_FAILURES):
        with pytest.raises(Refused):
            sign_in("khan", "wrong wrong wrong", border.pk.means, CHEAP)
    with pytest.raises(Refused):
        sign_in("khan", SPOKEN, border.pk.means, CHEAP, SPARE[0])
    border.clock.forward(minutes=1)
    assert sign_in("khan", SPOKEN, border.pk.means, CHEAP, SPARE[0])


# --- names stay at home -----------------------------------------------------------------------------------------------


@pytest.mark.promised(
    "an officer's name abroad",
    "docs/officers.md",
    "Officers: who may do what at a node",
    "nothing of them goes to another party",
)
def test_no_officer_is_named_in_a_bundle_or_at_another_party(border: Border) -> None:
    khan = officer(border.pk, "zz-khan", "duty")
    marjan = officer(border.pk, "zz-marjan", "approver", post="chief")
    sign_in("zz-khan", SPOKEN, border.pk.means, CHEAP, SPARE[0])
    release(border.pk, marjan, send(border.pk, khan))
    stick = border.bundle("pk", "af")
    border.settle()
    abroad = stick + border.bundle("pk", "af") + border.bundle("pk", "obs") + border.af.files() + border.obs.files()
    told = [NAME, "zz-khan", "zz-marjan", "pk.amanat.example/audit"]
    assert [each for each in told if each.encode() in abroad] == []
    assert all(each.encode() in border.pk.files() for each in told)
