"""A node looked over: what is well says so, what is not says what to do."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from amanat.exchange.doctor import Check, examine
from amanat.exchange.means import begin, look
from amanat.store import marks
from border import Border
from side import Side, public_id


def found(side: Side) -> dict[str, str]:
    """How each thing looked at is, the worst of what is said of it."""
    states: dict[str, str] = {}
    for each in checks(side):
        worse = sorted((each.state, states.get(each.subject, "ok")), key=["ok", "warn", "bad"].index)
        states[each.subject] = worse[-1]
    return states


def checks(side: Side) -> list[Check]:
    with look(side.means) as turn:
        return list(examine(turn))


def backed_up(side: Side) -> None:
    with begin(side.means) as turn:
        marks.put(turn.tx, "backup", turn.now)


def test_all_is_well_with_a_node_that_settled(border: Border) -> None:
    border.pk.send("af")
    border.settle()
    backed_up(border.pk)
    assert set(found(border.pk).values()) == {"ok"}


def rotated_and_not_put_into_use(border: Border) -> None:
    before = border.pk.means.keys
    border.pk.rotate("record")
    border.pk.revoke(public_id(before.record))
    border.pk.means = replace(border.pk.means, keys=before)


AILMENTS: dict[str, tuple[str, str, Callable[[Border], object]]] = {
    "a peer who takes nothing for two days": ("peer af", "warn", lambda border: border.clock.forward(days=2)),
    "a peer who takes nothing for a week and more": ("peer af", "bad", lambda border: border.clock.forward(days=8)),
    "witnesses who are away": ("log pk-af", "warn", lambda border: border.clock.forward(hours=7)),
    "a manifest that runs out in a month": ("keys", "warn", lambda border: border.clock.forward(days=365 * 3 - 20)),
    "one that ran out": ("keys", "bad", lambda border: border.clock.forward(days=365 * 3 + 1)),
    "a revoked key in use": ("keys", "bad", rotated_and_not_put_into_use),
    "a record that waits for its second person": (
        "approval",
        "warn",
        lambda border: border.pk.hold("af", **border.pk.person()),
    ),
    "a record past its end": ("recalls", "bad", lambda border: border.clock.forward(days=400)),
    "a suspended compact": ("compact pk-af", "warn", lambda border: border.pk.act("suspend", 1)),
    "a backup of last week": ("backup", "warn", lambda border: border.clock.forward(days=7)),
    "a backup of last month": ("backup", "bad", lambda border: border.clock.forward(days=31)),
}


@pytest.mark.parametrize("ailment", AILMENTS)
def test_what_ails_it_is_named_with_what_to_do(ailment: str, border: Border) -> None:
    subject, state, happen = AILMENTS[ailment]
    backed_up(border.pk)
    border.pk.send("af")
    assert found(border.pk)[subject] == "ok"
    happen(border)
    assert found(border.pk)[subject] == state
    assert all(each.mend for each in checks(border.pk) if each.state != "ok")


def test_a_node_put_back_to_an_old_copy_is_bad(border: Border) -> None:
    border.pk.hold_back()
    assert found(border.pk)["node"] == "bad"


def test_what_proves_a_breach_is_told_of_whom(border: Border) -> None:
    border.dishonest.add("pk")
    copy = border.pk.snapshot()
    border.pk.send("af")
    border.carry("pk", "obs")
    border.pk.restore(copy)
    border.pk.send("af", text="instead")
    border.carry("pk", "obs")
    assert [each.says for each in checks(border.obs) if each.subject == "evidence"] == [
        "It proves: witness.fork by pk."
    ]


def test_a_backup_that_was_never_made_is_missed(border: Border) -> None:
    assert found(border.pk)["backup"] == "warn"
