"""A foreign file as the body of a draft: chosen or pasted, read, shown, and only then taken in."""

from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.params import FromPath

from amanat.console import body, draft_form, fields
from amanat.console.done import on_to
from amanat.console.draft import CHANGED
from amanat.console.shell import inside
from amanat.exchange import drafts
from amanat.exchange.caller import Caller
from amanat.exchange.means import Means, look
from amanat.exchange.route import Here, Typed, Who, reads, takes
from amanat.party.errors import Invalid
from amanat.record.kind import Kind
from amanat.store.drafts import Row

FIRST: Final = 12
"""So many parts of what a file holds are shown at once; how many more there are is said, and they open below."""


@reads("/draft/{id_:str}/import", "record.compose")
def show(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str]) -> Response[str]:
    """Show where a file is chosen or pasted."""
    return _page(request, means, caller, drafts.opened(means, caller.actor, id_), {})


@takes("/draft/{id_:str}/import", "record.compose", "record.compose", sync_to_thread=True)
def take(request: Request[Any, Any, Any], means: Here, caller: Who, id_: FromPath[str], typed: Typed) -> Response[Any]:
    """Show what a file holds, and keep nothing; or take in what was shown."""
    row = drafts.opened(means, caller.actor, id_)
    text = next((each for name in ("file", "text") for each in typed.get(name, ()) if each.strip()), "")
    try:
        found = _read(means, row, text)
        if "take" not in typed:
            return _page(request, means, caller, row, {"text": text, "found": found})
        chosen = found[fields.number(typed, "take", len(found) - 1)]["body"]
        version = fields.number(typed, "version", drafts.MOST_VERSIONS)
        asked = msgspec.structs.replace(drafts.form(row), body=chosen)
        drafts.change(means, caller.actor, row.id, version, asked)
    except Invalid as problem:
        row = drafts.opened(means, caller.actor, id_) if problem.code == CHANGED else row
        return _page(request, means, caller, row, {"text": text}, problem)
    return on_to(caller.cookie, f"/draft/{row.id}", "saved")


def _read(means: Means, row: Row, text: str) -> list[dict[str, Any]]:
    """Return the bodies in a file: each as JSON, with its title and what of it may be a person. Raises `Invalid`."""
    if not text:
        raise Invalid(
            "import.empty", "No file was chosen, and nothing was pasted.", "Choose a file, or paste its text."
        )
    with look(means) as turn:
        under = draft_form.agreed(turn, drafts.form(row))
    if under is None:
        raise Invalid(
            "import.kind", "The draft is of no kind that is known here.", "Begin another under a compact in force."
        )
    bodies = [
        held
        for each in draft_form.importers(under.kind)
        for label, held in each.read(text.encode())
        if label == under.kind.label
    ]
    if not bodies:
        raise Invalid("import.none", f"The file holds no {under.kind.label}.", "Choose another file.")
    return [_shown(under.kind, each) for each in bodies]


def _shown(kind: Kind, held: Any) -> dict[str, Any]:  # noqa: ANN401 - a struct of the kind
    facts = kind.facts(held)
    plain = msgspec.json.decode(msgspec.json.encode(held))
    shown = body.shown(kind, plain, whole=True)
    return {
        "body": plain,
        "first": msgspec.structs.replace(shown, parts=shown.parts[:FIRST]),
        "rest": shown.parts[FIRST:],
        "title": kind.title(held),
        "person": facts.person,
        "marked": facts.marked,
    }


def _page(
    request: Request[Any, Any, Any],
    means: Means,
    caller: Caller,
    row: Row,
    given: dict[str, Any],
    problem: Invalid | None = None,
) -> Response[str]:
    asked = drafts.form(row)
    with look(means) as turn:
        under = draft_form.agreed(turn, asked)
    empty = {"here": "drafts", "row": row, "kind": asked.kind.partition("/")[0], "text": "", "found": []}
    takes_ = draft_form.importers(under.kind) if under else ()
    return inside(request, means, caller, "draft_import.html", empty | {"importers": takes_} | given, problem)


ROUTES: Final[list[Any]] = [show, take]
"""Choosing a file, and what becomes of it."""
