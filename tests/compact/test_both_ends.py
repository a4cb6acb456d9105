"""Floors and compact are asked at both ends: our node does not send it, and the other's does not take it from an altered one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from amanat.exchange.accept import Declined
from amanat.party.errors import Refused
from amanat.record.handling import CustodyRisk, Handling
from amanat.record.record import Ref
from border import Border, meet
from side import Report, Side

Asked = tuple[tuple[str, ...], dict[str, Any]]
"""To whom, and what of a plain report is changed."""


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    with meet(tmp_path) as met:
        yield met


def of_person(side: Side, **changed: Any) -> dict[str, Any]:
    named = side.person()
    return named | {"handling": msgspec.structs.replace(named["handling"], **changed)}


def cites(border: Border, **handled: Any) -> dict[str, Any]:
    """A report of pk's that answers one that af sent to pk, green enough for the observer."""
    return border.pk.green() | {"refs": (Ref("answers", *heard(border)),)} | handled


def heard(border: Border) -> tuple[str, str]:
    """A green report of af's that pk has, and the observer has not."""
    sent = border.af.send("pk", **border.af.green())
    border.carry("af", "pk")
    return sent.record.key


def by_way_of_its_own(border: Border) -> dict[str, Any]:
    """A report of pk's about one of its own, which answers af's."""
    own = border.pk.send("af", **cites(border))
    border.carry("pk", "af")
    return border.pk.green() | {"refs": (Ref("about", *own.record.key),)}


TORTURE = CustodyRisk("real", "none", not_obtained_by_torture=False, basis="not known")

BELOW: dict[str, tuple[str, Callable[[Border], Asked]]] = {
    "a person without a legal basis": ("floor.2", lambda b: (("af",), of_person(b.pk, legal_basis=None))),
    "a person without a grading": ("floor.2", lambda b: (("af",), of_person(b.pk, grading=None))),
    "a person for ever": ("floor.2", lambda b: (("af",), of_person(b.pk, expires=None))),
    "what a party to the compact must not have": ("floor.4", lambda b: (("af",), of_person(b.pk, not_to=("obs",)))),
    "a precise place of ours": ("floor.6", lambda _: (("af",), {"body": Report("here", country="PK")})),
    "a precise place to the observer too": (
        "floor.6",
        lambda b: (("af", "obs"), b.pk.green() | {"body": Report("there", country="AF")}),
    ),
    "what another said, sent on": ("floor.8", lambda b: (("af", "obs"), cites(b))),
    "what another said, for longer": (
        "floor.8",
        lambda b: (("af",), cites(b, handling=Handling(tlp="TLP:GREEN", purpose="counter-terrorism"))),
    ),
    "what another said, by way of our answer": ("floor.8", lambda b: (("af", "obs"), by_way_of_its_own(b))),
    "a person whose risk nobody assessed": ("floor.12", lambda b: (("af",), of_person(b.pk, custody_risk=None))),
    "what torture yielded": ("floor.12", lambda b: (("af",), of_person(b.pk, custody_risk=TORTURE))),
}

NOT_PERMITTED: dict[str, tuple[str, Callable[[Border], Asked]]] = {
    "to whom no clause permits it": ("check.default", lambda _: (("af", "obs"), {})),
    "what a clause forbids": ("check.clause", lambda b: (("af",), of_person(b.pk, codes=("H1",)))),
    "above the ceiling": (
        "check.tlp",
        lambda b: (("af",), {"handling": msgspec.structs.replace(b.pk.green()["handling"], tlp="TLP:RED")}),
    ),
    "for a purpose not agreed": (
        "check.purpose",
        lambda b: (("af",), {"handling": msgspec.structs.replace(b.pk.green()["handling"], purpose="taxation")}),
    ),
    "for longer than agreed": (
        "check.retention",
        lambda b: (("af",), {"handling": msgspec.structs.replace(b.pk.green()["handling"], expires=None)}),
    ),
}
CASES = BELOW | NOT_PERMITTED


@pytest.mark.parametrize(("code", "asked"), CASES.values(), ids=CASES)
def test_our_node_does_not_send_it(border: Border, code: str, asked: Callable[[Border], Asked]) -> None:
    to, changes = asked(border)
    with pytest.raises(Refused) as caught:
        border.pk.send(*to, **changes)
    assert caught.value.code == code


@pytest.mark.promised(
    "what a floor or a clause forbids",
    "docs/threat-model.md",
    "The other party",
    "or what a floor forbids: we ask both ourselves",
)
@pytest.mark.parametrize(("code", "asked"), CASES.values(), ids=CASES)
def test_theirs_does_not_take_it_from_a_node_that_asks_nobody(
    border: Border, code: str, asked: Callable[[Border], Asked]
) -> None:
    """The envelope is kept as evidence, signed by its sender, and nothing of it is shown."""
    to, changes = asked(border)
    before = border.af.received()
    (outcome,) = border.af.take("envelope", border.pk.forge(*to, sequence=9, **changes), sender="pk").outcomes
    assert isinstance(outcome, Declined)
    assert outcome.problem.code == code
    assert border.af.received() == before
    assert code in border.af.evidence()


def test_a_floor_is_named_before_any_clause(border: Border) -> None:
    """It is forbidden by clause 4.1.e too; what no compact can lower is asked first."""
    with pytest.raises(Refused) as caught:
        border.pk.send("af", **of_person(border.pk, codes=("H1",), legal_basis=None))
    assert caught.value.by == "floor 2"
