"""What a receipt does not say: that a person opened the record, at which post and when; and which record answers it."""

import ast
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from amanat.cli.became import became
from amanat.exchange.accept import Accepted
from amanat.exchange.erasure import erase_due
from amanat.exchange.means import look
from amanat.exchange.opening import Meaning, meanings
from amanat.exchange.send import Pending
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid, Refused
from amanat.record.notices import NOTICE_HANDLING, OPENED, Withdrawal
from amanat.record.record import Ref
from amanat.store import attachments, listing
from amanat.store.listing import Search
from amanat.store.tables import RECORD
from border import Border
from side import Side
from wire import connected, eventually

OFFICERS_COMMAND = {"cli/reading.py:open_", "exchange/shown.py:press_read"}
SRC = Path(__file__).resolve().parents[2] / "src"


def meant(side: Side, *sent: Pending) -> list[dict[str, Meaning]]:
    """What each party said of records, as this side knows it."""
    with look(side.means) as turn:
        found = meanings(turn.tx, [each.record.key for each in sent], side.means.kinds)
    return [dict(found[each.record.key]) for each in sent]


def signed(side: Side) -> int:
    """How many words of having opened something this side signed."""
    with look(side.means) as turn:
        where = (RECORD.c.party == side.party, RECORD.c.kind == OPENED.label)
        return turn.tx.execute(select(func.count()).select_from(RECORD).where(*where)).scalar_one()


def answer(side: Side, sent: Pending, *to: str, **changes: Any) -> Pending:
    """Answer a record, handled as it is."""
    refs = (Ref("answers", *sent.record.key),)
    return side.send(*to, text="seen too", refs=refs, handling=sent.record.fields.handling, **changes)


# --- opened -----------------------------------------------------------------------------------------------------------


def test_its_originator_learns_which_post_opened_it_and_when(border: Border, sent: Pending) -> None:
    border.clock.forward(minutes=7)
    border.af.open(sent.record.key, "spin-boldak/duty")
    assert meant(border.pk, sent) == [{}]
    border.exchange("af", "pk")
    assert meant(border.pk, sent) == [{"af": Meaning((("spin-boldak/duty", "2026-11-24T06:37:00+00:00"),))}]


def test_the_word_names_the_post_and_nothing_of_the_record(border: Border, sent: Pending) -> None:
    border.af.open(sent.record.key)
    border.exchange("af", "pk")
    (word,) = [each for each in border.pk.received() if each.kind is OPENED]
    assert word.fields.author.name == "duty"
    assert word.fields.refs == (Ref("about", *sent.record.key),)
    assert bytes(word.fields.body) == b"{}"


def test_a_post_signs_once_and_each_post_signs(border: Border, sent: Pending) -> None:
    assert border.af.open(sent.record.key) is not None
    assert border.af.open(sent.record.key) is None
    assert border.af.open(sent.record.key, "chief") is not None
    assert signed(border.af) == 2


def test_a_word_that_was_refused_on_the_way_is_signed_anew(border: Border, sent: Pending) -> None:
    border.af.open(sent.record.key)
    border.refuse_late("af", "pk")
    assert border.af.open(sent.record.key) is not None


def test_what_is_withdrawn_and_still_read_is_said_to_be_read(border: Border, sent: Pending) -> None:
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.exchange("pk", "af")
    assert border.af.open(sent.record.key) is not None


def test_a_suspended_compact_keeps_nobody_from_saying_so(border: Border, sent: Pending) -> None:
    border.af.act("suspend", 1)
    border.af.open(sent.record.key)
    border.exchange("af", "pk")
    assert set(meant(border.pk, sent)[0]) == {"af"}


def test_only_what_another_sent_and_is_here_can_be_opened(border: Border, sent: Pending) -> None:
    withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.exchange("pk", "af")
    erase_due(border.af.means)
    border.exchange("af", "pk")
    (notice,) = [each for each in border.pk.received() if each.kind.name == "record.destroyed"]
    for side, key, code in (
        (border.pk, sent.record.key, "open.own"),
        (border.pk, notice.key, "open.notice"),
        (border.af, sent.record.key, "record.destroyed"),
        (border.obs, sent.record.key, "record.unknown"),
    ):
        with pytest.raises(Invalid) as caught:
            side.open(key)
        assert caught.value.code == code
        assert signed(side) == 0


def test_a_withdrawal_is_opened_as_other_records_are(border: Border, sent: Pending) -> None:
    told = withdraw(sent.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means).told[0]
    border.exchange("pk", "af")
    assert border.af.open(told.record.key) is not None
    border.exchange("af", "pk")
    assert set(meant(border.pk, told)[0]) == {"af"}


def test_an_originator_that_cannot_be_told_now_is_told_when_it_is_opened_again(border: Border, sent: Pending) -> None:
    border.clock.forward(days=365 * 4)
    with pytest.raises(Refused) as caught:
        border.af.open(sent.record.key)
    assert caught.value.code == "manifest.expired"
    border.pk.renew(border.pk.secrets)
    border.af.renew(border.af.secrets)
    border.exchange("pk", "af")
    assert border.af.open(sent.record.key) is not None


def test_over_the_wire_it_is_known_at_once(border: Border) -> None:
    with connected(border):
        sent = border.pk.send("af")
        eventually(lambda: border.af.state(sent) == "current")
        border.af.open(sent.record.key)
        eventually(lambda: "af" in meant(border.pk, sent)[0])


# --- never by anything else -------------------------------------------------------------------------------------------


def test_no_list_search_preview_or_saved_file_signs_that_it_was_opened(border: Border) -> None:
    sent = border.pk.with_file("af", data=b"two lorries")
    border.settle()
    with look(border.af.means) as turn:
        listing.listing(turn.tx, "af", Search(own=False, text="person"))
        listing.one(turn.tx, *sent.record.key)
        attachments.of(turn.tx, sent.record.key)
    assert border.af.file(sent) == b"two lorries"
    border.settle()
    assert signed(border.af) == 0
    assert meant(border.pk, sent) == [{}]


def test_nothing_in_the_product_signs_it_but_an_officers_command_and_a_request_that_acts() -> None:
    """A route that signs it must be one that a browser, a crawler or a preview never sends by itself."""
    callers = {}
    for path in (SRC / "amanat").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                called = {
                    ast.unparse(each.func).split(".")[-1] for each in ast.walk(node) if isinstance(each, ast.Call)
                }
                if called & {"open_in", "press_read"}:
                    callers[f"{path.relative_to(SRC / 'amanat')}:{node.name}"] = node.decorator_list
    assert callers.keys() >= OFFICERS_COMMAND
    for name in OFFICERS_COMMAND:
        del callers[name]
    del callers["exchange/doing.py:_opened"]  # what a deed opens, whose route is a POST (test_workspace_pages.py)
    for decorators in callers.values():
        assert any(ast.unparse(each).startswith("does('POST'") for each in decorators)


# --- answered ---------------------------------------------------------------------------------------------------------


def test_a_record_that_answers_is_shown_as_the_answer_of_its_author(border: Border, sent: Pending) -> None:
    """The reference is part of what its author signed, so that no notice is needed beside it."""
    answered = answer(border.af, sent, "pk")
    border.exchange("af", "pk")
    assert meant(border.pk, sent) == [{"af": Meaning(answers=(answered.record.fields.id,))}]
    assert meant(border.af, sent) == meant(border.pk, sent)


def test_an_answer_may_not_carry_it_to_who_never_had_it(border: Border) -> None:
    sent = border.pk.send("af", **border.pk.green())
    border.settle()
    with pytest.raises(Refused) as caught:
        answer(border.af, sent, "obs", "pk")
    assert caught.value.code == "floor.8"


def test_who_was_never_sent_it_may_sign_that_it_opened_it_and_is_not_shown(border: Border, sent: Pending) -> None:
    """The observer lies; `amanat outbox` and `show` ask only what those said who were sent it."""
    said = {"kind": OPENED.label, "body": OPENED.examples[0], "handling": NOTICE_HANDLING}
    lie = border.obs.forge("pk", refs=(Ref("about", *sent.record.key),), **said)
    border.dishonest.add("obs")
    (outcome,) = border.pk.take("envelope", lie, sender="obs").outcomes
    assert isinstance(outcome, Accepted)
    assert set(meant(border.pk, sent)[0]) == {"obs"}
    with look(border.pk.means) as turn:
        (row,) = [each for each in listing.listing(turn.tx, "pk", Search(own=True)) if each.id == sent.record.fields.id]
        assert list(next(became(turn, [row]))) == ["af"]


def test_a_page_asks_once_however_many_rows_it_has(border: Border) -> None:
    page = [border.pk.send("af") for _ in range(5)]
    border.settle()
    for each in page:
        border.af.open(each.record.key)
    border.exchange("af", "pk")
    asked: list[str] = []
    event.listen(border.pk.means.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with look(border.pk.means) as turn:
        before = len(asked)
        found = meanings(turn.tx, [each.record.key for each in page], border.pk.means.kinds)
        assert len(asked) == before + 1
    assert [set(found[each.record.key]) for each in page] == [{"af"}] * 5
