"""What stands around every page of a session: where one may go, how the lines stand, what time it is on each side.

Law: what is listed here, this officer may open; a number beside it counts what waits there, and shows nothing of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Final, get_args

from litestar import Request, Response
from markupsafe import Markup, escape

from amanat.compact.form import Urgency
from amanat.console import calendars
from amanat.console.beside import Both, as_code
from amanat.console.done import done
from amanat.console.languages import chosen
from amanat.console.moments import Moments
from amanat.console.rendering import page
from amanat.console.titles import titles
from amanat.exchange import lexica
from amanat.exchange.caller import Caller, form_word
from amanat.exchange.means import Means, Turn, look
from amanat.exchange.peer_line import Standing
from amanat.log.malformed import Malformed
from amanat.officer.may import Actor, may, permitted
from amanat.party.errors import Problem
from amanat.party.lexicon import Language, Lexicon, name
from amanat.store import drafts, listing
from amanat.workspace import Ring, Workspace
from amanat.workspaces import find

_NAMED: Final = Markup("<bdi>{}</bdi> {}")

MOST_RINGS: Final = 8
"""So many ring at once on a page at most: beyond them, the page that they lead to has all."""

URGENCIES: Final = (*get_args(Urgency), "")
"""The most urgent first, and last what has no urgency."""

MOST: Final = 100
"""Up to here is counted what waits: beyond it a page says "more"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one may go: the code of its name (`words`), path, icon, and the permission that lets one open it.

    `waits` is how many matters do there, `key` what one presses after "g" to go, `group` what it is listed under.
    """

    name: str
    path: str
    icon: str
    permission: str
    waits: int = 0
    key: str = ""
    group: str = ""

    @property
    def space(self) -> str:
        """The place of the rail that it is, or is within."""
        return self.name.partition(".")[0]


PLACES: Final = (
    Place("now", "/", "bell", "compact.read"),
    Place("records", "/records", "files", "record.read"),
    Place("drafts", "/drafts", "pencil", "record.compose"),
    Place("approvals", "/approvals", "stamp", "record.approve"),
    Place("compacts", "/compacts", "handshake", "compact.read"),
    Place("parties", "/parties", "key-round", "compact.read"),
    Place("logs", "/logs", "layers", "log.read"),
    Place("officers", "/officers", "users", "officer.manage"),
    Place("audit", "/audit", "list-checks", "audit.read"),
)
"""Where one goes in the core; where one goes in a workspace follows from its pages."""


@dataclass(frozen=True, slots=True)
class Light:
    """How the line to a peer stands, and how many envelopes nobody answered there."""

    party: str
    standing: Standing
    undelivered: int


def inside(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    template: str,
    given: Mapping[str, Any],
    problem: Problem | Malformed | None = None,
    status: int | None = None,
) -> Response[str]:
    """Return a page of a session, with all that stands around it, and what is wrong (`rendering.page`)."""
    return page(request, template, _around(request, means, caller, given["here"]) | dict(given), problem, status)


def _around(request: Request[Any, Any, Any], means: Means, caller: Caller, here: str) -> dict[str, Any]:
    """Return what the bar and the rail of every page of a session show."""
    lines, actor = request.app.state.lines, caller.actor
    with look(means) as turn:
        unread = listing.unread_by_kind(turn.tx, MOST) if may(actor, "record.acknowledge") else {}
        places = tuple(_places(turn, actor, unread))
        lights = tuple(_lights(turn, actor, lines.standing()))
        lexicon = lexica.own_lexicon(turn)
        parties = tuple(sorted({*turn.known.manifests} - {means.party}))
        now, rings = turn.now, ringing(turn, actor)
        titled = titles(turn, Moments(now, lexicon, chosen(request), parties))
    return telling(lexicon, chosen(request), now, parties) | {
        "titled": titled,
        "party": means.party,
        "post": actor.post,
        "rests": actor.lacks == "rest",
        "word": form_word(caller.cookie),
        "places": places,
        "to_read": sum(unread.values()),
        "within": _within(here, actor),
        "group": _group(here),
        "lights": lights,
        "ringing": rings,
        "newest": caller.newest,
        "done": done(request, caller.cookie),
    }


def ringing(turn: Turn, actor: Actor) -> tuple[Ring, ...]:
    """Return what rings for this officer, `MOST_RINGS` at most: what sounds, the most urgent, what is passed on first.

    Asked of the roles, for it rings at a session that rests too.
    """
    if "record.read" not in permitted(actor.roles):
        return ()
    found = [each for space in find() if space.rings for each in space.rings(turn, actor)]
    return tuple(sorted(found, key=_comes)[:MOST_RINGS])


def _comes(ring: Ring) -> tuple[object, ...]:
    """Return what puts rings in order: of two as urgent as one another, the one that nobody passes on comes after."""
    last = ring.due is None
    return not ring.urgent, URGENCIES.index(ring.urgency), last, ring.due or ring.since, ring.since, ring.path


def telling(lexicon: Lexicon | None, language: Language, now: datetime, parties: tuple[str, ...]) -> dict[str, Any]:
    """Return how pages tell times, lengths of time and parties, by the own party's lexicon; clocks are of `parties`."""
    moments = Moments(now, lexicon, language, parties)
    return {
        "now": now,
        "clocks": moments.clocks(),
        "own_city": moments.city(),
        "today": moments.today(),
        "moment": moments.moment,
        "exact": moments.exact,
        "length": moments.length,
        "lasting": moments.lasting,
        "on_day": moments.day,
        "in_month": moments.month,
        "in_language": lambda language: replace(moments, language=language),
        "named": partial(named, lexicon=lexicon, language=language),
        "own_line": lexicon is not None and "line" in lexicon.names and name(lexicon, "line", language),
        "at_post": partial(at_post, lexicon=lexicon, language=language),
        "parties_named": partial(parties_named, lexicon=lexicon, language=language),
        "lengths": calendars.lengths(language),
        "english_lengths": calendars.lengths("en"),
    }


def named(party: str, *, lexicon: Lexicon | None, language: Language) -> Both:
    """Return what the own party calls a party; its code where it calls it nothing."""
    return Both(escape(_name(party, lexicon, language)), escape(_name(party, lexicon, "en")), reviewed=True)


def at_post(party: str, post: str, *, lexicon: Lexicon | None, language: Language) -> Both:
    """Return a post of a party: what the own party calls that, and the post as it is written."""
    own, english = (_NAMED.format(_name(party, lexicon, spoken), as_code(post)) for spoken in (language, "en"))
    return Both(own, english, reviewed=True)


def parties_named(parties: Iterable[str], *, lexicon: Lexicon | None, language: Language) -> Both:
    """Return what the own party calls some parties, each with its code beside, in a language and in English."""

    def written(party: str, language: Language) -> Markup:
        said = _name(party, lexicon, language)
        return as_code(party) if said == party else _NAMED.format(said, as_code(party))

    of = tuple(parties)
    own, english = (Markup(" · ").join(written(each, spoken) for each in of) for spoken in (language, "en"))
    return Both(own, english, reviewed=True)


def _name(party: str, lexicon: Lexicon | None, language: Language) -> str:
    key = f"party.{party}"
    said = key if lexicon is None else name(lexicon, key, language)
    return party if said == key else said


def _places(turn: Turn, actor: Actor, unread: dict[str, int]) -> Iterator[Place]:
    found = {ways[0].space: next((way for way in ways if may(actor, way.permission)), None) for ways in _all_places()}
    counted = {each.name for each in find() if each.waits is None and found.get(each.name) is not None}
    for space, place in found.items():
        if place is not None:
            own = space in counted or space == "records"
            waits = _counted(unread, counted, space) if own else _waits(turn, actor, space)
            yield replace(place, name=space, waits=waits)


def _counted(unread: dict[str, int], counted: set[str], space: str) -> int:
    """Count what was not read yet, each once: in its workspace where that counts it, and else among all records.

    A workspace that counts what waits there itself counts its records among that.
    """
    if space == "records":
        apart = counted | {each.name for each in find() if each.waits is not None}
        return sum(n for kind, n in unread.items() if kind.partition(".")[0] not in apart)
    return sum(n for kind, n in unread.items() if kind.startswith(f"{space}."))


@cache
def _all_places() -> tuple[tuple[Place, ...], ...]:
    """Return the places of the rail, each as the ways there, of which one goes the first that one may.

    A place's key is the first letter of its name that none before it has.
    """
    found, taken = list[tuple[Place, ...]](), set[str]()
    for ways in (*((each,) for each in PLACES), *(_inner(each) for each in find())):
        key = next((letter for letter in ways[0].space if letter not in taken), "")
        taken.add(key)
        found.append(tuple(replace(each, key=key) for each in ways))
    return tuple(found)


def _within(here: str, actor: Actor) -> tuple[tuple[Place, ...], ...]:
    """Return where this officer may go in the workspace of a page: its groups and what is in none, then its own group.

    Nothing where that is one place alone, or there is none such.
    """
    space = next((each for each in find() if each.name == here.partition(".")[0]), None)
    if space is None:
        return ()
    places = [each for each in _inner(space) if may(actor, each.permission)]
    group = _group(here)
    firsts = {each.group or each.name: replace(each, name=each.group or each.name) for each in reversed(places)}
    rows = (tuple(reversed(firsts.values())), tuple(each for each in places if group and each.group == group))
    return tuple(row for row in rows if len(row) > 1)


def _group(here: str) -> str:
    """Return the group of a page of a workspace, "" of what is in none."""
    pages = ((space, each) for space in find() for each in space.pages)
    return next((each.group for space, each in pages if f"{space.name}.{each.name}" == here), "")


def _inner(workspace: Workspace) -> tuple[Place, ...]:
    """Return where one may go in a workspace: its pages, then its records."""
    of, icon = workspace.name, workspace.icon
    listed = [each for each in workspace.pages if each.listed]
    pages = (
        Place(f"{of}.{each.name}", f"/{of}/{each.name}", icon, each.permission, group=each.group) for each in listed
    )
    return (*pages, Place(f"{of}.records", f"/records?workspace={of}", icon, "record.read"))


def _waits(turn: Turn, actor: Actor, name: str) -> int:
    """Count what else waits there for this officer: to be mended, to be approved, or what a workspace counts."""
    if name == "drafts":
        return drafts.returned_count(turn.tx, actor.officer, MOST)
    if name == "approvals":
        return min(MOST, sum(actor.officer not in writers for writers in listing.held_writers(turn.tx)))
    counts = next((each.waits for each in find() if each.name == name), None)
    return counts(turn, actor) if counts else 0


def _lights(turn: Turn, actor: Actor, standing: dict[str, Standing]) -> Iterator[Light]:
    if may(actor, "peers.read"):
        for party, each in standing.items():
            yield Light(party, each, listing.undelivered_count(turn.tx, party, MOST))
