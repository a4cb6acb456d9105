"""Pages of notices through served nodes at both ends: what they show, what they keep when refused, where they lead."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from amanat.workspaces.liaison.tests.lines import hotline, of, page
from amanat.workspaces.liaison.tests.notices_cast import (
    AT,
    BLASTING,
    CONVOY,
    LATER,
    PATROL,
    SOON,
    WORKS,
    Notices,
    name,
    press,
    words,
)
from api.cast import Desk, desk
from console.reading import Read


@pytest.fixture(scope="module")
def them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notices]:
    with hotline(tmp_path_factory.mktemp("notices")) as line:
        yield Notices(line)


@pytest.fixture(scope="module")
def at(them: Notices) -> Iterator[dict[str, Desk]]:
    """The served nodes of both sides and of the observer."""
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(them.line.side(party))) for party in ("pk", "af", "obs")}


PLANNED = {**AT, **LATER, **WORKS}


@pytest.mark.parametrize("language", ["en", "ur"])
def test_every_page_is_shown_in_english_and_urdu(them: Notices, at: dict[str, Desk], language: str) -> None:
    given = them.give("pk", WORKS)
    them.give("pk", PATROL, changes="")
    them.carry()
    for party in ("pk", "af", "obs"):
        for path in (
            "/liaison/notices",
            "/liaison/plan",
            "/liaison/calendar",
            "/liaison/calendar?of=2026-12",
            "/liaison/calendar?of=2026",
            f"/liaison/notice?party=pk&id={given.key[1]}",
        ):
            assert page(at[party], path, language)  # type: ignore[arg-type]
    for type_ in (
        "works",
        "flight",
        "exercise",
        "movement",
        "patrol",
        "blasting",
        "firing",
        "clearance",
        "convoy",
        "drone",
    ):
        assert page(at["pk"], f"/liaison/plan?type={type_}", language)  # type: ignore[arg-type]
