"""What a workspace is: the whole surface by which one plugs into a node.

Law: a workspace describes itself by one frozen `Workspace` and does nothing else on import. Everything here has a
reader today; a field is added with the first face that reads it, not before.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import MetaData

from amanat.exchange.drafting import Asked
from amanat.exchange.matter import Waiting
from amanat.exchange.means import Turn
from amanat.exchange.tending import Attending
from amanat.officer.may import Act, Actor
from amanat.party.lexicon import Language
from amanat.record.kind import Kind


@dataclass(frozen=True, slots=True)
class Views:
    """Tables derived from records, always rebuildable from them.

    `tables` are created in the node's database, each name beginning with the workspace's and an underscore. Views have
    a version and no migrations: when `version` changes, the node drops the tables and applies all records again.
    """

    tables: MetaData
    version: int


@dataclass(frozen=True, slots=True)
class Importer:
    """How foreign files become bodies of records.

    `suffixes` are those of file names it takes (".json"); `read` returns for the bytes of one file each body with the
    label of its kind, and raises `Invalid` saying where in the file what is wrong. It decides nothing: an officer sees
    the bodies before any is sent.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Book:
    """Sentences that are titles of a kind's records, beside those of `words` ("title"), each in every language.

    What is filled in stands by its name in braces, as there. `reviewed` are the languages of which a native speaker has
    read all; `named` returns what a code that is filled in is called in a language, "" where it is called nothing.
    """

    kind: str
    sentences: Callable[[], Iterable[Mapping[Language, str]]]
    reviewed: frozenset[Language]
    named: Callable[[str], str]


class Nothing(msgspec.Struct, frozen=True):
    """The query of a page that is asked for nothing in particular."""


@dataclass(frozen=True, slots=True)
class Form:
    """How what is typed on a page becomes a draft of one of the workspace's kinds.

    Who may open its page and write drafts may send it. `fields` is a struct of what is typed; `draft` makes of it what
    a draft begins with, and writes nothing. The console keeps the draft and leads to it, where what is wrong with it is
    told field by field: let what may be mistyped be text here. What `fields` cannot read, and what `draft` raises
    (`Invalid`, `Refused`), is told on the page itself, shown again: its template has `problem`, and `typed` by name.
    """

    fields: type[msgspec.Struct]
    draft: Callable[[Turn, Actor, Any], Asked]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a draft is bound to that was begun on a page of its workspace: it follows from there, and nobody types it.

    So it is with these `fields` of its body, and with to whom it goes, what it refers to, whether it is an exercise,
    and how it is handled but for what is said where a person is named. What it is bound to is said by a code of the
    words ("bound") with `of` in it, in its own words (a hotline's title), or as the title of a record of a `kind` (its
    label). `then` is where one goes once it is sent,
    with {id} for the record's; `beside` is the record that one reads beside what one writes, by (party, id).
    """

    fields: frozenset[str]
    says: str
    of: str
    then: str
    beside: tuple[str, str] | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a deed comes to: records to send, records of others it opens, by (party, id), and where it leads `then`.

    `on` is what else it was done to, for the audit log ("watch:7"). What is opened is opened before anything is sent.
    `then` is an address of this node, the page itself where it is "", in which {party} and {id} are the name of the
    first record that was sent.
    """

    asked: tuple[Asked, ...] = ()
    opens: tuple[tuple[str, str], ...] = ()
    then: str = ""
    on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done at once by a form on a page, at POST /WORKSPACE/NAME: no draft is kept, and nothing is typed again.

    It is one transaction, noted as `act`: `does` reads what is typed (`fields`) and says what is sent and opened;
    the core sends it at the officer's post, by the way of every record. `page` is the page it stands on, shown again
    with its address, what was `typed`, the deed's name as `refused`, and what is wrong, when `does` raises `Invalid` or
    `Refused`, or sending does: so the form's address has the page's own query. Who may do it has the act's permission,
    and the page's; what it sends needs "record.send" besides, and what it opens "record.acknowledge".
    """

    name: str
    page: str
    act: Act
    fields: type[msgspec.Struct]
    does: Callable[[Turn, Actor, Any], Sent]


@dataclass(frozen=True, slots=True)
class Ring:
    """What rings on every page of the console until somebody opens it: who calls by what, since and until when.

    `title` is a code in the workspace's words ("ring"), `of` what it is about in its own words (a hotline's title),
    `urgent` whether it sounds until it is opened, and `path` where one opens it; `urgency` is one of the
    compact's, "" where it has none.
    """

    title: str
    of: str
    peer: str
    since: datetime
    due: datetime | None
    path: str
    urgent: bool
    exercise: bool = False
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page at /WORKSPACE/NAME, made by the template WORKSPACE/NAME.html and called by the word of "WORKSPACE.NAME".

    Who has `permission` is shown it. `context` returns what the template shows, for what the address asks (`query`); it
    may not write, so it shows nothing of a person's data but leads to the record, where each look is noted (floor 7).
    One whose query has to say something is reached from other pages only. Those of one `group` ("WORKSPACE.GROUP", a
    code of the words' "place") are listed together. A page that does show what names persons, to
    who may look at that, says of which records in `persons`, by (party, id): the look is noted before it is shown.
    """

    name: str
    permission: str
    context: Callable[[Turn, Actor, Any], Mapping[str, Any]]
    query: type[msgspec.Struct] = Nothing
    form: Form | None = None
    group: str = ""
    persons: Callable[[Turn, Actor, Any], Iterable[tuple[str, str]]] | None = None

    @property
    def listed(self) -> bool:
        """Whether it can be gone to without saying what one asks for."""
        return not any(each.required for each in msgspec.structs.fields(self.query))


@dataclass(frozen=True, slots=True)
class File:
    """What a workspace gives out in a format of others, at GET /WORKSPACE/NAME.

    `gives` returns its bytes, for what the address asks (`query`); like a page it may not write, and shows nothing of a
    person's data. `media` is its media type, and `name` ends as such files do ("calendar.ics").
    """

    name: str
    permission: str
    media: str
    gives: Callable[[Turn, Actor, Any], bytes]
    query: type[msgspec.Struct] = Nothing


@dataclass(frozen=True, slots=True)
class Workspace:
    """One thing people do together; `name` is its folder's, and begins the name of each of its kinds and tables.

    `icon` is what stands beside its name, one of those in `console/assets/icons.ts`. `words` say what its codes are
    called in English, by list (`console/words.py`): itself and its pages ("place"), its kinds and their fields ("kind",
    "field"), its matters and what follows if nobody acts ("matter", "follows"), titles of its records, by their kind
    ("title"); `locale/*.po` translates them, and `book` has what it says in all languages itself. One goes to the first
    of `pages` that one may open. `waits` counts what waits there; without it, what was not read yet does. `now` returns
    what this officer may do now, as `Waiting` of "workspace", its records to be read among that; `rings`, what rings
    for that officer; `bound`, what a draft of its kinds is bound to, if anything. `tend` is asked every second while
    the node is served, in a transaction that reads, and returns what the node is to say by itself, at the post "node";
    asked again in the one that writes, it returns that no more once it was said. What only a served node knows is
    `Attending`. `spent` returns, every minute then, the digests under which its deeds keep something back
    (`store.kept_back`) that need not be said any more: it is destroyed.
    """

    name: str
    icon: str
    kinds: tuple[Kind, ...]
    views: Views
    importers: tuple[Importer, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    book: Book | None = None
    pages: tuple[Page, ...] = ()
    deeds: tuple[Deed, ...] = ()
    files: tuple[File, ...] = ()
    waits: Callable[[Turn, Actor], int] | None = None
    now: Callable[[Turn, Actor], Iterable[Waiting]] | None = None
    rings: Callable[[Turn, Actor], Iterable[Ring]] | None = None
    bound: Callable[[Turn, Asked], Bound | None] | None = None
    tend: Callable[[Turn, Attending], Iterable[Asked]] | None = None
    spent: Callable[[Turn], Iterable[str]] | None = None
