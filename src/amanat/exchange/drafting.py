"""Drafts from what an officer filled in: the compact's defaults under it, and what is wrong with it, field by field.

Law: one reading of a form. What is found wrong here is what sending would find, as far as a form can be told ahead.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from amanat.compact.check import Permitted
from amanat.compact.terms import Terms, defaults
from amanat.exchange.means import Turn
from amanat.exchange.send import cited, dated, permit
from amanat.party import canonical
from amanat.party.errors import Invalid, Refused
from amanat.party.types import PartyCode, quoted
from amanat.record.attachment import Attachment
from amanat.record.handling import Differs, Handling, over
from amanat.record.kind import Kind
from amanat.record.record import MAX_AUDIENCE, MAX_RECORD_BYTES, MAX_REFS, Draft, Post, Ref, compose
from amanat.store import attachments

T = TypeVar("T")

Audience = tuple[PartyCode, ...]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an officer fills in. `compact` is its id; `handling` what is to differ from the compact's defaults.

    `attachments` are addresses of files that were handed in before.
    """

    kind: str
    compact: str
    to: Audience
    body: dict[str, Any]
    handling: Differs = {}
    refs: tuple[Ref, ...] = ()
    exercise: bool = False
    attachments: tuple[str, ...] = ()


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with a field of the form ("" is the whole), as an error says it; `by` is what refuses, if any."""

    field: str
    code: str
    says: str
    mend: str
    by: str = ""


def flaws_of(problem: Invalid) -> Mapping[str, tuple[Flaw, ...]]:
    """Return what a page tells beside a field of its form; nothing of what stands in no one field."""
    told = Flaw(problem.field, problem.code, problem.says, problem.mend)
    return {problem.field: (told,)} if problem.field else {}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a draft would be sent as it is; if so by which clause, and whether a second person has to approve it."""

    flaws: tuple[Flaw, ...]
    clause: str = ""
    second_person: bool = False


def drafted(turn: Turn, asked: Asked) -> Draft:
    """Return the draft. Raises `Invalid` or `Refused` for the first field that is wrong."""
    kind, terms = turn.means.kinds.newest(asked.kind), turn.known.compact(asked.compact).terms
    _require_audience(asked)
    _require_few_refs(asked)
    return Draft(
        kind.label,
        body_of(kind, msgspec.json.encode(asked.body)),
        asked.to,
        _handling(turn, terms, kind, asked.handling),
        terms.digest,
        asked.refs,
        asked.exercise,
        _staged(turn, asked.attachments),
    )


def judged(turn: Turn, asked: Asked, author: Post) -> Verdict:
    """Return what sending this form would say, without sending anything."""
    flaws = tuple(_flaws(turn, asked))
    if flaws:
        return Verdict(flaws=flaws)
    try:
        permitted = _permitted(turn, asked, author)
    except (Invalid, Refused) as problem:
        return Verdict(flaws=(_flaw("", problem),))
    return Verdict(flaws=(), clause=permitted.clause, second_person=permitted.needs_second_person)


def body_of(kind: Kind, data: bytes, file: str = "") -> Any:  # noqa: ANN401 - a struct of the kind
    """Read a body as the kind's own JSON. Raises `Invalid`, which names the `file` that it stood in."""
    canonical.check_text(data, f"body {file}".rstrip(), MAX_RECORD_BYTES)
    try:
        return msgspec.json.decode(data, type=kind.body)
    except msgspec.DecodeError as error:
        raise Invalid(
            "body.form",
            f"{file or 'The body'} is no {kind.label}: {quoted(error)}.",
            f"See the schema of {kind.name}.",
        ) from error


def _permitted(turn: Turn, asked: Asked, author: Post) -> Permitted:
    means = turn.means
    draft = drafted(turn, asked)
    record = compose(draft, author, means.kinds, means.new_id(), dated(turn, draft.refs))
    return permit(turn, record, cited(turn, [record]))


def _flaws(turn: Turn, asked: Asked) -> Iterator[Flaw]:
    """What is wrong with each field by itself."""
    kind = yield from _tried("kind", lambda: turn.means.kinds.newest(asked.kind))
    compact = yield from _tried("compact", lambda: turn.known.compact(asked.compact))
    yield from _tried("to", lambda: _require_audience(asked))
    yield from _tried("refs", lambda: _require_few_refs(asked))
    yield from _tried("attachments", lambda: _staged(turn, asked.attachments))
    if kind is not None:
        yield from _tried("body", lambda: body_of(kind, msgspec.json.encode(asked.body)))
        if compact is not None:
            yield from _tried("handling", lambda: _handling(turn, compact.terms, kind, asked.handling))


def _tried(field: str, read: Callable[[], T]) -> Generator[Flaw, None, T | None]:
    try:
        return read()
    except (Invalid, Refused) as problem:
        yield _flaw(field, problem)
        return None


def _flaw(field: str, problem: Invalid | Refused) -> Flaw:
    return Flaw(field, problem.code, problem.says, problem.mend, problem.by if isinstance(problem, Refused) else "")


def _handling(turn: Turn, terms: Terms, kind: Kind, said: Mapping[str, Any]) -> Handling:
    return over(defaults(terms, kind.name, turn.means.now()), said)


def _require_audience(asked: Asked) -> None:
    if not asked.to:
        raise Invalid("draft.to", "It is not yet said to whom it goes.", "Choose at least one party.")
    if len(set(asked.to)) > MAX_AUDIENCE:
        raise Invalid("draft.many", f"It goes to {len(asked.to)} parties.", f"Choose at most {MAX_AUDIENCE}.")


def _require_few_refs(asked: Asked) -> None:
    if len(asked.refs) > MAX_REFS:
        raise Invalid("draft.refs", f"It has {len(asked.refs)} references.", f"Leave at most {MAX_REFS}.")


def _staged(turn: Turn, addresses: tuple[str, ...]) -> tuple[Attachment, ...]:
    """Return the files that wait here for a record to name them. Raises `Invalid`."""
    found = [attachments.staged(turn.tx, turn.means.party, each) for each in addresses]
    if None in found:
        raise Invalid(
            "attachment.unstaged",
            "A file that the draft names by its address does not wait here.",
            "Hand it in anew: what no record names within a day is destroyed.",
        )
    return tuple(each for each in found if each is not None)
