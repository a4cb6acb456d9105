"""Free words on the page of each sort of matter, at served nodes of both sides: shown there, and each look noted."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from amanat.record.record import Record
from amanat.workspaces.liaison import matters
from amanat.workspaces.liaison.ground import words as ground
from amanat.workspaces.liaison.tests.all_cast import All, all_of_it
from amanat.workspaces.liaison.tests.beside_cast import address, page
from amanat.workspaces.liaison.tests.incidents_cast import FIRED
from amanat.workspaces.liaison.tests.lines import named
from amanat.workspaces.liaison.tracks import words as tracks
from api.cast import Desk, desk
from console.reading import Read

MATTERS = ("notice", "sealed", "clarification", "incident", "track", "measure", "meeting", "warning")

Served = tuple[All, dict[str, Desk], dict[str, Record]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as open_:
        made = open_.enter_context(all_of_it(tmp_path_factory.mktemp("all")))
        nodes = {party: open_.enter_context(desk(made.beside.side(party))) for party in ("pk", "af")}
        yield made, nodes, made.one_of_each()


def test_every_matter_but_a_call_is_tried_here() -> None:
    assert {f"/liaison/{each}" for each in (*MATTERS, "call")} == set(matters.PAGES.values())


@pytest.mark.parametrize("what", MATTERS)
def test_words_about_a_matter_stand_on_its_page_at_both_sides_and_each_look_is_noted(served: Served, what: str) -> None:
    made, nodes, roots = served
    root = roots[what]
    text = made.beside.write("af", root, f"What we saw of the {what}.")
    made.carry()
    for side, at in nodes.items():
        assert f"What we saw of the {what}." in page(at, address(what, root)), side
        assert len(at.noted("record.person", named(text), "duty")) == 1
        assert f"What we saw of the {what}." not in page(at, address(what, root), role="observer")
        assert at.noted("record.person", named(text), "observer") == []
    assert 'action="/liaison/open-words?' in page(nodes["pk"], address(what, root))
    assert f"/liaison/text?party={root.key[0]}&amp;id={root.key[1]}#write" in page(nodes["af"], address(what, root))


def test_words_about_an_account_and_about_a_step_of_a_notice_stand_there_too(served: Served) -> None:
    made, nodes, roots = served
    account = made.incidents.account("pk", roots["incident"], FIRED)
    step = made.notices.do("af", "acknowledge-notice", roots["notice"])
    made.carry()
    for record, text in ((account, "of the account"), (step, "of the step")):
        made.beside.write("af", record, text)
    made.carry()
    for at in nodes.values():
        assert "of the account" in page(at, address("incident", roots["incident"]))
        assert "of the step" in page(at, address("notice", roots["notice"]))


def test_words_about_a_step_of_a_track_lead_to_the_page_of_the_track(served: Served) -> None:
    made, nodes, roots = served
    step = made.beside.step("pk", roots["track"], "closed")
    made.carry()
    shown = page(nodes["af"], f"/liaison/text?party={step.key[0]}&id={step.key[1]}")
    assert f"/liaison/track?party={roots['track'].key[0]}&amp;id={roots['track'].key[1]}" in shown


@pytest.mark.parametrize("what", ["notice", "sealed", "incident", "measure", "meeting"])
def test_who_administers_some_ground_is_called_by_its_name_and_not_by_a_countrys_code(
    served: Served, what: str
) -> None:
    _, nodes, roots = served
    for at in nodes.values():
        said = Read(page(at, address(what, roots[what]))).words
        assert not re.search(r"\b(AF|PK)\b", said), re.search(r".{80}\b(AF|PK)\b.{20}", said)


def test_tracks_have_one_name_in_the_menu_on_their_list_and_on_the_map() -> None:
    names = [
        *(tracks.WORDS["place"][f"liaison.{each}"] for each in ("crossed", "tracks")),
        ground.WORDS["layer"]["tracks"],
    ]
    assert names == ["Tracks"] * 3
