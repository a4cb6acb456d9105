"""What was agreed, as people read it: who may send what to whom, the floors, who signed, and "may I send …?"."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest

from amanat.compact.floors import FLOORS
from amanat.compact.signing import Act
from amanat.officer.may import ROLES, Role
from amanat.party import canonical, dsse, labels
from api.cast import Desk, SignIn, desk
from border import Border, agree, meet
from console.reading import HOSTILE, Read
from side import Side


def act(side: Side, what: Literal["suspend", "resume", "end"], serial: int, reason: str = "exercise") -> None:
    """Let two of a party's custodians do something about the compact, at its own node."""
    said = Act(
        compact=side.terms.digest,
        party=side.party,
        serial=serial,
        act=what,
        at=side.means.now().replace(microsecond=0),
        reason=reason,
    )
    signed = dsse.sign(labels.ACT, canonical.encode(said), side.custodians[:2])
    assert not side.take("act", dsse.to_bytes(signed)).problems


def page(browser: httpx.Client, path: str = "/compacts/pk-af") -> Read:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return Read(answer.text)


def asked(browser: httpx.Client, answered: int = 200, /, **form: Any) -> str:
    """What the page answers to a question."""
    answer = browser.get("/compacts/pk-af/question", params={"kind": "intelligence.report", **form})
    assert answer.status_code == answered
    return " ".join(Read(answer.text).words.split())


# --- the document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_read_what_was_agreed(browser: httpx.Client, sign_in: SignIn, role: Role) -> None:
    sign_in(role)
    assert "/compacts/pk-af" in page(browser, "/compacts").links
    assert "In force since" in page(browser).words


def test_a_clause_says_in_words_who_may_send_what_to_whom_and_how(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    words = " ".join(page(browser).words.split())
    for said in (
        "af may send it to: pk",
        "It is marked TLP:AMBER+STRICT at most",
        "It is kept for 365 days at most",
        "flash: within 1 hour",
        "destroys it within 72 hours",
        "A second person approves it: when a person is named.",
        "of 256 MiB together",
        "A log of af is final once this countersigned it: obs and pk",
        "gives 90 days' notice",
    ):
        assert said in words


def test_hotlines_are_told_with_who_is_rung_at_each_rank_and_when(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    words = " ".join(page(browser).words.split())
    for said in (
        "5.2 How they are kept",
        "flash: within 60 seconds",
        "Test calls are made every day at (UTC): 04:00",
        "An officer answers a test call within 900 seconds.",
        "Khyber khyber It is kept from 03:00 to 13:00 UTC",
        "these posts are rung instead: Directorates of operations.",
        "Kurram kurram It is kept day and night.",
        "head of sectiontorkham/commandertorkham/commander",
    ):
        assert said in words


def test_how_far_planned_activities_are_to_be_apart_is_told_of_each_clause(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("observer")
    words = " ".join(page(browser).words.split())
    for said in (
        "8.1 blasting, and whatever is near it blastingany activity 2,000 m 5,000 m 1,000 m less than 60 minutes apart",
        "8.8 works near the line, and whatever is near them works near the lineany activity 1,000 m 3,000 m 1,000 m at once",
        "8.9 movements of troops of both sides movement of troopsmovement of troops 5,000 m 10,000 m any height",
    ):
        assert said in words


def test_how_a_clash_is_talked_down_is_told_step_by_step(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    words = " ".join(page(browser).words.split())
    for said in (
        "10.1 cease fire, and whatever else set it off cease 10 minutes duty officer",
        "10.4 inform superiors inform superiors 2 hours duty officer",
        "10.7 turn to the guarantor guarantor",
        "10.8 joint statement of the result joint statement 28 days director",
    ):
        assert said in words


def test_how_long_before_planned_activities_are_told_of_is_told_of_each_clause(
    browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("observer")
    words = " ".join(page(browser).words.split())
    for said in (
        "9.1 works near the line works near the line 168 hours 24 hours within 5 km of the line as reported",
        "9.5 movements of troops movement of troops 120 hoursdivision: 720 hourscorps: 1,440 hoursabove a corps: 2,160",
        "by alert, after its troops are told: 60 minutes",
        "it then says: relation to the annual calendar",
        "9.10 aid convoys aid convoy 48 hoursat short notice: 24 hours no limit at any distance",
    ):
        assert said in words


def test_the_cedar_stands_behind_what_each_clause_says(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    shown = page(browser)
    assert shown.tags.count("details") >= 7
    assert "The observer may have reports that name no person" in shown.words
    assert 'forbid (principal, action, resource == Kind::"intelligence.report")' in shown.words


def test_no_floor_is_left_out(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    words = page(browser).words
    assert [says for says in FLOORS.values() if says not in words] == []


def test_each_version_is_shown_with_the_custodians_who_signed_it(
    border: Border, browser: httpx.Client, sign_in: SignIn
) -> None:
    sign_in("observer")
    words = " ".join(page(browser).words.split())
    assert words.count("signed by 2 custodians, of whom 2 are needed") == 2
    for side in (border.pk, border.af):
        first, second, third = (_id(side, number) for number in range(3))
        assert (first in words, second in words, third in words) == (True, True, False)


def _id(side: Side, number: int) -> str:
    raw = list(side.manifest.root.by_id().items())
    public = side.custodians[number].public_key().public_bytes_raw()
    id_ = next(id_ for id_, key in raw if key == public)
    return " ".join(id_[at : at + 4] for at in range(0, 16, 4))


def test_a_compact_that_was_not_joined_is_told(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    assert browser.get("/compacts/pk-xx").status_code == 403
    assert browser.get("/compacts/pk-xx/question").status_code == 403


# --- how it stands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Border, Desk]]:
    """A border of one's own, and the node of af."""
    with meet(tmp_path) as met, desk(met.af) as served:
        yield met, served


def seen(served: Desk, path: str = "/compacts/pk-af") -> str:
    """The words of a page, in a session that has just begun."""
    answer = served.http.get(path, headers={"cookie": served.session("observer")["cookie"]})
    assert answer.status_code == 200, answer.text
    return " ".join(Read(answer.text).words.split())


def test_a_suspension_is_told_with_who_since_when_and_why(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    met.clock.forward(days=1)
    act(met.af, "suspend", 1, reason=HOSTILE[:60])
    words = seen(served)
    assert "Suspended since today 06:30." in words
    assert "af suspended it." in words
    assert "<script>alert(1)</script>" in words
    assert "suspended" in seen(served, "/compacts")
    met.clock.forward(hours=1)
    act(met.af, "resume", 2)
    assert "In force since today 07:30." in seen(served)


def test_a_notice_is_told_with_the_day_it_ends_and_then_since_when_it_ended(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    act(met.af, "end", 1)
    assert "Notice was given: it ends on 22 February 2027." in seen(served)
    assert "22 February 2027" in seen(served, "/compacts")
    met.clock.forward(days=91)
    words = seen(served)
    assert ("Ended since yesterday 06:30." in words, "it ends on 22 February 2027" in words) == (True, True)
    assert "Notice was given" not in words


def test_an_amendment_stands_above_the_version_before_with_its_own_signatures(alone: tuple[Border, Desk]) -> None:
    met, served = alone
    later = agree(met.sides.values(), met.af.terms, (b"retention_days = 365", b"retention_days = 200"))
    assert not met.af.take("compact", later).problems
    words = seen(served)
    assert words.index("Version 2 the one in force") < words.index("Version 1 SHA-256")
    assert "It is kept for 200 days at most" in words


# --- may I send -------------------------------------------------------------------------------------------------------


def test_a_yes_names_the_clause_that_permits(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    answer = browser.get("/compacts/pk-af/question", params={"kind": "intelligence.report", "to": "pk"})
    shown = Read(answer.text)
    assert "Yes, it may be sent." in shown.words
    assert "/compacts/pk-af#clause-4.1.a" in shown.links
    assert "Each member may send reports to the other." in shown.words


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"to": "obs"}, "No clause of the policies permits sending this to obs."),
        ({"to": "pk", "tlp": "TLP:RED"}, "clause 4.1 carries at most TLP:AMBER+STRICT"),
        ({"to": "pk", "person": "yes"}, "Decided by: floor 2. A record naming a person carries purpose"),
        (
            {"to": "pk", "person": "yes", "legal_basis": "criminal-procedure", "graded": "yes"},
            "Decided by: floor 12.",
        ),
    ],
    ids=str,
)
def test_a_no_says_what_decides_and_what_to_change(
    browser: httpx.Client, sign_in: SignIn, form: dict[str, str], says: str
) -> None:
    sign_in("observer")
    words = asked(browser, **form)
    assert "No, it may not be sent." in words
    assert says in words
    assert "What to change:" in words


def test_what_names_a_person_may_once_a_second_person_approved_it(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    person = {"person": "yes", "legal_basis": "criminal-procedure", "graded": "yes", "codes": ["H1", "H2"]}
    words = asked(browser, to="pk", torture="low", death_penalty="none", **person)
    assert "Yes, it may be sent." in words
    assert "A second person approves it first." in words


def test_a_question_that_names_nobody_is_not_asked(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    words = asked(browser, 400)
    assert "It is not yet said to whom it would go." in words
    assert "may not be sent" not in words


def test_what_is_no_question_stays_in_the_form(browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    words = asked(browser, 400, to="pk", tlp=HOSTILE[:40])
    assert "The handling does not fit" in words
    assert "May I send" in words


def test_asking_is_no_act(af: Desk, browser: httpx.Client, sign_in: SignIn) -> None:
    sign_in("observer")
    before = af.noted()
    asked(browser, to="pk")
    assert af.noted() == before
