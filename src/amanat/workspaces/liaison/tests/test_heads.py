"""The head of every matter's page at served nodes: until when its records are kept, and where it is on the map."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from html import unescape

import msgspec
import pytest

from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.means import begin, look
from amanat.exchange.send import send_in
from amanat.record.record import Post, Record
from amanat.workspaces.liaison import heads
from amanat.workspaces.liaison.kinds import Named
from amanat.workspaces.liaison.matters import PAGES
from amanat.workspaces.liaison.tests.all_cast import All, all_of_it
from amanat.workspaces.liaison.tests.beside_cast import page
from amanat.workspaces.liaison.tests.sealed_cast import works
from api.cast import Desk, desk

ON_NO_MAP = {"meeting", "track"}  # a meeting that was not agreed, and tracks, whose place a step may change


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[All, Desk]]:
    with ExitStack() as open_:
        made = open_.enter_context(all_of_it(tmp_path_factory.mktemp("heads")))
        yield made, open_.enter_context(desk(made.beside.side("af")))


def test_every_matter_says_until_when_it_is_kept_and_where_it_is_on_the_map(served: tuple[All, Desk]) -> None:
    made, af = served
    found = made.one_of_each()
    made.sealed.do("pk", "open-sealed", found["sealed"], sure="on")
    made.carry()
    assert {f"/liaison/{name}" for name in found} == set(PAGES.values()) - {"/liaison/call"}
    for name, record in found.items():
        text = unescape(page(af, f"/liaison/{name}?party={record.key[0]}&id={record.key[1]}"))
        assert "kept until" in text, name
        addresses = set(re.findall(r'href="(/liaison/map\?[^"]*)"', text))
        assert (len(addresses) == 0) == (name in ON_NO_MAP), (name, addresses)
        for address in addresses:
            focus = address.partition("focus=")[2]
            assert f'"id":"{focus}"' in unescape(page(af, address)), (name, address)


def test_what_ends_sooner_than_its_kind_is_marked(served: tuple[All, Desk]) -> None:
    """The other side's record ends ours with it: so both see at once that it ends soon."""
    made, af = served
    usual, soon = told(made, 365 * 3), told(made, 30)
    made.carry()
    with look(made.beside.side("af").means) as turn:
        found = [heads.of(turn, Named(*each.key)) for each in (usual, soon)]
    assert [each.sooner for each in found] == [False, True]
    text = page(af, f"/liaison/notice?party=pk&id={soon.key[1]}")
    assert re.search(r'state soon">.{0,200}kept until', text, re.DOTALL)


def told(made: All, days: int) -> Record:
    """Let a program give notice of works that is to be destroyed so many days later."""
    means, now = made.beside.side("pk").means, made.sealed.now
    body = msgspec.to_builtins(works(now + timedelta(hours=24)))
    handling = {"expires": f"{now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}
    asked = Asked(kind="liaison.notice", compact="pk-af", to=("af", "obs"), body=body, handling=handling)
    with begin(means) as turn:
        (sent,) = send_in(turn, [drafted(turn, asked)], Post("pk", "torkham/duty"))
    return sent.record
