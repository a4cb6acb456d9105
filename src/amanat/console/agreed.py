"""What was agreed, as a document that people read: articles, clauses, floors, signatures, history; and "may I send …?".

Law: it shows what the API shows, by `exchange.agreed`. A question is asked of the rules that every record meets.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, QueryParameter

from amanat.compact.explain import Explanation, counted, ranked
from amanat.compact.floors import FLOORS
from amanat.compact.form import KindTerms
from amanat.compact.notification import LEVELS, thresholds
from amanat.compact.terms import LOGS, Terms
from amanat.console.shell import inside
from amanat.exchange import agreed
from amanat.exchange.agreed import Proposal
from amanat.exchange.means import Means, look
from amanat.exchange.route import Here, Who, reads
from amanat.party.errors import Invalid, Refused
from amanat.party.types import PartyCode
from amanat.record.handling import STRICTNESS

_Word = Annotated[str, QueryParameter(max_length=80)]
_Words = Annotated[list[str] | None, QueryParameter(max_items=16)]


class Article(msgspec.Struct, frozen=True):
    """What may be sent of one kind: its name and terms, and to whom each sender may send it."""

    name: str
    terms: KindTerms
    ways: dict[str, tuple[str, ...]]


class Sees(msgspec.Struct, frozen=True):
    """A party of a compact, and what it is given: an observer the kinds and logs that it lists, a member all."""

    party: str
    name: str
    administers: tuple[str, ...]
    observer: bool
    kinds: tuple[str, ...]
    logs: bool


class Kept(msgspec.Struct, frozen=True):
    """A hotline: its two sides, each rank of the ladder with the posts there, by party, and when it is kept.

    `hours` are when it begins and ends (UTC), () where it is kept always; `after` is the title of what is rung else.
    """

    name: str
    title: str
    sides: tuple[str, ...]
    ranks: tuple[tuple[str, dict[str, str]], ...]
    hours: tuple[str, ...]
    after: str


class Answered(msgspec.Struct, frozen=True):
    """An answer: which clauses, or which floor, decide it; neither where something else does."""

    may: bool
    clauses: tuple[str, ...]
    floor: str
    says: str
    change: str
    code: str


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A question as its form holds it; "" is as the compact has it."""

    kind: str = ""
    to: tuple[PartyCode, ...] = ()
    tlp: str = ""
    purpose: str = ""
    codes: tuple[str, ...] = ()
    person: bool = False
    legal_basis: str = ""
    graded: bool = False
    torture: str = ""
    death_penalty: str = ""
    exercise: bool = False

    def asked(self) -> Proposal:
        """Return the question that is asked of the compact. Raises `Invalid` while nobody is named."""
        if not self.to:
            raise Invalid("question.to", "It is not yet said to whom it would go.", "Choose at least one party.")
        said: dict[str, Any] = {"tlp": self.tlp, "purpose": self.purpose, "legal_basis": self.legal_basis}
        handling = {name: value for name, value in said.items() if value}
        if self.codes:
            handling["codes"] = sorted(self.codes)
        if self.graded:
            handling["grading"] = {"scheme": "4x4", "source": "B", "information": "2"}
        if self.torture and self.death_penalty:
            risk = {"torture": self.torture, "death_penalty": self.death_penalty, "not_obtained_by_torture": True}
            handling["custody_risk"] = risk | {"basis": "as asked"}
        return Proposal(kind=self.kind, to=self.to, handling=handling, names_person=self.person, exercise=self.exercise)


@reads("/compacts", "compact.read")
def compacts(request: Request[Any, Any, Any], means: Here, caller: Who) -> Response[str]:
    """List the compacts that this party joined."""
    with look(means) as turn:
        heads = agreed.heads(turn)
        standings = {each.id: agreed.history(turn, each.id).standing for each in heads}
    given = {"here": "compacts", "heads": heads, "standings": standings}
    return inside(request, means, caller, "compacts.html", given)


@reads("/compacts/{id_:str}", "compact.read")
def compact(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str]) -> Response[str]:
    """Show one as a document."""
    with look(means) as turn:
        held = turn.known.compact(id_)
        history = agreed.history(turn, id_)
        countersigners = agreed.countersigners(turn, id_)
    terms = held.terms
    given = {
        "here": "compacts",
        "terms": terms,
        "history": history,
        "articles": articles(terms),
        "hotlines": tuple(_hotlines(terms)),
        "separations": sorted(terms.deconfliction.items(), key=lambda each: counted(each[1].clause)),
        "ladder": tuple(terms.deescalation.items()),
        "notifications": sorted(terms.notification.items(), key=lambda each: counted(each[1].clause)),
        "levels": LEVELS,
        "thresholds": thresholds,
        "parties": tuple(_sees(terms)),
        "clauses": agreed.clauses(terms),
        "floors": tuple(map(str, FLOORS)),
        "countersigners": countersigners,
    }
    return inside(request, means, caller, "compact.html", given)


@reads("/compacts/{id_:str}/question", "compact.read", repeats=True)
def question(
    request: Request[Any, Any, Any],
    means: Here,
    caller: Who,
    id_: FromPath[str],
    kind: _Word = "",
    to: _Words = None,
    tlp: _Word = "",
    purpose: _Word = "",
    codes: _Words = None,
    person: _Word = "",
    legal_basis: _Word = "",
    graded: _Word = "",
    torture: _Word = "",
    death_penalty: _Word = "",
    exercise: _Word = "",
) -> Response[str]:
    """Ask whether something may be sent: a form, and below it the answer to what it holds."""
    form = Form(
        kind=kind,
        to=tuple(to or ()),
        tlp=tlp,
        purpose=purpose,
        codes=tuple(codes or ()),
        person=bool(person),
        legal_basis=legal_basis,
        graded=bool(graded),
        torture=torture,
        death_penalty=death_penalty,
        exercise=bool(exercise),
    )
    with look(means) as turn:
        terms = turn.known.compact(id_).terms
    answer, problem = _answered(means, id_, form) if kind else (None, None)
    given = {
        "here": "compacts",
        "terms": terms,
        "articles": articles(terms),
        "others": tuple(party for party in terms.parties if party != means.party),
        "markings": tuple(STRICTNESS),
        "form": form,
        "answer": answer,
    }
    return inside(request, means, caller, "question.html", given, problem)


def articles(terms: Terms) -> tuple[Article, ...]:
    """Return the kinds that may be sent, as their clauses are counted."""
    ordered = sorted(terms.kinds.items(), key=lambda named: counted(named[1].clause))
    return tuple(Article(name, kind, _ways(kind)) for name, kind in ordered)


def _ways(kind: KindTerms) -> dict[str, tuple[str, ...]]:
    ways = dict[str, tuple[str, ...]]()
    for direction in kind.directions:
        sender, _, recipient = direction.partition(" > ")
        ways[sender] = (*ways.get(sender, ()), recipient)
    return ways


def _sees(terms: Terms) -> Iterator[Sees]:
    for party, member in sorted(terms.members.items()):
        yield Sees(party, member.name, member.administers, observer=False, kinds=tuple(sorted(terms.kinds)), logs=True)
    for party, observer in sorted(terms.observers.items()):
        kinds = tuple(what for what in observer.sees if what != LOGS)
        yield Sees(party, observer.name, (), observer=True, kinds=kinds, logs=LOGS in observer.sees)


def _hotlines(terms: Terms) -> Iterator[Kept]:
    for name, hotline in sorted(terms.hotlines.items()):
        hours = tuple(hotline.hours.split("-")) if hotline.hours else ()
        after = terms.hotlines[hotline.after_hours].title if hotline.after_hours else ""
        ranks = tuple(ranked(hotline, terms.ranks))
        yield Kept(name, hotline.title, tuple(sorted(hotline.posts)), ranks, hours, after)


def _answered(means: Means, id_: str, form: Form) -> tuple[Answered | None, Invalid | Refused | None]:
    try:
        return _told(agreed.ask(means, id_, form.asked())), None
    except (Invalid, Refused) as problem:
        return None, problem


def _told(answer: Explanation) -> Answered:
    sort, _, rest = answer.by.partition(" ")
    clauses = tuple(rest.split(", ")) if sort == "clause" else ()
    floor = rest if sort == "floor" else ""
    return Answered(answer.may, clauses, floor, answer.says, answer.change, answer.code)


ROUTES: Final[list[Any]] = [compacts, compact, question]
"""The list, one as a document, and the question."""
