"""The book of joint statements: its meanings never change, and a title or a form says what a body does."""

import re
from importlib.resources import files
from typing import Any

import pytest

from amanat.party.errors import Invalid
from amanat.workspaces.liaison.incidents import sentences, stating, titles
from amanat.workspaces.liaison.incidents.kinds import (
    ACCOUNT,
    INCIDENT,
    STATEMENT,
    STEP,
    Answered,
    Happened,
    Observed,
    digest,
)
from amanat.workspaces.liaison.incidents.lists import LISTS
from amanat.workspaces.liaison.incidents.words import WORDS
from amanat.workspaces.liaison.kinds import Named

FROZEN = dict(
    line.split()
    for line in files("amanat.workspaces.liaison.incidents").joinpath("frozen.txt").read_text("utf-8").splitlines()
)
KEY = Named("pk", "01936e1a-7a00-7000-8000-000000000011")


def test_no_meaning_that_was_frozen_changes_or_is_gone_and_each_is_frozen() -> None:
    assert {id_: sentences.meaning(each) for id_, each in sentences.book().items()} == FROZEN


def test_each_sentence_has_its_gaps_in_every_language_and_a_row_has_room_for_them() -> None:
    for each in sentences.book().values():
        assert len(each.slots) <= stating.WIDTH
        for text in each.texts.values():
            assert set(re.findall(r"{(\w+)}", text)) == set(each.slots)


def test_no_sentence_says_who_is_guilty_or_gives_a_person() -> None:
    """Floor 13: a closed book has no words for it, and a gap takes a place, a time or a number alone."""
    types = {type_ for each in sentences.book().values() for type_ in each.slots.values()}
    assert types <= {"place.event", "time", "count", "minutes"}


@pytest.mark.parametrize("of", [of for of in LISTS if of not in ("did", "arms", "direction")])
def test_each_closed_list_has_words_for_each_of_its_codes_and_for_no_other(of: str) -> None:
    assert tuple(WORDS[of]) == LISTS[of]


def test_what_is_done_has_a_sentence_and_a_name() -> None:
    assert tuple(WORDS["happened"]) == tuple(WORDS["happened what"]) == LISTS["did"]
    assert all("%(who)s" in said for said in WORDS["happened"].values())


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (title, body)
        for kind, title in (
            (INCIDENT, titles.of_incident),
            (ACCOUNT, titles.of_account),
            (STEP, titles.of_step),
            (STATEMENT, titles.of_statement),
        )
        for body in kind.examples
    ],
)
def test_every_body_has_a_title(title: Any, body: Any) -> None:
    assert title(body)
    assert "{" not in title(body)


def test_how_it_was_otherwise_is_said_only_of_what_is_disputed_and_no_observer_takes_a_side() -> None:
    shot = Happened(did="fired", by="ours")
    with pytest.raises(Invalid) as refused:
        Answered(incident=KEY, party="pk", statement=digest(shot), stance="agrees", otherwise=shot)
    assert refused.value.code == "liaison.otherwise"
    with pytest.raises(Invalid) as refused:
        Observed(incident=KEY, observed=shot)
    assert refused.value.code == "liaison.observed"
