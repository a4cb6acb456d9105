"""Who may do what: the table of docs/officers.md is the code's, and nothing is permitted that it does not say."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from amanat.officer.may import (
    ACTS,
    APART,
    MACHINE,
    NEVER_BY_TOKEN,
    NOBODY,
    PERMISSIONS,
    ROLES,
    UNTIL_SAFE,
    Act,
    Actor,
    Role,
    may,
    permitted,
    require,
    require_apart,
)
from amanat.party.errors import Fault, Refused

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "officers.md").read_text("utf-8")
WAYS_IN = {"token.own", "password.own", "factor.own", "passkey.own"}


def table(heading: str) -> list[list[str]]:
    """The rows of the page's table below a heading, its own heading first, without quotes."""
    _, _, below = PAGE.partition(f"\n## {heading}\n")
    lines = re.findall(r"^\|(.*)\|$", below.partition("\n## ")[0], re.MULTILINE)
    rows = [[cell.strip().strip("`") for cell in line.split("|")] for line in lines]
    return [row for row in rows if not set(row[0]) <= {"-"}]


def holding(*roles: Role) -> Actor:
    return Actor(7, "torkham/duty", roles, permitted(roles), "console")


def test_the_page_lists_the_roles() -> None:
    assert [row[0] for row in table("Roles")[1:]] == list(ROLES)


def test_the_page_says_of_every_role_and_permission_what_the_code_does() -> None:
    heading, *rows = table("What each role may do")
    assert heading[1:] == list(ROLES)
    assert [row[0] for row in rows] == list(PERMISSIONS)
    for permission, *cells in rows:
        for role, cell in zip(ROLES, cells, strict=True):
            assert cell in {"yes", ""}
            assert may(holding(role), permission) == (cell == "yes"), (role, permission)


def test_what_is_not_permitted_is_refused() -> None:
    for role in ROLES:
        for permission, granted in PERMISSIONS.items():
            if role in granted:
                require(holding(role), permission)
            else:
                with pytest.raises(Refused):
                    require(holding(role), permission)


def test_the_page_says_of_every_act_what_it_needs() -> None:
    _, *rows = table("What is noted")
    assert dict(rows) == {act: needs or "nothing" for act, needs in ACTS.items()}
    assert set(ACTS) == set(get_args(Act))
    assert {needs for needs in ACTS.values() if needs} <= PERMISSIONS.keys()


def test_every_way_in_is_its_officers_own_and_no_token_makes_another() -> None:
    assert all(PERMISSIONS[each] == set(ROLES) for each in WAYS_IN)
    assert WAYS_IN <= NEVER_BY_TOKEN


def test_who_has_yet_to_choose_a_password_or_set_up_a_factor_makes_no_other_way_in() -> None:
    """What an administrator knows, or whoever overheard it, becomes nothing that outlives it."""
    acts = {lack: {act for act, needs in ACTS.items() if needs in allowed} for lack, allowed in UNTIL_SAFE.items()}
    first = {"password.own", "session.prove", "session.end"}
    assert acts == {"password": first, "factor": first | {"factor.own"}, "rest": first}


@pytest.mark.parametrize("count", [2, 3])
def test_several_roles_may_what_one_of_them_may_and_no_more(count: int) -> None:
    for roles in combinations(ROLES, count):
        for permission, granted in PERMISSIONS.items():
            assert may(holding(*roles), permission) == bool(granted & set(roles))


def test_whoever_has_not_signed_in_may_nothing_and_the_machine_everything() -> None:
    assert [each for each in PERMISSIONS if may(NOBODY, each)] == []
    assert all(may(MACHINE, each) for each in PERMISSIONS)


@pytest.mark.parametrize("actor", [NOBODY, MACHINE, holding(*ROLES)])
def test_a_permission_that_nobody_defined_is_our_fault_and_no_permission(actor: Actor) -> None:
    for ask in (may, require):
        with pytest.raises(Fault) as caught:
            ask(actor, "record.raed")
        assert caught.value.code == "officer.permission"


def test_a_refusal_says_which_role_may() -> None:
    with pytest.raises(Refused, match=r"This is for the role duty; this officer is analyst") as caught:
        require(holding("analyst"), "record.send")
    assert caught.value.by == "role duty"


def test_a_refusal_says_when_it_is_the_token_that_is_too_narrow() -> None:
    with pytest.raises(Refused) as caught:
        require(replace(holding("duty"), permissions=frozenset(("record.read",))), "record.send")
    assert caught.value.code == "officer.scope"


# --- separation of duties ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "operator", "auditor"])
def test_who_hands_out_rights_or_runs_or_audits_the_node_reads_no_record(role: Role) -> None:
    assert {each for each in permitted([role]) if each.startswith("record.")} == set()


def test_an_auditor_changes_nothing() -> None:
    assert {each for each in permitted(["auditor"]) if not each.endswith(".read")} == WAYS_IN


def test_whoever_cannot_look_at_a_persons_data_sends_approves_and_takes_out_nothing() -> None:
    for role in ROLES:
        if "record.person" not in permitted([role]):
            assert {each for each in permitted([role]) if each.startswith("record.")} <= {"record.read"}


@pytest.mark.parametrize(
    ("one", "other"), [(one, other) for one, against in APART.items() for other in sorted(against)]
)
def test_two_roles_that_watch_one_another_are_never_one_officers(one: Role, other: Role) -> None:
    with pytest.raises(Refused) as caught:
        require_apart((one, other))
    assert caught.value.code == "officer.apart"


def test_roles_that_do_not_watch_one_another_go_together() -> None:
    require_apart(("duty", "analyst", "approver", "operator"))
    require_apart(("administrator", "operator"))
    require_apart(("auditor", "observer"))
