"""A day of the hotline that was signed, and free words about it: what is shown of them, waits, and is written."""

from typing import Final

import msgspec

from amanat.exchange.drafting import Asked, drafted
from amanat.exchange.matter import Waiting
from amanat.exchange.means import begin, look
from amanat.officer.may import Actor, Role, at_machine, permitted
from amanat.party.lexicon import Language
from amanat.record.record import Post, Record
from amanat.workspaces.liaison import free_words, matters
from amanat.workspaces.liaison.free_words import FreeWords
from amanat.workspaces.liaison.kinds import Named, Text
from amanat.workspaces.liaison.pages import text as text_page
from amanat.workspaces.liaison.tests.lines import DUTY, PERSON, Hotline
from api.cast import Desk
from side import foreign

PAGES: Final = {**matters.PAGES, "liaison.day": "/liaison/days"}
ELSEWHERE: Final = Named("pk", "01936e1a-7a00-7000-8000-0000000000ff")
days = iter(range(1, 24))


def signed_day(line: Hotline) -> Record:
    """A matter of pk's that is at both sides, and that nobody said anything about."""
    (signed,) = line.do("pk", "sign-day", hotline="kurram", day=f"2026-11-{next(days):02}")
    line.carry()
    return signed


def words(line: Hotline, party: str, about: Record, *roles: Role) -> FreeWords:
    actor = Actor(1, DUTY, roles, permitted(roles), "console") if roles else at_machine(DUTY)
    with look(line.side(party).means) as turn:
        return free_words.said_about(turn, actor, Named(*about.key))


def waiting(line: Hotline, party: str, about: tuple[str, str]) -> list[Waiting]:
    with look(line.side(party).means) as turn:
        found = [each for each in free_words.now(turn, at_machine(DUTY)) if (each.party, each.id) == about]
        assert free_words.waits(turn, at_machine(DUTY)) >= len(found)
    return found


def opened(line: Hotline, party: str, about: tuple[str, str]) -> None:
    line.do(party, "open-words", party=about[0], id=about[1])


def begun(line: Hotline, party: str, about: tuple[str, str], text: str = "words", of_: str = "") -> Asked:
    """What a draft of these words begins with."""
    with look(line.side(party).means) as turn:
        return text_page.draft(turn, at_machine(DUTY), text_page.Typed(*about, "en", text, of_))


def utter(line: Hotline, party: str, body: Text, like: Asked) -> Record:
    """Send words as a program of a party may that is not ours."""
    with begin(line.side(party).means) as turn:
        handling = {**like.handling, **PERSON}
        asked = msgspec.structs.replace(like, body=msgspec.to_builtins(body), handling=handling, refs=())
        return foreign(turn, drafted(turn, asked), Post(party, "duty"))


def page(at: Desk, about: tuple[str, str], role: Role = "duty", language: Language = "en", **more: str) -> str:
    at.speak(role, language)
    asked = {"party": about[0], "id": about[1], **more}
    answer = at.http.get("/liaison/text", params=asked, headers=at.session(role))
    assert answer.status_code == 200, answer.text
    return answer.text
