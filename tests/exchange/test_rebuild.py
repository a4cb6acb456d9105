"""Views are made anew when their version changes: from the records that are kept, by the same `apply`, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, select

from amanat.exchange.erasure import erase_due
from amanat.exchange.means import begin
from amanat.exchange.rebuild import rebuild
from amanat.exchange.withdraw import withdraw
from amanat.node import unwatched
from amanat.record.kind import Kinds, Tx
from amanat.record.notices import NOTICES, Withdrawal
from amanat.record.record import Record
from border import Border
from side import REPORT, Side

NEW = MetaData()
SHOUTED = Table(
    "intelligence_shouted", NEW, Column("id", String, primary_key=True), Column("text", LargeBinary, nullable=False)
)


def shout(tx: Tx, record: Record) -> None:
    """The second version of the view: what reports say, loudly."""
    tx.execute(SHOUTED.insert(), {"id": record.fields.id, "text": record.body.text.upper().encode()})


def broken(_tx: Tx, _record: Any) -> None:
    raise ZeroDivisionError


def remake(side: Side, version: int, apply: Callable[[Tx, Any], None] = shout) -> int:
    """Open the party's node in a version of the workspace whose view is another."""
    newer = replace(side.means, kinds=Kinds([replace(REPORT, apply=apply), *NOTICES]))
    return rebuild(newer, {"intelligence": (NEW, version)}, unwatched)


def shouted(side: Side) -> list[bytes]:
    with begin(side.means) as turn:
        return sorted(turn.tx.execute(select(SHOUTED.c.text)).scalars())


def test_a_new_version_shows_every_record_kept_ours_and_theirs(border: Border) -> None:
    border.pk.send("af", text="a lorry")
    border.settle()
    border.af.send("pk", text="a cart")
    assert remake(border.af, 2) == 2
    assert shouted(border.af) == [b"A CART", b"A LORRY"]


def test_the_version_that_stands_is_left_as_it_is(border: Border) -> None:
    border.pk.send("af", text="a lorry")
    assert remake(border.pk, 2) == 1
    border.pk.send("af", text="a cart")
    assert remake(border.pk, 2) == 0
    assert shouted(border.pk) == [b"A LORRY"]
    assert remake(border.pk, 3) == 2
    assert shouted(border.pk) == [b"A CART", b"A LORRY"]


def test_what_was_destroyed_leaves_no_row(border: Border) -> None:
    gone, _ = border.pk.send("af", text="a lorry"), border.pk.send("af", text="a cart")
    withdraw(gone.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.settle()
    erase_due(border.af.means)
    assert remake(border.af, 2) == 1
    assert shouted(border.af) == [b"A CART"]


def test_a_view_that_breaks_leaves_the_old_one_whole(border: Border) -> None:
    border.pk.send("af", text="a lorry")
    remake(border.pk, 2)
    with pytest.raises(ZeroDivisionError):
        remake(border.pk, 3, broken)
    assert shouted(border.pk) == [b"A LORRY"]
    assert remake(border.pk, 2) == 0


def test_another_workspaces_view_is_left_alone(border: Border) -> None:
    border.pk.send("af", text="a lorry")
    remake(border.pk, 2)
    assert rebuild(border.pk.means, {"trade": (MetaData(), 1)}, unwatched) == 0
    assert shouted(border.pk) == [b"A LORRY"]
